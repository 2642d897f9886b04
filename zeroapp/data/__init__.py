"""A person's data: read, mend, keep, look at, split. Knows no torch and no window."""

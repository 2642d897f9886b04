"""A person's data: read, mend, keep, look at, split. Knows no torch, no window, no project folder."""

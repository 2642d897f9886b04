"""A finished model at work: whole files, and questions one by one."""

"""The process that does the work: a supervisor without torch, and its ranks."""

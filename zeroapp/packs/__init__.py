"""Which Python the worker runs in: this app's own, a managed one, or another.

Loads no torch; only `trial` does, in a process of its own.
"""

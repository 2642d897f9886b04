"""The window: Qt only. It shows runs and asks for jobs; the work itself is done by the worker."""

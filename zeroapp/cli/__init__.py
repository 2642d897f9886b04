"""The `zeroapp` command: every step of the way from a file to an export, without a window."""

from zeroapp.cli.entry import main

__all__ = ["main"]

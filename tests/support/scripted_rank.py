"""Entry of a scripted rank, see `support.scripted`."""

from support.scripted import main_of_rank as main

__all__ = ["main"]

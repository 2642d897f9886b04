"""Entry of a capped rank, see `support.capped`."""

from support.capped import main_of_rank as main

__all__ = ["main"]

"""What a supervisor tells a rank first: which run it works on and which rank it is."""

import msgspec


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """The first line on a rank's stdin; every later line is an `Order`, its end means leave.

    store: a path where the ranks of one gang find each other; does not exist yet, never reused.
    part: which gang of a job that takes several, one after the other, from 0.
    """

    folder: str
    rank: int
    ranks: int
    store: str
    part: int = 0

"""What a process comes to hold that keeps all memory it ever had: the very allocator is asked.

Training's tensors come and go in one order, step after step. A process of its own asks jemalloc
for the same sizes in the same order, touches none of it, and counts the pages it was given: no
model of an allocator is as near as the allocator (docs/decisions/050). No torch.
"""

import ctypes
import json
import mmap
import subprocess
import sys
from collections.abc import Iterable

from zeroapp.engine import allocator
from zeroapp.programs import python_module
from zeroapp.runs.process import environment

Moves = Iterable[tuple[int, int]]
"""A storage's number and the bytes it now has, in the order in which it happened; 0 ends it."""

_ALIGNED = 64
"""As torch asks for memory (c10/core/alignment.h)."""


def kept_bytes(moves: Moves) -> int:
    """All that jemalloc would have taken from the system by the end of these moves. Only where
    there is one (`allocator.keeps_all`).
    """
    asked = subprocess.run(
        python_module(__name__),
        input=json.dumps(list(moves)),
        env=environment() | allocator.keeping(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(asked.stdout)


def _play(moves: Moves) -> int:
    """Bytes of all pages that this process' allocator hands out for the moves."""
    library = ctypes.CDLL(None)
    library.free.argtypes = [ctypes.c_void_p]
    held: dict[int, int] = {}
    pages: set[int] = set()
    for number, size in moves:
        if number in held:
            library.free(held.pop(number))
        if size:
            place = ctypes.c_void_p()
            failed = library.posix_memalign(
                ctypes.byref(place), ctypes.c_size_t(_ALIGNED), ctypes.c_size_t(size)
            )
            if failed or not place.value:
                raise MemoryError
            held[number] = place.value
            last = (place.value + size - 1) // mmap.PAGESIZE
            pages.update(range(place.value // mmap.PAGESIZE, last + 1))
    return len(pages) * mmap.PAGESIZE


if __name__ == "__main__":
    sys.stdout.write(str(_play(json.load(sys.stdin))))

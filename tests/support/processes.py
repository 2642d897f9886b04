"""What processes a test has started: for killing one, and for proving that none is left."""

import os
import time
from collections.abc import Callable

import psutil


def of_this_test() -> list[psutil.Process]:
    """Every process that carries this test's ZEROAPP_HOME, but this one."""
    home = os.environ["ZEROAPP_HOME"]
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("ZEROAPP_HOME") == home
            if ours and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def eventually(true: Callable[[], bool], *, within: float) -> bool:
    """Whether it becomes true in time."""
    until = time.monotonic() + within
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def none_left(within: float = 5.0) -> bool:
    """Whether everything this test started is gone by itself; what is left is ended now."""
    gone = eventually(lambda: not of_this_test(), within=within)
    for process in of_this_test():
        process.kill()
    return gone

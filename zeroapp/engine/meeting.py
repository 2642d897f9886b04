"""Where processes of several machines meet: a small store on the first one. Knows no training."""

import os
import socket
import time
from dataclasses import dataclass
from datetime import timedelta

from torch._C._distributed_c10d import (  # the stubs name them only here
    PrefixStore,
    Store,
    TCPStore,
)
from torch.distributed import DistError

from zeroapp.errors import AppError, ResourceError

_LOOK = 0.2
"""Seconds between two looks for who is here."""

_BYE = 30.0
"""Seconds the first waits for the others to have read that all are here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """The first machine's address as all can reach it, and how many seconds to wait for all.

    hosted: somebody else (torchrun) holds the store there already. attempt: counts its restarts.
    """

    host: str
    port: int
    patience: float = 300.0
    hosted: bool = False
    attempt: str = "0"

    def store(self, *, me: int, of: int, kind: str) -> Store:
        """The store, once all `of` are there; `kind` is what they are called ("machines").

        Raises ResourceError("port-taken", "first-machine-silent", "machines-missing").
        """
        store = PrefixStore(f"zeroapp/{kind}/{self.attempt}", self._open(me))
        try:
            self._wait_for_all(store, me=me, of=of, kind=kind)
        except DistError as error:
            raise self._silent(error) from error
        return store

    def _open(self, me: int) -> TCPStore:
        try:
            return TCPStore(
                self.host,
                self.port,
                is_master=me == 0 and not self.hosted,
                wait_for_workers=False,
                multi_tenant=True,
                timeout=timedelta(seconds=self.patience),
                use_libuv=os.name == "posix",
            )
        except DistError as error:
            if "EADDRINUSE" in str(error) or "in use" in str(error):
                raise _taken(self.port, error) from error
            raise self._silent(error) from error

    def _wait_for_all(self, store: Store, *, me: int, of: int, kind: str) -> None:
        store.set(f"here/{me}", "1")
        until = time.monotonic() + self.patience
        while missing := [one for one in range(of) if not store.check([f"here/{one}"])]:
            if time.monotonic() > until:
                raise _missing(missing, of=of, kind=kind, patience=self.patience)
            time.sleep(_LOOK)

    def roll_call(self, *, me: int, of: int) -> None:
        """Return when all machines are there, and leave the port free for whoever comes next.

        Raises as `store` does.
        """
        store = self.store(me=me, of=of, kind="machines")
        store.set(f"bye/{me}", "1")
        until = time.monotonic() + _BYE
        while me == 0 and time.monotonic() < until:
            if all(store.check([f"bye/{one}"]) for one in range(of)):
                return
            time.sleep(_LOOK / 10)

    def own_address(self) -> str:
        """This machine's address as the first machine sees it; nothing is sent to find it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((self.host, self.port))
            address: str = probe.getsockname()[0]
        return address

    def _silent(self, error: Exception) -> ResourceError:
        return ResourceError(
            "first-machine-silent",
            title=f"The first machine does not answer at {self.host}, port {self.port}. "
            "Nothing was trained; what was saved before is safe.",
            hint="Start it there too, check the address, and that no firewall keeps the port shut.",
            detail=str(error),
        )


def meeting_of_environment() -> Meeting:
    """What torchrun, `accelerate launch` or a scheduler has said in MASTER_ADDR and MASTER_PORT."""
    return Meeting(
        host=os.environ["MASTER_ADDR"],
        port=int(os.environ["MASTER_PORT"]),
        patience=float(os.environ.get("ZEROAPP_PATIENCE", "300")),
        hosted=os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True",
        attempt=os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"),
    )


def _taken(port: int, error: Exception) -> ResourceError:
    return ResourceError(
        "port-taken",
        title=f"Port {port} of this machine is used by another program. Nothing was changed.",
        hint="Choose another one on every machine, for example: MASTER_PORT=29577 sh run.sh 0",
        detail=str(error),
    )


def _missing(missing: list[int], *, of: int, kind: str, patience: float) -> AppError:
    names = ", ".join(str(one) for one in missing)
    return ResourceError(
        "machines-missing",
        title=f"Only {of - len(missing)} of {of} {kind} are here after {patience:.0f} seconds; "
        f"missing: {names} (they count from 0). Nothing was trained.",
        hint="Start the missing ones, check that they can reach the first machine, then start all "
        "again. ZEROAPP_PATIENCE=900 waits longer (seconds).",
    )

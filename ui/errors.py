"""Turns whatever went wrong into a `Failure` the user can read, and catches what nobody caught.

Drawing it is the work of `widgets/error_card.py`.
"""

import sys
import traceback
from collections.abc import Callable
from types import TracebackType

from zeroapp import logs
from zeroapp.errors import AppError, Failure


def failure_of(error: BaseException) -> Failure:
    """`error` in the user's words; what nobody foresaw becomes "unexpected" with its trace."""
    if isinstance(error, AppError):
        return error.failure()
    return Failure(
        code="unexpected",
        title="Something went wrong that this app did not expect.",
        hint="Your project is safe on disk. Try again; if it happens again, copy the report and "
        "send it to the makers.",
        detail="".join(traceback.format_exception(error)),
    )


def report_text(failure: Failure) -> str:
    """What “Copy report” puts on the clipboard."""
    return f"{failure.code}\n{failure.title}\n{failure.hint}\n\n{failure.detail}".rstrip() + "\n"


def install_excepthook(show: Callable[[Failure], object]) -> None:
    """Send every uncaught exception to `show`; the window stays open. Called once, by app.py."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        logs.get("window").error("".join(traceback.format_exception(kind, error, trace)))
        if isinstance(error, Exception):
            show(failure_of(error))

    sys.excepthook = hook

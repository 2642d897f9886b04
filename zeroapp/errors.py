"""What can go wrong, as values (`Problem`) and exceptions (`AppError`), in the user's words.

AppError                 stops the work; has a stable code, a title, one next step      exit 1
├── UsageError           a command, an option or a plan field is wrong                  exit 2
├── DataError            the data must be mended first                                  exit 3
├── ResourceError        disk full, memory short, no permission, project busy           exit 1
├── ModelError           base model missing, unsafe, cut off; checkpoint broken         exit 1
└── WorkError            training diverged, a rank was lost, an export answers otherwise exit 1
"""

import traceback
from enum import StrEnum
from typing import ClassVar

import msgspec


class Severity(StrEnum):
    """How much a Problem weighs: `blocking` must be mended before training."""

    blocking = "blocking"
    warning = "warning"
    info = "info"


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where something is: a file name, a line of it (1 is the first line), a column name."""

    file: str | None = None
    line: int | None = None
    column: str | None = None


ROWS_NAMED = 1000
"""Rows a Problem names at most; its count may be larger."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something the user can mend. `code` is stable; the other texts are whole sentences.

    title: what is the matter. why: why it matters. remedy: what to do.
    count: how many rows are touched. examples: a few texts that show it, at most five.
    rows: the ids of stored rows that are touched, at most ROWS_NAMED. mend: key of a way to mend
    that the app offers, else empty. blind: what the check behind it cannot see.
    """

    code: str
    severity: Severity
    title: str
    why: str = ""
    remedy: str
    place: Place = Place()
    count: int = 0
    examples: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    mend: str = ""
    blind: str = ""


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An AppError as a value: what crosses from worker to window and to `--json`.

    detail is for a bug report (trace, log lines), never shown unasked.
    """

    code: str
    title: str
    hint: str
    detail: str = ""
    exit_code: int = 1


class AppError(Exception):
    """Stops the work. `title` says what happened and what is safe, `hint` the one next step."""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, *, title: str, hint: str, detail: str = "") -> None:
        super().__init__(f"{title} {hint}")
        self.code = code
        self.title = title
        self.hint = hint
        self.detail = detail

    def failure(self) -> Failure:
        """This error as a value."""
        return Failure(
            code=self.code,
            title=self.title,
            hint=self.hint,
            detail=self.detail,
            exit_code=self.exit_code,
        )


class UsageError(AppError):
    """A command, an option or a plan field is wrong."""

    exit_code = 2


class DataError(AppError):
    """The data must be mended first. `problems` says where and how."""

    exit_code = 3

    def __init__(
        self,
        code: str,
        *,
        title: str,
        hint: str,
        detail: str = "",
        problems: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(code, title=title, hint=hint, detail=detail)
        self.problems = problems


class ResourceError(AppError):
    """The computer lacks something: disk, memory, a permission, or the project is busy."""


class ModelError(AppError):
    """A base model or a checkpoint cannot be had, or must not be trusted."""


class WorkError(AppError):
    """The work itself went wrong: training diverged, a rank was lost, an export differs."""


def unexpected(error: BaseException) -> WorkError:
    """The error for what nobody foresaw, with the end of its trace in the detail."""
    return WorkError(
        "unexpected",
        title="Something went wrong that zeroapp does not know.",
        hint="What was saved is safe. Try again; if it happens again, send us the report.",
        detail="".join(traceback.format_exception(error))[-8000:],
    )

"""Torch's and the system's errors become a sentence and a next step."""

import errno

import pytest
import torch

from zeroapp.engine.failures import translate
from zeroapp.errors import UsageError


def chained(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk-full"),
        (RuntimeError("[enforce fail] write: No space left on device"), "disk-full"),
        (chained(RuntimeError("save"), OSError(errno.ENOSPC, "x")), "disk-full"),
        (PermissionError(errno.EACCES, "denied", "/a/b"), "no-permission"),
        (MemoryError(), "out-of-memory"),
        (torch.OutOfMemoryError("CUDA out of memory"), "out-of-memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "out-of-memory"),
        (RuntimeError("Connection closed by peer [127.0.0.1]"), "rank-lost"),
        (ZeroDivisionError("odd"), "unexpected"),
    ],
)
def test_known_errors_have_a_code_and_a_next_step(error, code):
    told = translate(error)

    assert told.code == code
    assert told.hint
    assert "Traceback" not in told.title + told.hint
    assert type(error).__name__ in told.detail


def test_our_own_errors_pass_as_they_are():
    ours = UsageError("x", title="t.", hint="h.")

    assert translate(chained(RuntimeError("outer"), ours)) is ours

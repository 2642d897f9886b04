"""Torch's and the system's exceptions, in the user's words. Anything unknown keeps its trace."""

import errno
import traceback
from collections.abc import Iterator

import torch
from safetensors import SafetensorError

from zeroapp.errors import AppError, ModelError, ResourceError, WorkError, unexpected

_LOST_RANK = ("Connection closed by peer", "Connection reset", "Timed out", "timed out waiting")


def translate(error: BaseException) -> AppError:
    """What to tell the user; walks the chain of causes, the first that is known decides."""
    detail = "".join(traceback.format_exception(error))[-8000:]
    for cause in _causes(error):
        if isinstance(cause, AppError):
            return cause
        known = _known(cause, detail)
        if known is not None:
            return known
    return unexpected(error)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _known(cause: BaseException, detail: str) -> AppError | None:
    if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
        return _disk_full(detail)
    if "No space left on device" in str(cause):
        return _disk_full(detail)
    if isinstance(cause, PermissionError):
        return _no_permission(cause, detail)
    if isinstance(cause, torch.OutOfMemoryError | MemoryError) or "can't allocate" in str(cause):
        return _out_of_memory(detail)
    if isinstance(cause, SafetensorError):
        return _damaged_model(detail)
    if isinstance(cause, RuntimeError) and any(sign in str(cause) for sign in _LOST_RANK):
        return _lost_rank(detail)
    return None


def _disk_full(detail: str) -> ResourceError:
    return ResourceError(
        "disk-full",
        title="The disk is full. What was saved before is safe.",
        hint="Free some space, then press “Go on”.",
        detail=detail,
    )


def _no_permission(cause: PermissionError, detail: str) -> ResourceError:
    return ResourceError(
        "no-permission",
        title=f"zeroapp may not use {cause.filename or 'a file it needs'}.",
        hint="Give yourself permission for that folder, or choose another one.",
        detail=detail,
    )


def _out_of_memory(detail: str) -> ResourceError:
    return ResourceError(
        "out-of-memory",
        title="The memory of this computer ran out. What was saved before is safe.",
        hint="Close other programs, or plan again with a smaller memory limit, then go on.",
        detail=detail,
    )


def _damaged_model(detail: str) -> ModelError:
    return ModelError(
        "model-damaged",
        title="A model file on this computer is damaged.",
        hint="Remove the model in the settings so that it is fetched afresh, then try again.",
        detail=detail,
    )


def _lost_rank(detail: str) -> WorkError:
    return WorkError(
        "rank-lost",
        title="One of the training processes stopped answering.",
        hint="Training goes on from the last saved state.",
        detail=detail,
    )

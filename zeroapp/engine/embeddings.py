"""What the frozen base makes of each example, kept in the project: computed once, reused by all.

Knows no check. The file is only a cache: when it cannot be read it is made anew.
"""

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from zeroapp.catalogue import Base
from zeroapp.dataset import Example
from zeroapp.engine.device import probe
from zeroapp.engine.heavy import heavy_half
from zeroapp.engine.reading import Floats, ReadProgress, read_features
from zeroapp.plan import Device, Pooling, Precision, TrainPlan
from zeroapp.task import LabelTraining
from zeroapp.work import Work
from zeroapp.writing import write_whole

FILE = "embeddings.safetensors"

_TOKENS = 128
_CHUNK = 1024
_SAVE_EVERY = 20.0

Kept = dict[bytes, NDArray[np.float16]]


def embed(
    examples: Sequence[Example], *, task: str, base: Base, folder: Path, work: Work
) -> Floats:
    """Vectors of unit length (examples, width), in order; what is in the cache is not computed.

    folder: the project's. Says Progressed; raises Stopped, and what was done until then is kept.
    """
    keys = [_key(example) for example in examples]
    kept = _read(folder / FILE, base=base)
    missing = {key: example for key, example in zip(keys, examples, strict=True) if key not in kept}
    if missing:
        _compute(missing, task=task, base=base, kept=kept, file=folder / FILE, work=work)
    found = np.stack([kept[key] for key in keys]).astype(np.float32)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    unit: Floats = found / np.maximum(lengths, 1e-9)
    return unit


def _compute(
    missing: dict[bytes, Example], *, task: str, base: Base, kept: Kept, file: Path, work: Work
) -> None:
    plan = _plan(task=task, base=base, faster=probe(work, measure=False).bf16_faster)
    training = cast("LabelTraining", heavy_half(plan, work=work))
    model = training.build()
    progress = ReadProgress(total=len(missing), work=work)
    keys, saved = list(missing), time.monotonic()
    try:
        for start in range(0, len(keys), _CHUNK):
            some = keys[start : start + _CHUNK]
            encoded = training.encode([missing[key] for key in some])
            vectors = read_features(training, model, encoded, plan=plan, progress=progress)
            kept.update(zip(some, vectors.astype(np.float16), strict=True))
            if time.monotonic() - saved > _SAVE_EVERY:
                _write(file, kept, base=base)
                saved = time.monotonic()
    finally:
        _write(file, kept, base=base)


def _plan(*, task: str, base: Base, faster: bool) -> TrainPlan:
    """A plan to read by: nothing in it is about learning."""
    return TrainPlan(
        task=task,
        base=base.key,
        data_version="",
        labels=("", " "),
        max_length=min(_TOKENS, base.max_length),
        pooling=Pooling(base.pooling),
        prefix=base.prefix,
        packing=base.pooling == "mean",
        precision=Precision.bf16 if faster else Precision.fp32,
        device=Device.cpu,
    )


def _key(example: Example) -> bytes:
    """Names what is read of an example, not where it stands or how it is called."""
    return hashlib.blake2b(example.text.encode("utf-8", "replace"), digest_size=16).digest()


def _read(file: Path, *, base: Base) -> Kept:
    try:
        with safe_open(file, framework="np") as opened:
            if (opened.metadata() or {}).get("base") != base.key:
                return {}
            keys, vectors = opened.get_tensor("keys"), opened.get_tensor("vectors")
    except (OSError, SafetensorError):
        return {}
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def _write(file: Path, kept: Kept, *, base: Base) -> None:
    if not kept:
        return
    keys = np.frombuffer(b"".join(kept), np.uint8).reshape(len(kept), -1)
    vectors = np.stack(list(kept.values()))
    write_whole(file, save({"keys": keys, "vectors": vectors}, {"base": base.key}))

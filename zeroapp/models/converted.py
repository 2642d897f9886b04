"""Makes starters once that are packed in another way: plain transformers folders in the cache.

The multilingual one is stored as fp32, 470 MB: the dequantised values are exact there, and the
ranks of a run share the frozen word table through the page cache. fp16 would halve the file but
round the values, and load as fp16, slow on a CPU, wherever the number format is left to
transformers.
"""

import json
import math
import shutil
import struct
from pathlib import Path
from typing import Any

import msgspec

from zeroapp.catalogue import Starter
from zeroapp.models import gguf_model, lite
from zeroapp.models.e5_file import E5File, open_e5
from zeroapp.models.files import POOLING
from zeroapp.models.packaged import verify
from zeroapp.models.store import Meter, alone, models_dir, need_space, put_in_place, writing
from zeroapp.protocol import PhaseEntered
from zeroapp.work import Work

STAMP = "zeroapp-made.json"
# Raised when the folder's layout changes, so that folders of an older app are made anew.
_LAYOUT = 1
_FP32 = 4
_TOKENIZER = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "model_max_length": 512,
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "mask_token": "<mask>",
    "model_input_names": ["input_ids", "attention_mask"],
}


class _Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What the folder was made of, and by which layout."""

    layout: int
    parts: tuple[str, ...]


def converted(starter: Starter, work: Work) -> Path:
    """The starter's folder, made now if need be.

    Says Progressed in bytes; raises Stopped, ResourceError "disk-full", ModelError "model-broken".
    """
    folder = models_dir() / starter.base.key
    stamp = _Stamp(layout=_LAYOUT, parts=tuple(part.sha256 for part in starter.parts))
    if _stamp_of(folder) == stamp:
        return folder
    with alone(starter.base.key, work):
        if _stamp_of(folder) != stamp:  # another process may have made it while we waited
            _make(starter, stamp, folder=folder, work=work)
    return folder


def _stamp_of(folder: Path) -> _Stamp | None:
    try:
        return msgspec.json.decode((folder / STAMP).read_bytes(), type=_Stamp)
    except (OSError, msgspec.MsgspecError):
        return None


def _make(starter: Starter, stamp: _Stamp, *, folder: Path, work: Work) -> None:
    work.say(PhaseEntered(phase="base-model", title="Getting the base model ready, once"))
    files = [verify(part) for part in starter.parts]
    stage = folder.with_name(folder.name + ".new")
    shutil.rmtree(stage, ignore_errors=True)
    need_space(starter.base.bytes + files[-1].stat().st_size, folder=folder)
    try:
        with writing(folder):
            stage.mkdir(parents=True)
            _FILL[files[0].suffix](files, stage, work=work)
            (stage / STAMP).write_bytes(msgspec.json.encode(stamp))
            put_in_place(stage, folder)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _fill_e5(files: list[Path], folder: Path, *, work: Work) -> None:
    weights, tokenizer = files
    source = open_e5(weights)
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    _write_json(folder / "tokenizer_config.json", _TOKENIZER)
    _write_json(folder / "config.json", source.config())
    _write_weights(source, folder / "model.safetensors", work=work)
    (folder / POOLING).parent.mkdir()
    _write_json(folder / POOLING, {"pooling_mode_mean_tokens": True})


_FILL = {".bin": _fill_e5, ".pth": lite.fill, ".gguf": gguf_model.fill}
"""How the files of a starter become a folder, by the ending of the first."""


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _write_weights(source: E5File, path: Path, *, work: Work) -> None:
    """The tensors as safetensors (github.com/huggingface/safetensors, "Format"), piece by piece.

    The library's own writer wants all tensors in memory twice, 1 GB, and cannot be stopped.
    """
    header = _header(source)
    meter = Meter(work, total=_FP32 * sum(one.values for one in source.tensors.values()))
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        for name in source.tensors:
            for piece in source.read(name):
                file.write(piece.astype("<f4", copy=False).data)
                meter.add(piece.nbytes)


def _header(source: E5File) -> bytes:
    entries: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name in source.tensors:
        shape = source.shape(name)
        begin, end = end, end + _FP32 * math.prod(shape)
        entries[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(entries).encode()
    return text + b" " * (-len(text) % 8)

"""Writes tiny files in the packed E5 format, with plain loops, and says what they must read as."""

import struct
from pathlib import Path

import numpy as np

HIDDEN, LAYERS, HEADS, WIDE, WORDS, POSITIONS = 32, 2, 2, 64, 40, 16
BLOCK = 32


def values() -> dict[str, np.ndarray]:
    """Every tensor by the file's own names."""
    random = np.random.default_rng(3)
    matrices = {"emb.word": (WORDS, HIDDEN)}
    plain = {"emb.pos": (POSITIONS, HIDDEN), "emb.type": (2, HIDDEN)}
    plain |= {f"emb.ln.{kind}": (HIDDEN,) for kind in "wb"}
    for layer in range(LAYERS):
        for part, rows, columns in (
            ("q", HIDDEN, HIDDEN),
            ("k", HIDDEN, HIDDEN),
            ("v", HIDDEN, HIDDEN),
            ("ao", HIDDEN, HIDDEN),
            ("fi", WIDE, HIDDEN),
            ("fo", HIDDEN, WIDE),
        ):
            matrices[f"l{layer}.{part}.w"] = (rows, columns)
            plain[f"l{layer}.{part}.b"] = (rows,)
        plain |= {f"l{layer}.{norm}.{kind}": (HIDDEN,) for norm in ("aln", "oln") for kind in "wb"}
    made = {name: random.normal(0, 1, shape).astype(np.float32) for name, shape in plain.items()}
    return made | {name: _quantised(random, shape) for name, shape in matrices.items()}


def _quantised(random, shape) -> np.ndarray:
    """Values that 4 bits hold exactly: whole numbers from -8 to 7 times a half-precision scale."""
    whole = random.integers(-8, 8, int(np.prod(shape)))
    scales = random.uniform(0.01, 0.1, len(whole) // BLOCK).astype(np.float16)
    return (whole * np.repeat(scales.astype(np.float32), BLOCK)).astype(np.float32).reshape(shape)


def _pack(tensor: np.ndarray) -> bytes:
    packed = b""
    for block in tensor.reshape(-1, BLOCK):
        scale = _scale(block)
        digits = [round(float(value) / float(scale)) + 8 for value in block]
        pairs = zip(digits[: BLOCK // 2], digits[BLOCK // 2 :], strict=True)
        packed += struct.pack("<e", float(scale)) + bytes(low | high << 4 for low, high in pairs)
    return packed


def _scale(block: np.ndarray) -> np.float16:
    """The half-precision scale of which every value of the block is a whole multiple."""
    size = np.abs(block).max()
    fits = (np.float16(size / n) for n in range(8, 0, -1))
    return next(
        scale
        for scale in fits
        if np.allclose(block / np.float32(scale), np.round(block / np.float32(scale)), atol=1e-4)
    )


def write(path: Path) -> Path:
    """The file, its own word list of two entries included."""
    tensors = values()
    head = struct.pack(
        "<4sI7ifi", b"E5S1", 1, HIDDEN, LAYERS, HEADS, WIDE, WORDS, POSITIONS, 2, 1e-12, BLOCK
    )
    blob = b"<s>x"
    head += struct.pack("<5iQ", 2, 0, 2, 1, 3, len(blob))
    head += struct.pack("<3I2f", 0, 3, 4, 0.0, -1.0) + blob
    head += struct.pack("<iI", 1, 5) + b"normA" + struct.pack("<i", len(tensors))
    bodies = {
        name: _pack(tensor) if _packed(name) else tensor.tobytes()
        for name, tensor in tensors.items()
    }
    offset = len(head) + sum(2 + len(name) + 21 for name in tensors)
    table = b""
    for name, tensor in tensors.items():
        table += struct.pack("<H", len(name)) + name.encode()
        table += struct.pack("<BIQQ", _packed(name), tensor.size, offset, len(bodies[name]))
        offset += len(bodies[name])
    path.write_bytes(head + table + b"".join(bodies.values()))
    return path


def _packed(name: str) -> bool:
    return name == "emb.word" or (name.endswith(".w") and name.split(".")[1] not in LAYER_NORMS)


LAYER_NORMS = {"ln", "aln", "oln"}

"""Pictures: opened in bounded space, turned the right way, kept as small clean copies. No torch."""

import hashlib
import io
import struct
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from zeroapp.errors import DataError
from zeroapp.writing import write_whole

MOST_PIXELS = 120_000_000
"""A picture of more is not opened: as pixels it would take half a gigabyte and more."""

_TOO_MANY = f"more than {MOST_PIXELS // 10**6} million points; add a smaller copy of it"
MOST_BYTES = 200 << 20
SIDE = 512
"""The shorter side of a kept copy at most: more than any common base model looks at."""

LONGEST = 2048
_BOX_HEAD = 8
_DAMAGED = (
    *(OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, struct.error),
    RuntimeError,  # pi-heif, while it decodes
)
"""What readers of pictures raise on damaged files."""

TINY = 8
"""A picture with a shorter side shows nothing that could be learned."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF")
_LOSSLESS = frozenset({"PNG", "GIF", "BMP", "TIFF"})

Pixels = NDArray[np.uint8]


class Kept(NamedTuple):
    """A picture that is stored. animated: only the first of several frames was kept.

    new: it was not there before.
    """

    name: str
    animated: bool
    new: bool


def keep(path: Path, *, into: Path) -> Kept:
    """Store a clean copy of a picture below `into`: upright, RGB, no larger than need be, without
    what cameras write about time and place. Raises DataError("not-a-picture"); OSError.
    """
    if path.stat().st_size > MOST_BYTES:
        raise _unfit(path, why=f"it has more than {MOST_BYTES >> 20} MB")
    content = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
    folder = into / content[:2]
    for there in folder.glob(f"{content}.*"):
        return Kept(there.name, animated=False, new=False)
    image, animated, lossless = _opened(path, side=SIDE)
    image.thumbnail(_copy_size(image.size), Image.Resampling.LANCZOS)
    ending, data = _encoded(image, lossless=lossless)
    name = f"{content}.{fingerprint(image):016x}.{ending}"
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / name, data, durable=False)
    return Kept(name, animated=animated, new=True)


def open_picture(path: Path, *, side: int = 0) -> Image.Image:
    """A picture as RGB, upright; see-through parts are white. side: the shorter side need not be
    longer, which saves time on photographs. Raises DataError("not-a-picture").
    """
    image, _, _ = _opened(path, side=side)
    return image


def fingerprint(image: Image.Image) -> int:
    """64 bits that say where the picture gets brighter from left to right, coarsely (dHash).

    Cannot see a picture turned, mirrored or cut differently as the same.
    """
    small = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    bits = (small[:, 1:] > small[:, :-1]).flatten()
    return int("".join("1" if bit else "0" for bit in bits), 2)


def _opened(path: Path, *, side: int) -> tuple[Image.Image, bool, bool]:
    """The picture, whether it moves, and whether it was stored without loss."""
    _know_heif()
    try:
        with warnings.catch_warnings():
            # Odd notes of cameras and sizes that are looked at below.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_FORMATS) as image:
                _refuse_size(path, image.size)
                kind = image.format or ""
                if kind == "HEIF":
                    _refuse_cut_off(path)
                animated = getattr(image, "n_frames", 1) > 1 and kind in {"GIF", "WEBP", "PNG"}
                if side and kind in {"JPEG", "MPO"}:
                    image.draft("RGB", (side, side))
                upright = ImageOps.exif_transpose(image)
                return _plain(upright), animated, kind in _LOSSLESS
    except DataError:
        raise
    except UnidentifiedImageError as error:
        raise _unfit(path, why="it is not a picture of a kind that can be read") from error
    except Image.DecompressionBombError as error:
        raise _unfit(path, why=f"it has {_TOO_MANY}") from error
    except MemoryError as error:  # a part of a damaged PNG may say that it has gigabytes
        raise _unfit(path, why="it asks for more memory than there is") from error
    except _DAMAGED as error:
        if isinstance(error, (PermissionError, FileNotFoundError)):
            raise
        raise _unfit(path, why="it is damaged or cut off", detail=str(error)) from error


def _know_heif() -> None:
    """HEIC, the format of many phones, through the decoder-only build of libheif."""
    from pi_heif import register_heif_opener

    register_heif_opener()


def _refuse_size(path: Path, size: tuple[int, int]) -> None:
    wide, high = size
    if wide * high > MOST_PIXELS:
        raise _unfit(path, why=f"it has {wide:,} × {high:,}, {_TOO_MANY}")
    if min(size) < TINY:
        raise _unfit(path, why=f"with {wide} × {high} points it shows nothing")


def _refuse_cut_off(path: Path) -> None:
    """A HEIC that ends too soon may still show something; its boxes tell how long it was."""
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while at < size:
            file.seek(at)
            head = file.read(16)
            length, name = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:  # too long for four bytes
                length = int.from_bytes(head[8:], "big")
            if length < _BOX_HEAD:  # 0: up to the end, others: no box, something put behind them
                return
            at += length
            if at > size and name in (b"meta", b"mdat"):
                raise _unfit(path, why="it is damaged or cut off")


def _plain(image: Image.Image) -> Image.Image:
    """RGB on white; 16 bits become 8."""
    if image.mode in {"I", "I;16", "I;16B", "I;16L", "F"}:
        values = np.asarray(image, np.float64)
        top = 65535.0 if values.max() > 255 else 255.0  # noqa: PLR2004 - what 8 bits can hold
        image = Image.fromarray(np.clip(values * (255.0 / top), 0, 255).astype(np.uint8))
    if image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info:
        seen = image.convert("RGBA")
        ground = Image.new("RGBA", seen.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, seen).convert("RGB")
    return image.convert("RGB")


def _copy_size(size: tuple[int, int]) -> tuple[int, int]:
    """The box a copy must fit in: its shorter side SIDE, its longer LONGEST at most."""
    shrink = min(1.0, SIDE / min(size), LONGEST / max(size))
    return max(TINY, round(size[0] * shrink)), max(TINY, round(size[1] * shrink))


def _encoded(image: Image.Image, *, lossless: bool) -> tuple[str, bytes]:
    """Ending and bytes; drawings stay as they are, photographs become fine JPEG."""
    out = io.BytesIO()
    if lossless:
        image.save(out, "PNG", compress_level=6)
        if out.tell() <= 3 * image.width * image.height // 2:
            return "png", out.getvalue()
        out = io.BytesIO()
    image.save(out, "JPEG", quality=95, subsampling=0)
    return "jpg", out.getvalue()


def _unfit(path: Path, *, why: str, detail: str = "") -> DataError:
    return DataError(
        "not-a-picture",
        title=f"“{path.name}” was left out: {why}.",
        hint="Open it in a picture program, save it as JPEG or PNG, and add it again.",
        detail=detail,
    )

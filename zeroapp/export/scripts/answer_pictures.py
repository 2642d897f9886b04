"""Sorts pictures with the model in this folder. It needs no network and sends nothing anywhere.

    python answer.py photo.jpg another.png folder_of_photos
    python answer.py --file rows.csv --column picture > answers.csv

README.md says which packages it needs.
"""

import argparse
import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

Array = np.ndarray[Any, np.dtype[np.float32]]
Score = Callable[[Array], Array]

_AT_ONCE = 16
_ENDINGS = {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
_MOST_POINTS = 120_000_000


class Model:
    """The model in `folder`. labels: what it can answer, in the order of predict's columns.

    column: where the pictures stood in the data it learned from.
    """

    def __init__(self, folder: Path) -> None:
        facts = json.loads((folder / "zeroapp_export.json").read_text("utf-8"))
        self.labels: tuple[str, ...] = tuple(facts["labels"])
        self.column: str = facts["roles"].get("text", "picture")
        self._how = json.loads((folder / "preprocessor_config.json").read_text("utf-8"))
        model = folder / facts["model_file"]
        self._score = _onnx(model) if model.suffix == ".onnx" else _transformers(folder)

    def predict(self, paths: Sequence[str]) -> Array:
        """Probabilities, shape (pictures, labels)."""
        rows = [np.zeros((0, len(self.labels)), np.float32)]
        for start in range(0, len(paths), _AT_ONCE):
            seen = [self._seen(Path(path)) for path in paths[start : start + _AT_ONCE]]
            scores = self._score(np.stack(seen))
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            rows.append(np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32))
        return np.concatenate(rows)

    def _seen(self, path: Path) -> Array:
        """The picture as the model sees it, (3, side, side)."""
        how, size = self._how, self._how["size"]
        image = _opened(path)
        if "shortest_edge" in size:
            short = min(image.size)
            edge = size["shortest_edge"]
            wide, high = (max(edge, round(n * edge / short)) for n in image.size)
        else:
            wide, high = size["width"], size["height"]
        image = image.resize((wide, high), Image.Resampling(how["resample"]))
        side = how["crop_size"]["height"]
        left, top = (wide - side) // 2, (high - side) // 2
        points = np.asarray(image.crop((left, top, left + side, top + side)), np.uint8)
        scaled = points.astype(np.float32) * np.float32(how["rescale_factor"])
        mean, std = (np.array(how[key], np.float32) for key in ("image_mean", "image_std"))
        return np.ascontiguousarray(np.moveaxis((scaled - mean) / std, -1, 0))


def _opened(path: Path) -> Image.Image:
    """Upright and in colour; see-through parts are white, 16 bits become 8."""
    with Image.open(path) as image:
        if image.width * image.height > _MOST_POINTS:
            text = f"{path} has too many points"
            raise ValueError(text)
        upright = ImageOps.exif_transpose(image)
        upright.load()
    if upright.mode in {"I", "I;16", "I;16B", "I;16L", "F"}:
        values = np.asarray(upright, np.float64)
        top = 65535.0 if values.max() > 255 else 255.0  # noqa: PLR2004 - what 8 bits can hold
        upright = Image.fromarray(np.clip(values * (255.0 / top), 0, 255).astype(np.uint8))
    if upright.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in upright.info:
        seen = upright.convert("RGBA")
        ground = Image.new("RGBA", seen.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, seen).convert("RGB")
    return upright.convert("RGB")


def _onnx(model: Path) -> Score:
    # It would report to its makers by itself: this must stand before it is loaded.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # the same on Windows

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def score(pixels: Array) -> Array:
        logits: Array = session.run(None, {"pixel_values": pixels})[0]
        return logits

    return score


def _transformers(folder: Path) -> Score:
    import torch
    from transformers import AutoModelForImageClassification
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = AutoModelForImageClassification.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
    ).eval()

    def score(pixels: Array) -> Array:
        with torch.inference_mode():
            logits: Array = model(pixel_values=torch.from_numpy(pixels)).logits.float().numpy()
        return logits

    return score


def _answers(model: Model, paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The best label and its probability for each picture."""
    for row in model.predict(paths):
        best = int(row.argmax())
        yield model.labels[best], f"{row[best]:.4f}"


def _pictures(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [one for one in inside if one.suffix.lower() in _ENDINGS or one == path]
    return [path for path in found if path.is_file()]


def _answer_file(model: Model, file: Path, column: str) -> None:
    """Print the file as csv with two more columns; names count from where the file lies."""
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = csv.DictReader(source)
        columns = list(rows.fieldnames or ())
        if column not in columns:
            sys.exit(f"There is no column {column!r} in {file}. Its columns: {columns}")
        out = csv.DictWriter(sys.stdout, [*columns, "answer", "confidence"], extrasaction="ignore")
        out.writeheader()
        for row in rows:
            ((answer, confidence),) = _answers(model, [str(file.parent / row[column])])
            out.writerow({**row, "answer": answer, "confidence": confidence})


def main() -> None:
    """Answer what the command line names."""
    parser = argparse.ArgumentParser(description="Sorts pictures with the model in this folder.")
    parser.add_argument("pictures", nargs="*", type=Path, help="pictures, or folders of them")
    parser.add_argument("--file", type=Path, help="a csv file that names a picture in each row")
    parser.add_argument("--column", help="the column of the file that names them")
    wanted = parser.parse_args()
    if not wanted.file and not wanted.pictures:
        parser.error("name a picture, or --file rows.csv --column picture")
    # Windows consoles may not be utf-8, and csv writes its own line ends.
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    model = Model(Path(__file__).resolve().parent)
    if wanted.file:
        _answer_file(model, wanted.file, wanted.column or model.column)
    paths = [str(path) for path in _pictures(wanted.pictures)]
    for path, (answer, confidence) in zip(paths, _answers(model, paths), strict=True):
        sys.stdout.write(f"{path}\t{answer}\t{confidence}\n")


if __name__ == "__main__":
    main()

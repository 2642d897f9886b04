"""Answers texts with the model in this folder. It needs no network and sends nothing anywhere.

    python answer.py "some text" "another text"
    python answer.py --file rows.csv --column message > answers.csv

README.md says which packages it needs.
"""

import argparse
import csv
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

Array = np.ndarray[Any, np.dtype[np.float32]]
Score = Callable[[Sequence[list[int]]], Array]

_ROWS_AT_ONCE = 256
_TEXTS_AT_ONCE = 16


class Model:
    """The model in `folder`. labels: what it can answer, in the order of predict's columns.

    column: where the texts stood in the data it learned from. hide: what hides personal data, where
    whoever opens it has that; else it is taken from the file beside this one.
    """

    def __init__(self, folder: Path, *, hide: Callable[[str], str] | None = None) -> None:
        facts = json.loads((folder / "zeroapp_export.json").read_text("utf-8"))
        self.labels: tuple[str, ...] = tuple(facts["labels"])
        self.column: str = facts["roles"].get("text", "text")
        self._prefix: str = facts["prefix"]
        self._hide = hide
        if facts.get("masked") and hide is None:
            self._hide = _hiding()
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(facts["max_length"])
        self._tokenizer.no_padding()
        model = folder / facts["model_file"]
        self._score = _onnx(model) if model.suffix == ".onnx" else _transformers(folder)

    def predict(self, texts: Sequence[str]) -> Array:
        """Probabilities, shape (texts, labels). Long texts are cut at the end."""
        if not texts:
            return np.zeros((0, len(self.labels)), np.float32)
        encodings = self._tokenizer.encode_batch(
            [self._prefix + self._read(text) for text in texts]
        )
        scores = self._score([encoding.ids for encoding in encodings])
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)

    def _read(self, text: str) -> str:
        """The text as the model was taught to read it."""
        return self._hide(_clean(text)) if self._hide else _clean(text)


def _hiding() -> Callable[[str], str]:
    """What puts placeholders in place of personal data: the file beside this one."""
    sys.path.append(str(Path(__file__).parent))
    mask: Callable[[str], str] = import_module("personal").mask
    return mask


def _clean(text: str) -> str:
    """Composed letters, as in training; half a surrogate pair cannot be tokenised."""
    return unicodedata.normalize("NFC", text).encode("utf-8", "replace").decode("utf-8")


def _onnx(model: Path) -> Score:
    """Each text alone, several at once: no answer depends on the texts beside it."""
    # It would report to its makers by itself: this must stand before it is loaded.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # the same on Windows

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    names = [wanted.name for wanted in session.get_inputs()]

    def score_one(ids: list[int]) -> Array:
        tokens = np.array([ids], np.int64)
        whole = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
        logits: Array = session.run(None, {name: whole[name] for name in names})[0][0]
        return logits

    def score(batch: Sequence[list[int]]) -> Array:
        if len(batch) == 1:
            return score_one(batch[0])[None]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return np.stack(list(pool.map(score_one, batch)))

    return score


def _transformers(folder: Path) -> Score:
    """Texts of like length together, so that little is padding."""
    import torch
    from transformers import AutoModelForSequenceClassification
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
    ).eval()
    padding = model.config.pad_token_id or 0

    def score_some(some: Sequence[list[int]]) -> Array:
        longest = max(map(len, some))
        ids = torch.tensor([row + [padding] * (longest - len(row)) for row in some])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in some])
        with torch.inference_mode():
            logits: Array = model(input_ids=ids, attention_mask=mask).logits.float().numpy()
        return logits

    def score(batch: Sequence[list[int]]) -> Array:
        order = sorted(range(len(batch)), key=lambda index: len(batch[index]))
        scores: dict[int, Array] = {}
        for start in range(0, len(order), _TEXTS_AT_ONCE):
            chosen = order[start : start + _TEXTS_AT_ONCE]
            logits = score_some([batch[index] for index in chosen])
            scores.update(zip(chosen, logits, strict=True))
        return np.stack([scores[index] for index in range(len(batch))])

    return score


def _answers(model: Model, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The best label and its probability for each text."""
    for row in model.predict(texts):
        best = int(row.argmax())
        yield model.labels[best], f"{row[best]:.4f}"


def _answer_file(model: Model, file: Path, column: str) -> None:
    """Print the file as csv with two more columns; rows come and go in portions."""
    csv.field_size_limit(2**31 - 1)
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = csv.DictReader(source)
        columns = list(rows.fieldnames or ())
        if column not in columns:
            sys.exit(f"There is no column {column!r} in {file}. Its columns: {columns}")
        out = csv.DictWriter(sys.stdout, [*columns, "answer", "confidence"], extrasaction="ignore")
        out.writeheader()
        portion: list[dict[str, str]] = []
        for row in rows:
            portion.append(row)
            if len(portion) == _ROWS_AT_ONCE:
                _write_portion(model, out, portion, column)
                portion = []
        _write_portion(model, out, portion, column)


def _write_portion(
    model: Model, out: "csv.DictWriter[str]", rows: list[dict[str, str]], column: str
) -> None:
    answers = _answers(model, [row[column] or "" for row in rows])
    for row, (answer, confidence) in zip(rows, answers, strict=True):
        out.writerow({**row, "answer": answer, "confidence": confidence})


def main() -> None:
    """Answer what the command line names."""
    parser = argparse.ArgumentParser(description="Answers texts with the model in this folder.")
    parser.add_argument("texts", nargs="*", help="texts to answer")
    parser.add_argument("--file", type=Path, help="a csv file to answer row by row")
    parser.add_argument("--column", help="the column of the file that is read")
    wanted = parser.parse_args()
    if not wanted.file and not wanted.texts:
        parser.error("give a text in quotes, or --file rows.csv --column text")
    # Windows consoles may not be utf-8, and csv writes its own line ends.
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    model = Model(Path(__file__).resolve().parent)
    if wanted.file:
        _answer_file(model, wanted.file, wanted.column or model.column)
    for answer, confidence in _answers(model, wanted.texts):
        sys.stdout.write(f"{answer}\t{confidence}\n")


if __name__ == "__main__":
    main()

"""The cache of embeddings: read again, only what is new is computed, nothing done is lost."""

from types import SimpleNamespace

import numpy as np
import pytest

from zeroapp import catalogue
from zeroapp.dataset import Example
from zeroapp.engine import embeddings
from zeroapp.work import Silent, Stopped

BASE = catalogue.starter_for("en")


class Counting:
    """Stands in for the model: notes which texts were read, and may be stopped half-way."""

    def __init__(self, *, stop_after=None):
        self.read, self.stop_after = [], stop_after

    def build(self):
        return None

    def encode(self, examples):
        return [example.text for example in examples]

    def features(self, _training, _model, texts, **_rest):
        if self.stop_after is not None and len(self.read) >= self.stop_after:
            raise Stopped
        self.read += texts
        return np.array([[len(text), 1.0, ord(text[0])] for text in texts], np.float32)


@pytest.fixture
def counting(monkeypatch):
    made = Counting()
    monkeypatch.setattr(embeddings, "heavy_half", lambda _plan, **_: made)
    monkeypatch.setattr(embeddings, "read_features", made.features)
    monkeypatch.setattr(embeddings, "probe", lambda *_a, **_k: SimpleNamespace(bf16_faster=False))
    monkeypatch.setattr(embeddings, "_CHUNK", 4)
    return made


def embed(texts, folder, *, base=BASE):
    rows = [Example(row_id=n, text=text) for n, text in enumerate(texts)]
    return embeddings.embed(
        rows, task="text-classification", base=base, folder=folder, work=Silent()
    )


def test_what_is_kept_is_not_read_again_and_a_changed_row_is(counting, tmp_path):
    texts = ["one", "two", "three", "one"]
    first = embed(texts, tmp_path)
    assert counting.read == ["one", "two", "three"]
    np.testing.assert_array_equal(embed(texts, tmp_path), first)
    assert len(counting.read) == 3
    again = embed(["three", "two!", "one"], tmp_path)
    assert counting.read[3:] == ["two!"]
    np.testing.assert_array_equal(again[[0, 2]], first[[2, 0]])
    np.testing.assert_allclose(np.linalg.norm(again, axis=1), 1, rtol=1e-5)


def test_what_was_done_before_a_stop_is_kept(counting, tmp_path):
    texts = [f"{letter} text" for letter in "abcdefghij"]
    counting.stop_after = 4
    with pytest.raises(Stopped):
        embed(texts, tmp_path)
    counting.stop_after = None
    embed(texts, tmp_path)
    assert counting.read == texts


def test_another_base_and_a_damaged_file_are_read_anew(counting, tmp_path):
    embed(["one", "two"], tmp_path)
    embed(["one", "two"], tmp_path, base=catalogue.starter_for("de"))
    assert len(counting.read) == 4
    file = tmp_path / embeddings.FILE
    file.write_bytes(file.read_bytes()[:40])
    embed(["one", "two"], tmp_path, base=catalogue.starter_for("de"))
    assert len(counting.read) == 6

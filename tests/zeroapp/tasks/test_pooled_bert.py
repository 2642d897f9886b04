"""Packing changes nothing but speed, and the saved folder answers alone as the model does."""

import random
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from support import tiny_model
from support.rows import examples
from support.stages import plan_for
from zeroapp.dataset import Example
from zeroapp.packing import layout, plan_rows
from zeroapp.plan import Pooling
from zeroapp.task import Encoded
from zeroapp.tasks.text_classification.packing import ROW_LENGTH, pack, pad
from zeroapp.tasks.text_classification.training import training


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return tiny_model.make(tmp_path_factory.mktemp("base") / "tiny")


def built(base: Path, **changes):
    task = training(plan_for({"base": str(base)}, **changes), base)
    torch.manual_seed(0)
    return task, task.build().eval()


def test_first_fit_decreasing_fills_rows():
    rows = plan_rows([50, 60, 70, 60, 10], row_length=120)

    assert [[[50, 60, 70, 60, 10][i] for i in row] for row in rows] == [[70, 50], [60, 60], [10]]


@given(st.lists(st.integers(2, 300), min_size=1, max_size=60))
def test_a_layout_holds_every_text_once_and_in_full(lengths):
    rows, length = layout(lengths, usual=ROW_LENGTH, packing=True)

    assert sorted(index for row in rows for index in row) == list(range(len(lengths)))
    assert all(sum(lengths[index] for index in row) <= length for row in rows)


def test_hardly_a_token_of_a_usual_step_is_padding():
    dice = random.Random(1)
    waste = []
    for _ in range(20):
        lengths = [min(60, 4 + int(dice.expovariate(1 / 12))) for _ in range(32)]
        rows, length = layout(lengths, usual=ROW_LENGTH, packing=True)
        waste.append(len(rows) * length / sum(lengths) - 1)

    assert sum(waste) / 20 < 0.05  # rows of a fixed 128 would waste about a tenth


def test_a_lone_short_text_is_padded_to_the_next_stride_alone():
    packed = pack([Encoded(row_id=0, ids=(2, 5, 3))], padding=0, packing=True)

    assert packed["input_ids"].tolist() == [[2, 5, 3, 0, 0, 0, 0, 0]]


def test_steps_of_many_lengths_have_few_shapes():
    dice = random.Random(2)
    shapes = set()
    for _ in range(200):
        lengths = [min(60, 4 + int(dice.expovariate(1 / 12))) for _ in range(32)]
        rows, length = layout(lengths, usual=ROW_LENGTH, packing=True)
        shapes.add((len(rows), length))

    assert len(shapes) < 20  # without rounding 54


def test_without_packing_each_text_has_a_row_and_answers_the_same(base):
    task, model = built(base)
    alone = training(replace(task.plan, packing=False), base)
    encoded = task.encode(examples(12))

    assert not alone.packs
    assert len(alone.collate(encoded)["input_ids"]) == 12
    assert len(task.collate(encoded)["input_ids"]) < 12
    with torch.no_grad():
        shared, apart = (half.logits(model, half.collate(encoded)) for half in (task, alone))
    assert torch.allclose(shared, apart, atol=1e-5)


def test_packed_texts_answer_as_texts_alone(base):
    task, model = built(base)
    encoded = task.encode(examples(40))

    with torch.no_grad():
        together = task.logits(model, task.collate(encoded))
        alone = torch.cat([task.logits(model, task.collate([e])) for e in encoded])

    # the same sums in another order
    assert torch.allclose(together, alone, atol=1e-5)


def test_the_saved_folder_answers_as_the_model_in_plain_transformers(base, tmp_path):
    task, model = built(base)
    rows = [*examples(20), Example(row_id=90, text=""), Example(row_id=91, text="card " * 90)]
    task.save(model.state_dict(), tmp_path / "model")
    plain = AutoModelForSequenceClassification.from_pretrained(tmp_path / "model").eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")

    with torch.no_grad():
        ours = task.logits(model, task.collate(task.encode(rows)))
        inputs = tokenizer(
            [row.text for row in rows], padding=True, truncation=True, return_tensors="pt"
        )
        theirs = plain(**inputs).logits

    assert torch.allclose(ours, theirs, atol=1e-5)
    assert plain.config.id2label == {0: "help", 1: "lost", 2: "other"}


def test_saved_files_can_be_read_by_others(base, tmp_path):
    task, model = built(base)
    task.save(model.state_dict(), tmp_path / "model")

    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "model").iterdir()}

    assert set(modes.values()) == {0o644}


def test_frozen_embeddings_get_no_gradient(base):
    task, model = built(base)
    loss, count = task.loss(model, task.collate(task.encode(examples(9))))
    loss.backward()

    assert count == 9
    assert all(p.grad is None for p in model.bert.embeddings.parameters())
    assert all(p.grad is not None for p in model.bert.encoder.parameters())


def test_rows_without_a_target_cost_nothing(base):
    task, model = built(base)
    silent = [Encoded(row_id=0, ids=(2, 5, 3), target=-1)]

    loss, count = task.loss(model, task.collate(silent))

    assert (float(loss.detach()), count) == (0.0, 0)


def test_padding_keeps_the_mask():
    texts = [Encoded(row_id=0, ids=(2, 5, 3)), Encoded(row_id=1, ids=(2, 3))]
    padded = pad(texts, padding=9, limit=3)

    assert padded["input_ids"].tolist() == [[2, 5, 3], [2, 3, 9]]
    assert padded["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
    assert pad(texts, padding=9, limit=128)["input_ids"].shape == (2, 8)


def test_a_base_with_its_own_head_trains_and_saves(base, tmp_path):
    plan = plan_for({"base": str(base)})
    native = type(plan)(
        **{f: getattr(plan, f) for f in plan.__struct_fields__} | {"pooling": Pooling.native}
    )
    task = training(native, base)
    model = task.build().eval()
    rows = examples(6)
    loss, count = task.loss(model, task.collate(task.encode(rows)))
    loss.backward()
    task.save(model.state_dict(), tmp_path / "model")
    plain = AutoModelForSequenceClassification.from_pretrained(tmp_path / "model").eval()

    with torch.no_grad():
        batch = task.collate(task.encode(rows))
        ours = task.logits(model, batch)
        theirs = plain(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
        features = task.features(model, batch)
        again = torch.nn.functional.linear(features, plain.classifier.weight, plain.classifier.bias)

    assert count == 6
    assert torch.allclose(ours, theirs, atol=1e-5)
    assert torch.allclose(again, ours, atol=1e-5)  # features are what the last layer reads

"""What happens around an export: other ways, refusals, places, and a project with a run."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnxruntime import InferenceSession

from support.finished_model import LABELS, tiny_model, tiny_origin, tiny_rows
from zeroapp import protocol as p
from zeroapp.errors import ResourceError, UsageError, WorkError
from zeroapp.export import bundle, exporting, manifest, packed_weights, quantise
from zeroapp.export import onnx as onnx_format
from zeroapp.export.answerer import open_answerer
from zeroapp.export.targets import target
from zeroapp.work import Silent

ROOT = Path(__file__).resolve().parents[3]


class Listening(Silent):
    def __init__(self):
        self.events = []

    def say(self, event):
        self.events.append(event)


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    return tiny_origin(tiny_model(tmp_path_factory.mktemp("run") / "model"))


def spoiled(model, folder):
    """Writes a model that gives each answer's place to its neighbour."""
    onnx_format.write(model, folder)
    graph = onnx.load(folder / onnx_format.MODEL)
    for tensor in graph.graph.initializer:
        if "classifier" in tensor.name:
            array = np.roll(onnx.numpy_helper.to_array(tensor), 1, axis=0)
            tensor.CopyFrom(onnx.numpy_helper.from_array(array, tensor.name))
    onnx.save(graph, folder / onnx_format.MODEL)


def test_an_export_that_answers_otherwise_is_refused(origin, tmp_path, monkeypatch):
    monkeypatch.setitem(exporting.WAYS, "onnx", (spoiled,))
    with pytest.raises(WorkError, match="answers differently") as caught:
        exporting.write_export(origin, wanted=target("onnx"), place=tmp_path / "out", work=Silent())
    assert caught.value.code == "export-differs"
    assert list(tmp_path.iterdir()) == []


def test_the_next_way_is_tried_and_said(origin, tmp_path, monkeypatch):
    monkeypatch.setitem(exporting.WAYS, "onnx-int8", (spoiled, quantise.write_without_last))
    work = Listening()
    record = exporting.write_export(
        origin, wanted=target("onnx-int8"), place=tmp_path / "out", work=work
    )
    assert record.agreement >= 0.99
    assert [e.code for e in work.events if isinstance(e, p.Noted)] == ["export-gentler"]


def test_an_export_that_needs_more_than_it_may_is_refused(origin, tmp_path):
    # It certainly needs numpy.
    wanted = replace(target("onnx"), forbidden=("numpy",))
    with pytest.raises(WorkError) as caught:
        exporting.write_export(origin, wanted=wanted, place=tmp_path / "out", work=Silent())
    assert caught.value.code == "export-broken"
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_does_not_run_is_refused(origin, tmp_path, monkeypatch):
    def nothing(model, folder):
        shutil.copyfile(model / "tokenizer.json", folder / "tokenizer.json")

    monkeypatch.setitem(exporting.WAYS, "onnx", (nothing,))
    with pytest.raises(WorkError) as caught:
        exporting.write_export(origin, wanted=target("onnx"), place=tmp_path / "out", work=Silent())
    assert caught.value.code == "export-broken"
    assert "model.onnx" in caught.value.detail


def test_the_prefix_of_the_base_is_put_before_every_text(tmp_path):
    origin = tiny_origin(tiny_model(tmp_path / "model", prefix="pin refund: "))
    place = tmp_path / "out"
    exporting.write_export(origin, wanted=target("onnx"), place=place, work=Silent())
    texts = [row.text for row in origin.reference.rows]
    ours = origin.reference.probabilities
    assert np.abs(open_answerer(place).predict(texts) - ours).max() < 1e-4
    note = place / manifest.FILE
    note.write_text(note.read_text("utf-8").replace("pin refund: ", ""), "utf-8")
    assert np.abs(open_answerer(place).predict(texts) - ours).max() > 1e-3
    assert '"pin refund: "' in (place / "README.md").read_text("utf-8")


def test_a_model_with_its_own_pooling_goes_too(tmp_path):
    origin = tiny_origin(tiny_model(tmp_path / "model", folded=False))
    record = exporting.write_export(
        origin, wanted=target("onnx"), place=tmp_path / "out", work=Silent()
    )
    assert record.agreement == 1


def test_eight_bits_are_eight_bits_and_the_silent_layer_survives(origin, tmp_path):
    """The folded pooling layer has matrices of zeros, which a quantiser might divide by."""
    quantise.write(origin.model, tmp_path)
    graph = onnx.load(tmp_path / onnx_format.MODEL).graph
    arrays = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
    # The tracer shares one matrix of zeros between query and key, which the quantiser lets be.
    big = [a for a in arrays.values() if a.size >= 32 * 32 and a.any()]
    assert big
    assert {a.dtype for a in big} == {np.dtype(np.int8), np.dtype(np.uint8)}
    scales = [a for name, a in arrays.items() if name.endswith("_scale")]
    assert all(np.isfinite(a).all() and (a > 0).all() for a in scales)


@pytest.mark.parametrize(
    ("bits", "kind"), [(8, onnx.TensorProto.INT8), (16, onnx.TensorProto.FLOAT16)]
)
def test_weights_alone_are_packed_words_and_all(origin, tmp_path, bits, kind):
    packed_weights.writer_of(onnx_format.write, bits=bits)(origin.model, tmp_path)
    graph = onnx.load(tmp_path / onnx_format.MODEL).graph
    stored = {one.name: one for one in graph.initializer}
    tables = [node.input[0] for node in graph.node if node.op_type == "Gather"]
    layers = [node.input[1] for node in graph.node if node.op_type in ("MatMul", "Gemm")]
    whole = [name for name in (*tables, *layers) if name in stored and stored[name].dims]
    assert not [name for name in whole if stored[name].data_type == onnx.TensorProto.FLOAT]
    words = max(graph.initializer, key=lambda one: np.prod(one.dims))
    assert words.data_type == kind
    session = InferenceSession(tmp_path / onnx_format.MODEL, providers=["CPUExecutionProvider"])
    assert session.get_outputs()[0].name == "logits"


def test_where_rounding_changes_answers_weights_alone_come_next(origin, tmp_path, monkeypatch):
    ways = exporting.WAYS["onnx-int8"]
    monkeypatch.setitem(exporting.WAYS, "onnx-int8", (spoiled, *ways[-2:]))
    record = exporting.write_export(
        origin, wanted=target("onnx-int8"), place=tmp_path / "out", work=Silent()
    )
    assert record.agreement >= 0.99
    kinds = {one.data_type for one in onnx.load(tmp_path / "out" / "model.onnx").graph.initializer}
    assert onnx.TensorProto.INT8 in kinds


def test_the_last_layer_and_the_head_can_be_left_out(origin, tmp_path):
    onnx_format.write(origin.model, tmp_path)
    names = quantise.last_nodes(tmp_path / onnx_format.MODEL)
    # Two layers and the folded one: the last is number 2.
    assert any("layer.2/" in name for name in names)
    assert any("classifier" in name for name in names)
    assert any("pooler" in name for name in names)
    assert not any("layer.1/" in name or "embeddings" in name for name in names)


def test_transformers_loads_the_safetensors_folder_alone(origin, tmp_path):
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    from zeroapp.export import safetensors

    safetensors.write(origin.model, tmp_path)
    model = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    answer = pipeline("text-classification", model=model, tokenizer=tokenizer)
    rows = tiny_rows(9, seed=5)
    assert {model.config.id2label[i] for i in range(3)} == set(LABELS)
    assert [a["label"] for a in answer([row.text for row in rows])] == [r.label for r in rows]


# --- the place -----------------------------------------------------------------------------------


def test_a_taken_name_gets_a_number(tmp_path):
    assert bundle.free_name(tmp_path, name="onnx") == tmp_path / "onnx"
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx-2").mkdir()
    assert bundle.free_name(tmp_path, name="onnx") == tmp_path / "onnx-3"


def test_nothing_is_written_over(tmp_path):
    bundle.refuse_taken(tmp_path / "new")
    (tmp_path / "empty").mkdir()
    bundle.refuse_taken(tmp_path / "empty")
    (tmp_path / "empty" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError) as caught:
        bundle.refuse_taken(tmp_path / "empty")
    assert caught.value.code == "export-exists"


def test_an_empty_folder_may_be_filled(tmp_path):
    target_folder = tmp_path / "there"
    target_folder.mkdir()
    with bundle.whole_or_nothing(target_folder) as folder:
        (folder / "a.txt").write_text("a")
    assert (target_folder / "a.txt").read_text() == "a"
    assert list(tmp_path.iterdir()) == [target_folder]


def test_too_little_room_is_said_before_anything_is_written(tmp_path):
    with pytest.raises(ResourceError) as caught:
        bundle.require_room(tmp_path, needed=2**62)
    assert caught.value.code == "disk-full"


def test_what_a_killed_export_left_is_cleared(tmp_path):
    (tmp_path / ".onnx-abc.partial").mkdir()
    (tmp_path / "onnx").mkdir()
    bundle.clear_partial(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["onnx"]


@pytest.mark.skipif(os.name != "posix", reason="the limit is a POSIX one")
def test_a_write_that_really_fails_half_way_leaves_nothing(tmp_path):
    """A process that may write no file over 50 kB cannot finish the 150 kB graph."""
    model = tiny_model(tmp_path / "model")
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from support.finished_model import tiny_origin\n"
        "from zeroapp.errors import ResourceError\n"
        "from zeroapp.export import exporting\n"
        "from zeroapp.export.targets import target\n"
        "from zeroapp.work import Silent\n"
        "origin = tiny_origin(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "try:\n"
        "    exporting.write_export(origin, wanted=target('onnx-int8'),"
        " place=Path(sys.argv[2]) / 'out', work=Silent())\n"
        "except ResourceError as error:\n"
        "    print(error.code)\n"
    )
    place = tmp_path / "exports"
    done = subprocess.run(
        [sys.executable, "-c", script, str(model), str(place)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.split() == ["disk-full"], done.stderr
    assert list(place.iterdir()) == []

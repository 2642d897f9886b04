"""What every export format of a model that looks at pictures promises, whatever its base."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnxruntime import InferenceSession, SessionOptions
from scipy.special import softmax

from support import tiny_eyes
from support.listener import Listener
from support.snapshots import LABELS, finished_eyes
from zeroapp.export import exporting, onnx_pictures, packed_weights
from zeroapp.export.answerer import open_answerer
from zeroapp.export.targets import for_pictures, target
from zeroapp.pixels import open_picture
from zeroapp.preparation import read_preparation
from zeroapp.tasks.image_classification import TASK
from zeroapp.work import Silent

_MADE = [("efficientnet", key) for key in TASK.exports]
_MADE += [(name, TASK.exports[0]) for name in ("vit", "resnet")]
"""The other bases only in the boldest format: the graph is the same in both."""


@pytest.fixture(scope="module")
def origins(tmp_path_factory):
    place = tmp_path_factory.mktemp("runs")
    return {
        name: finished_eyes(place / name, base=make(place / "bases" / name))
        for name, make in tiny_eyes.ALL.items()
    }


@pytest.fixture(scope="module", params=_MADE, ids="-".join)
def exported(request, origins, tmp_path_factory):
    """What is exported, its format, its record and its folder; compared in a fresh process."""
    name, key = request.param
    place = tmp_path_factory.mktemp("exports") / key
    origin = origins[name]
    record = exporting.write_export(origin, wanted=target(key), place=place, work=Silent())
    return origin, target(key), record, place


def test_it_answers_as_the_app_does(exported):
    origin, wanted, record, place = exported
    answerer = open_answerer(place)
    theirs = answerer.predict([row.text for row in origin.reference.rows])
    ours = origin.reference.probabilities

    assert record.compared == len(origin.reference.rows)
    assert record.agreement >= for_pictures(wanted).least_agreement
    assert record.accuracy > 0.6  # of three kinds: it has learned something
    assert answerer.labels == LABELS
    if wanted.key != "onnx-int8":
        assert np.abs(theirs - ours).max() < 1e-4


def test_its_script_answers_alone(exported, tmp_path):
    """In a bare interpreter, away from this project: a folder of pictures, and one by name."""
    origin, wanted, _, place = exported
    folder = tmp_path / "photos"
    folder.mkdir()
    rows = origin.reference.rows[:6]
    for row in rows:
        shutil.copy(row.text, folder)
    script = (
        "import json, runpy, sys\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(place / "answer.py"), str(folder)],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr.decode()
    *said, loaded = done.stdout.decode("utf-8").splitlines()
    wanted = for_pictures(wanted)
    assert len(said) == len(rows)
    assert all(set(line.split("\t")) & set(LABELS) for line in said)
    assert not set(json.loads(loaded)) & {*wanted.forbidden, "zeroapp"}


@pytest.mark.parametrize("name", tiny_eyes.ALL)
@pytest.mark.parametrize("bits", [8, 16])
def test_weights_in_fewer_bits_are_made_whole_when_the_model_is_opened(
    origins, name, bits, tmp_path, monkeypatch
):
    origin = origins[name]
    monkeypatch.setattr(packed_weights, "_SMALL", 0.05)  # of few layers each is a large part
    packed_weights.writer_of(onnx_pictures.write, bits=bits)(origin.model, tmp_path)
    graph = onnx.load(tmp_path / "model.onnx").graph
    stored = {one.name: one.data_type for one in graph.initializer}
    layers = [node for node in graph.node if node.op_type in ("Conv", "Gemm")]
    assert layers
    assert not {node.input[1] for node in layers} & stored.keys()
    assert (onnx.TensorProto.INT8 in stored.values()) == (bits == 8)
    assert onnx.TensorProto.FLOAT16 in stored.values()
    scores, left = opened(tmp_path / "model.onnx", origin)
    assert not left & {"Cast:weights", "DequantizeLinear"}  # nothing is done anew with each picture
    off = np.abs(softmax(scores, axis=1) - origin.reference.probabilities).max()
    assert off < (0.05 if bits == 8 else 0.005)


def opened(file, origin):
    """What it answers, and what is left to do with each picture."""
    options = SessionOptions()
    options.optimized_model_filepath = str(file.with_name("opened.onnx"))
    session = InferenceSession(file, options, providers=["CPUExecutionProvider"])
    how = read_preparation(origin.model)
    shown = [how.looked_at(open_picture(Path(row.text))) for row in origin.reference.rows]
    (scores,) = session.run(None, {"pixel_values": how.numbers(np.stack(shown))})
    graph = onnx.load(file.with_name("opened.onnx")).graph
    weights = {one.name for one in graph.initializer if one.data_type != onnx.TensorProto.FLOAT}
    kinds = {
        f"{node.op_type}:weights" if set(node.input) & weights else node.op_type
        for node in graph.node
    }
    return scores, kinds


def test_answers_that_change_at_8_bits_are_left_at_16(origins, tmp_path, monkeypatch):
    """Of forty pictures one may not differ: that is more than one of a hundred."""
    rough, gentler = exporting.WAYS_OF_PICTURES["onnx-int8"]

    def rougher(model, folder):
        rough(model, folder)
        whole = onnx.load(folder / "model.onnx")
        for tensor in whole.graph.initializer:
            if tensor.name.endswith("_scale"):
                values = onnx.numpy_helper.to_array(tensor)
                noise = np.random.default_rng(3).normal(0, 3, values.shape)
                tensor.CopyFrom(
                    onnx.numpy_helper.from_array((values * noise).astype(np.float32), tensor.name)
                )
        onnx.save(whole, folder / "model.onnx")

    monkeypatch.setitem(exporting.WAYS_OF_PICTURES, "onnx-int8", (rougher, gentler))
    said = Listener()
    record = exporting.write_export(
        origins["efficientnet"], wanted=target("onnx-int8"), place=tmp_path / "out", work=said
    )
    assert "export-gentler" in said.codes()
    assert record.agreement >= 0.99
    graph = onnx.load(tmp_path / "out" / "model.onnx").graph
    assert onnx.TensorProto.INT8 not in {one.data_type for one in graph.initializer}

"""What every format of a model that writes promises: reloaded alone, it answers the same."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
import torch
from gguf import GGUFReader
from msgspec.structs import replace

from support import tiny_writer
from support.rows import SAID, pairs
from zeroapp.dataset import Answers, Part
from zeroapp.engine import fine_tune
from zeroapp.engine.author import Author
from zeroapp.engine.gang import Gang
from zeroapp.engine.heavy import half_of
from zeroapp.engine.lora import ADAPTER
from zeroapp.engine.run_parts import Run
from zeroapp.engine.text_run import TextRun
from zeroapp.errors import WorkError
from zeroapp.export import adapter, exporting, gguf_file
from zeroapp.export.gguf_file import stop_of
from zeroapp.export.origin import Origin, reference_of
from zeroapp.export.source import read_note
from zeroapp.export.targets import TARGETS, target
from zeroapp.govern.card import BaseFacts
from zeroapp.plan import Method, TrainPlan
from zeroapp.rules import parted
from zeroapp.run_folder import RunFolder
from zeroapp.task import Writing
from zeroapp.tasks import get
from zeroapp.turns import Turn, told
from zeroapp.work import Silent

NO_RULES = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no') }}{% endif %}"
RULES = Turn("system", "b")

OF_TEXTS = [one for one in TARGETS if Answers.text in one.answers]


def plan_of(base: Path) -> TrainPlan:
    return TrainPlan(
        task="text_generation",
        base=str(base),
        data_version="v",
        labels=(),
        epochs=4,
        batch_size=8,
        max_length=64,
        learning_rate=0.02,
        method=Method.lora,
        lora_rank=4,
    )


def under_rules(rows):
    return [replace(row, text=told([RULES, Turn("user", row.text)])) for row in rows]


@pytest.fixture(scope="module")
def taught(tmp_path_factory) -> Path:
    """A run whose tiny base learned four answers by LoRA, without the verdict.

    Its template has no place for rules, which is where exports may differ most.
    """
    rows = {Part.train: pairs(160), Part.validation: pairs(24, seed=1), Part.test: []}
    folder = tmp_path_factory.mktemp("taught")
    return teach(folder, rows=rows, template=NO_RULES + tiny_writer.TEMPLATE)


@pytest.fixture(scope="module")
def ruled(tmp_path_factory) -> Path:
    """The same on another template; all but a few of its examples begin with the same rules."""
    rows = {
        Part.train: [*under_rules(pairs(156)), *pairs(4, seed=3)],
        Part.validation: under_rules(pairs(24, seed=1)),
        Part.test: [],
    }
    return teach(tmp_path_factory.mktemp("ruled"), rows=rows, template=tiny_writer.TEMPLATE)


def teach(folder: Path, *, rows, template: str) -> Path:
    base = tiny_writer.make(folder / "base", template=template)
    training = half_of(plan_of(base), base)
    run = Run(
        plan=plan_of(base),
        folder=RunFolder(folder / "20260102-030405-06-train"),
        gang=Gang(),
        work=Silent(),
        training=training,
        parts=rows,
        train=training.encode(rows[Part.train]),
        validation=training.encode(rows[Part.validation]),
    )
    run.folder.path.mkdir()
    kind = TextRun(run)
    kind.begin()
    fine_tune.fine_tune(run, kind)
    kind.finish()
    return run.folder.path


@pytest.fixture(scope="module")
def origin(taught) -> Origin:
    asked = pairs(6, seed=2)
    return origin_of(taught / "model", [*under_rules(asked[:1]), *asked[1:]])


def origin_of(model: Path, asked) -> Origin:
    return Origin(
        model=model,
        note=read_note(model),
        reference=reference_of(model, asked, task=get("text_generation"), work=Silent()),
        title="Write like you",
        base=BaseFacts(title="A tiny base", licence="Apache-2.0", may_sell=True),
        roles={"text": "question", "label": "answer"},
    )


def test_it_learned_something_to_lose(origin):
    """Answers of a model that learned nothing would prove nothing below."""
    assert origin.note.in_use == "fine-tuned"
    words = {word for answer in origin.reference.answers for word in answer.split()}
    assert words & set(SAID.values())


@pytest.mark.parametrize("wanted", OF_TEXTS, ids=lambda one: one.key)
def test_every_format_answers_alone_as_the_app_does(wanted, origin, tmp_path):
    place = tmp_path / wanted.key
    record = exporting.write_export(origin, wanted=wanted, place=place, work=Silent())

    assert record.compared == len(origin.reference.rows)
    assert {wanted.model_file, "answer.py", "README.md"} <= set(record.files)
    if wanted.key not in ("gguf-q8_0", "gguf-q4_0"):  # those round the weights
        assert (record.agreement, record.same_start, record.same_next) == (1.0, 1.0, 1.0)
    assert record.same_next > 0.9
    if wanted.model_file.endswith(".gguf"):
        (laid,) = (place / "lm-studio").rglob("*.gguf")
        publisher, model = laid.relative_to(place / "lm-studio").parts[:2]
        assert (publisher, f"{model}.gguf") == ("zeroapp", laid.name)
        assert laid.read_bytes() == (place / wanted.model_file).read_bytes()


@pytest.mark.parametrize("key", ["gguf-f16", "safetensors", "adapter"])
def test_every_format_begins_with_the_rules_that_were_learned(key, ruled, tmp_path):
    """Asked without any, llama.cpp and the others answer as the app does under the rules."""
    asked = pairs(8, seed=2)
    plain, said = (origin_of(ruled / "model", rows) for rows in (asked, under_rules(asked)))
    assert plain.reference.answers == said.reference.answers
    bare = tmp_path / "bare"
    shutil.copytree(ruled, bare)
    template = bare / "model" / "chat_template.jinja"
    template.write_text(parted(template.read_text("utf-8"))[1], "utf-8")
    without = origin_of(bare / "model", asked).reference.answers
    assert without != plain.reference.answers  # so they tell something

    place = tmp_path / key
    record = exporting.write_export(plain, wanted=target(key), place=place, work=Silent())
    assert (record.agreement, record.same_next) == (1.0, 1.0)
    assert "begins every talk with the rules" in (place / "README.md").read_text("utf-8")
    if key == "gguf-f16":
        assert f'SYSTEM """{RULES.said}"""' in (place / "Modelfile").read_text("utf-8")


def test_the_base_is_tried_under_the_same_rules(ruled):
    model, asked = ruled / "model", pairs(6, seed=2)
    base = Author(model, base=ruled.parent / "base")
    wish = Writing(most=8)
    plain, said = ([row.text for row in rows] for rows in (asked, under_rules(asked)))
    assert base.write(plain, wish=wish) == base.write(said, wish=wish)


def test_8_bits_are_16_where_rounding_tells_most(origin, tmp_path):
    gguf_file.writer_of("q8_0")(origin.model, tmp_path)
    forms = {t.name: t.tensor_type.name for t in GGUFReader(tmp_path / "model.gguf").tensors}
    assert {forms[f"blk.0.{part}.weight"] for part in ("attn_v", "attn_output", "ffn_down")} == {
        "F16"
    }
    assert {forms[f"blk.0.{part}.weight"] for part in ("attn_q", "attn_k", "ffn_up")} == {"Q8_0"}
    assert forms["token_embd.weight"] == "Q8_0"


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated")  # peft's own
def test_peft_itself_puts_the_adapter_beside_the_base(origin, taught, tmp_path):
    from peft import AutoPeftModelForCausalLM
    from transformers import AutoModelForCausalLM

    adapter.write(origin.model, tmp_path)
    file = tmp_path / "adapter_config.json"
    config = json.loads(file.read_text("utf-8"))
    assert str(taught.parent) not in json.dumps(config)  # nobody's folders leave with it
    config["base_model_name_or_path"] = origin.note.base
    file.write_text(json.dumps(config), "utf-8")
    beside = AutoPeftModelForCausalLM.from_pretrained(tmp_path).eval()
    merged = AutoModelForCausalLM.from_pretrained(taught / "model").eval()
    base = AutoModelForCausalLM.from_pretrained(origin.note.base).eval()
    ids = torch.tensor([[5, 80, 81, 82, 7]])
    with torch.no_grad():
        scores = [model(input_ids=ids).logits for model in (beside, merged, base)]
    assert torch.allclose(scores[0], scores[1], atol=1e-4)
    assert not torch.allclose(scores[0], scores[2], atol=1e-1)


def test_a_model_without_small_matrices_has_no_adapter(origin, taught, tmp_path):
    kept = taught / "tuned" / ADAPTER
    aside = kept.rename(taught / "aside")
    try:
        with pytest.raises(WorkError) as caught:
            exporting.write_export(
                origin, wanted=target("adapter"), place=tmp_path / "out", work=Silent()
            )
    finally:
        aside.rename(kept)
    assert caught.value.code == "no-adapter"
    assert list(tmp_path.iterdir()) == []


def test_the_sign_that_ends_an_answer_is_the_one_that_was_taught(origin, tmp_path):
    """The tokenizer of some bases names another; then an answer would never end."""
    said = msgspec.json.decode((origin.model / "generation_config.json").read_bytes())
    (tmp_path / "generation_config.json").write_bytes(msgspec.json.encode(said))
    odd = type("Odd", (), {"eos_token_id": 0})()
    assert stop_of(tmp_path, odd) == said["eos_token_id"] == 2
    assert stop_of(tmp_path / "nowhere", odd) == 0

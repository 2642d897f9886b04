"""Texts to learn writing from: what is made of rows, what the model reads, what its loss is."""

import numpy as np
import pytest
import torch
from torch import nn
from transformers import AutoTokenizer

from support import tiny_writer
from zeroapp.dataset import Example, Row
from zeroapp.errors import ModelError
from zeroapp.export.gguf_file import woven
from zeroapp.models.gguf_model import unwoven
from zeroapp.plan import Method, TrainPlan
from zeroapp.tasks.text_generation.chunked_loss import ChunkedLoss
from zeroapp.tasks.text_generation.reading import BEGIN, CONTINUE, LONGEST, examples
from zeroapp.tasks.text_generation.training import training
from zeroapp.turns import Turn, told


def rows(*texts, file="a.md", heading=""):
    return [
        Row(id=n, file=file, line=n, cells={"text": text, "heading": heading})
        for n, text in enumerate(texts, start=1)
    ]


def plan(base, **changes) -> TrainPlan:
    wanted = {"task": "t", "base": str(base), "data_version": "v", "labels": (), "max_length": 128}
    return TrainPlan(**(wanted | changes))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_writer.make(tmp_path_factory.mktemp("writer") / "base")


def test_every_word_of_ones_texts_is_learned_once():
    paragraphs = [f"Paragraph {n} " + "says a word. " * (7 * n) for n in range(1, 20)]
    made = list(examples(rows(*paragraphs), {"text": "text"}))
    said = " ".join(example.label for example in made).split()
    assert said == " ".join(paragraphs).split()
    assert all(len(example.label.split()) <= LONGEST for example in made)
    assert made[0].text == BEGIN
    assert all(example.text.startswith(CONTINUE) for example in made[1:])
    # every row is known, so that an old split finds its rows again
    assert {row for e in made for row in (e.row_id, *e.more)} == set(range(1, 20))


def test_a_text_with_a_heading_can_be_asked_for():
    made = list(examples(rows("Short.", heading="Monday"), {"text": "text", "heading": "heading"}))
    assert made[0].text == "Write the text called “Monday”."


def test_another_file_begins_anew():
    both = [*rows("One. " * 200), *rows("Two. " * 200, file="b.md")]
    starts = [e.text for e in examples(both, {"text": "text"}) if not e.text.startswith(CONTINUE)]
    assert starts == [BEGIN, BEGIN]


def test_pairs_stay_pairs_and_half_ones_are_left_out():
    cells = [("ask", "it", "say"), ("ask", "", "say"), ("", "", "say"), ("ask", "", " ")]
    made = [
        Row(id=n, file="f", line=n, cells={"q": q, "i": i, "a": a})
        for n, (q, i, a) in enumerate(cells)
    ]
    found = list(examples(made, {"text": "q", "input": "i", "label": "a"}))
    assert [(e.text, e.label) for e in found] == [("ask\n\nit", "say"), ("ask", "say")]


def test_what_is_previewed_is_what_is_read(base):
    half = training(plan(base), base)
    example = Example(row_id=1, text="Ünïcode?", label="Yes 42, “so”\n\n漢")
    encoded = half.encode([example])[0]
    assert half.tokenizer.decode(encoded.ids) == "".join(*half.preview(example))
    ((start, _),) = encoded.learned
    answer = half.tokenizer.decode(encoded.ids[start:])
    assert answer == example.label + "<|im_end|>"


def test_a_cut_answer_learns_no_end_and_a_prompt_without_room_teaches_nothing(base):
    half = training(plan(base, max_length=64), base)
    cut, full = half.encode(
        [
            Example(row_id=1, text="a", label="long " * 50),
            Example(row_id=2, text="long " * 50, label="a"),
        ]
    )
    assert len(cut.ids) == len(full.ids) == 64
    ((start, _),) = cut.learned
    assert half.layout.stop not in cut.ids[start:]
    assert (full.learned, full.targets) == ((), 0)


def test_every_answer_of_a_talk_is_learned_with_the_turns_before_it(base):
    half = training(plan(base, max_length=512), base)
    before = [
        Turn("system", "Be kind."),
        Turn("user", "Hello"),
        Turn("assistant", "Hi.\nuser: is how I call you"),
    ]
    talk = Example(row_id=1, text=told([*before, Turn("user", "Where?")]), label="Here.")
    encoded = half.encode([talk])[0]
    said = [half.tokenizer.decode(encoded.ids[start:end]) for start, end in encoded.learned]
    assert said == ["Hi.\nuser: is how I call you<|im_end|>", "Here.<|im_end|>"]
    messages = [{"role": t.who, "content": t.said} for t in before]
    messages += [{"role": "user", "content": "Where?"}, {"role": "assistant", "content": "Here."}]
    by_library = half.tokenizer.apply_chat_template(messages, return_dict=False)
    assert list(encoded.ids) == by_library[: len(encoded.ids)]
    assert half.tokenizer.decode(encoded.ids) == "".join(map("".join, half.preview(talk)))
    assert encoded.targets == sum(end - start for start, end in encoded.learned)
    # and the loss is that of those answers, as transformers counts it
    model = half.build().eval()
    ids = torch.tensor([encoded.ids])
    wanted = torch.full_like(ids, -100)
    for start, end in encoded.learned:
        wanted[:, start:end] = ids[:, start:end]
    with torch.no_grad():
        ours = half.losses(model, half.collate(half.encode([talk, talk])))
        theirs = float(model.model(input_ids=ids, labels=wanted).loss) * encoded.targets
    assert ours.tolist() == pytest.approx([theirs, theirs], rel=1e-5)


def test_of_a_talk_that_is_too_long_the_oldest_turns_go_and_the_rules_stay(base):
    half = training(plan(base, max_length=160), base)
    turns = [Turn("system", "Rules.")]
    for n in range(9):
        turns += [Turn("user", f"Ask {n}"), Turn("assistant", f"Say {n}")]
    talk = Example(row_id=1, text=told([*turns, Turn("user", "Last")]), label="End")
    encoded = half.encode([talk])[0]
    text = half.tokenizer.decode(encoded.ids)
    assert len(encoded.ids) <= 160
    assert text.startswith("<|im_start|>system\nRules.<|im_end|>\n<|im_start|>user\nAsk ")
    assert "Ask 0" not in text
    assert "Say 8" in text
    assert text.endswith("End<|im_end|>")


@pytest.mark.parametrize(
    ("template", "learned"),
    [
        # no place for rules: they stand before the first question
        (tiny_writer.TEMPLATE.replace("{% for", "{% if messages[0]['role'] == 'system' %}"
         "{{ raise_exception('no rules') }}{% endif %}{% for", 1), ["Hi", "Here."]),
        # earlier answers are written in another way than the last: they are read, not learned
        (tiny_writer.TEMPLATE.replace("message['content']", "('' if message['role'] == "
         "'assistant' and not loop.last else message['content'])"), ["Here."]),
    ],
)  # fmt: skip
def test_templates_with_ways_of_their_own(tmp_path, template, learned):
    folder = tiny_writer.make(tmp_path / "own", template=template)
    half = training(plan(folder, max_length=512), folder)
    before = [Turn("system", "Be kind."), Turn("user", "Hello"), Turn("assistant", "Hi")]
    talk = Example(row_id=1, text=told([*before, Turn("user", "Where?")]), label="Here.")
    encoded = half.encode([talk])[0]
    said = [half.tokenizer.decode(encoded.ids[start:end]) for start, end in encoded.learned]
    assert said == [f"{answer}<|im_end|>" for answer in learned]
    assert "Be kind." in half.tokenizer.decode(encoded.ids)
    # the layout goes with the model: whoever opens it alone lays the talk out in the same way
    half.tokenizer.save_pretrained(tmp_path / "saved")
    alone = AutoTokenizer.from_pretrained(tmp_path / "saved", local_files_only=True)
    messages = [{"role": t.who, "content": t.said} for t in before]
    messages.append({"role": "user", "content": "Where?"})
    prompt = alone.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert half.tokenizer.decode(encoded.ids) == f"{prompt}Here.<|im_end|>"


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'the same whatever is said' }}",
        "{% for m in messages %}{{ m['content'] | upper }}{% endfor %}",
        "{{ messages[7]['content'] }}{{ raise_exception('no') }}",
    ],
)
def test_a_template_that_does_not_round_trip_is_refused(tmp_path, template):
    folder = tiny_writer.make(tmp_path / "odd", template=template)
    with pytest.raises(ModelError) as caught:
        training(plan(folder), folder)
    assert caught.value.code == "template-broken"


def test_a_base_that_never_talked_gets_a_plain_layout(tmp_path):
    folder = tiny_writer.make(tmp_path / "plain", template=None)
    half = training(plan(folder), folder)
    shown = half.preview(Example(row_id=1, text="Ask", label="Say"))
    assert shown == (("Ask\n\n###\n\n", "Say<|im_end|>"),)


def test_no_text_sees_its_neighbours_in_a_row(base):
    half = training(plan(base), base)
    encoded = half.encode(
        [Example(row_id=n, text="x" * n, label="said " * n) for n in (1, 3, 5, 9)]
    )
    model = half.build().eval()
    with torch.no_grad():
        together = half.losses(model, half.collate(encoded))
        alone = torch.cat([half.losses(model, half.collate([one])) for one in encoded])
        # and they are what transformers itself counts
        by_library = []
        for one in encoded:
            ids = torch.tensor([one.ids])
            wanted = ids.clone()
            ((start, _),) = one.learned
            wanted[:, :start] = -100
            by_library.append(float(model.model(input_ids=ids, labels=wanted).loss) * one.targets)
    assert torch.allclose(together, alone, rtol=1e-5)
    assert together.tolist() == pytest.approx(by_library, rel=1e-5)


def test_a_batch_that_teaches_nothing_has_a_loss_of_zero_and_gradients(base):
    half = training(plan(base, method=Method.full), base)
    model = half.build()
    silent = half.encode([Example(row_id=1, text="only asked")])
    loss, count = half.loss(model, half.collate(silent))
    loss.backward()
    assert (float(loss.detach()), count) == (0.0, 0)
    assert model.model.get_input_embeddings().weight.grad is not None


@pytest.mark.parametrize("count", [1, 255, 256, 700])
def test_the_loss_in_pieces_is_the_loss(count):
    torch.manual_seed(0)
    hidden = torch.randn(count, 16, requires_grad=True)
    weight = torch.randn(50, 16, requires_grad=True)
    targets = torch.randint(0, 50, (count,))
    ChunkedLoss.apply(hidden, weight, targets).sum().mul(0.25).backward()
    pieces = hidden.grad.clone(), weight.grad.clone()
    hidden.grad = weight.grad = None
    whole = nn.functional.cross_entropy(hidden @ weight.T, targets, reduction="sum") * 0.25
    whole.backward()
    assert torch.allclose(pieces[0], hidden.grad, atol=1e-5)
    assert torch.allclose(pieces[1], weight.grad, atol=1e-4)


def test_weaving_for_llama_cpp_and_back_is_nothing():
    values = np.arange(8 * 6, dtype=np.float32).reshape(8, 6)
    assert not np.array_equal(woven(values, heads=2), values)
    assert np.array_equal(unwoven(woven(values, heads=2), heads=2), values)

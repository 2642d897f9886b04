"""The examples shown with a plan are those that training reads, sign for sign."""

import json

import pytest

from support import text_stories, tiny_writer
from support.listener import Listener
from zeroapp import tasks
from zeroapp.data.checks import check
from zeroapp.data.importing import import_paths
from zeroapp.dataset import Answers, Part
from zeroapp.engine.heavy import half_of
from zeroapp.engine.previews import previews
from zeroapp.errors import ModelError
from zeroapp.models import token_counter
from zeroapp.plan import TrainPlan
from zeroapp.project import Project

ROWS = "question,answer\n" + "".join(
    f"What of number {n}?,x and im_end are words of answer {'long ' * (n % 5) * n}{n}\n"
    for n in range(1, 31)
)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "pairs.csv").write_text(ROWS)
    made = Project.create(tmp_path / "project", task=text_stories.TASK.key)
    import_paths(made, [tmp_path / "pairs.csv"], Listener())
    made.set_roles({"text": "question", "label": "answer"})
    return made


def plan_of(project, base, **changes) -> TrainPlan:
    count = token_counter(tiny_writer.make(project.folder.parent / "counter"))
    profile, _ = check(project, Listener(), count_tokens=count, limit=512)
    wanted = {"task": project.task, "base": str(base), "labels": (), "max_length": 512}
    return TrainPlan(**(wanted | {"data_version": profile.version} | changes))


def test_read_and_learned_are_what_training_reads_and_learns(project, tmp_path):
    base = tiny_writer.make(tmp_path / "base")
    plan = plan_of(project, base)
    shown = previews(project, plan, Listener())
    half = half_of(plan, base)
    rows = project.parts(version=plan.data_version, seed=plan.seed)[Part.train][: len(shown)]
    assert shown
    for preview, encoded in zip(shown, half.encode(rows), strict=True):
        ((cut, _),) = encoded.learned
        assert preview.read == half.tokenizer.decode(encoded.ids[:cut])
        assert preview.learned == half.tokenizer.decode(encoded.ids[cut:])
        assert (preview.tokens, preview.cut) == (len(encoded.ids), False)


def test_of_a_talk_every_turn_is_shown_as_it_is_trained(tmp_path):
    said = [("user", "Hello"), ("assistant", "Hi"), ("user", "Where?"), ("assistant", "Here.")]
    rows = [
        {"messages": [{"role": who, "content": f"{text} {n}"} for who, text in said]}
        for n in range(30)
    ]
    (tmp_path / "talks.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with Project.create(tmp_path / "talks", task=text_stories.TASK.key) as project:
        import_paths(project, [tmp_path / "talks.jsonl"], Listener())
        base = tiny_writer.make(tmp_path / "base")
        plan = plan_of(project, base)
        (shown, *_) = previews(project, plan, Listener())
        row = project.parts(version=plan.data_version, seed=plan.seed)[Part.train][0]
        half = half_of(plan, base)
    ((_, first),) = shown.earlier
    assert (first[:3], shown.learned[:6]) == ("Hi ", "Here. ")
    whole = "".join([*map("".join, shown.earlier), shown.read, shown.learned])
    assert whole == half.tokenizer.decode(half.encode([row])[0].ids)


def test_what_is_longer_than_the_plan_reads_is_said(project, tmp_path):
    plan = plan_of(project, tiny_writer.make(tmp_path / "base"), max_length=48)
    assert all(preview.cut for preview in previews(project, plan, Listener()))


def test_a_template_that_loses_words_is_an_error_before_training(project, tmp_path):
    lost = "{% for message in messages %}{{ message['role'] }}{% endfor %}"
    plan = plan_of(project, tiny_writer.make(tmp_path / "base", template=lost))
    with pytest.raises(ModelError) as raised:
        previews(project, plan, Listener())
    assert raised.value.code == "template-broken"


def test_labels_have_nothing_to_preview(project, tmp_path):
    key = next(t.key for t in tasks.all_tasks().values() if t.answers is Answers.labels)
    plan = TrainPlan(task=key, base="none", data_version="v", labels=("a", "b"))
    assert previews(project, plan, Listener()) == ()

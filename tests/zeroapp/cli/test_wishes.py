import msgspec
import pytest

from zeroapp.cli import wishes
from zeroapp.cli.arguments import parser
from zeroapp.errors import UsageError
from zeroapp.plan import Offload, PlanOptions, Precision, TrainPlan

PLAN = TrainPlan(task="t", base="b", data_version="v", labels=("x", "y"), epochs=4, ranks=2)


def options(*words):
    return wishes.options_of(parser().parse_args(["train", "DIR", *words]))


def test_nothing_said_leaves_all_to_the_planner():
    assert wishes.nothing_asked(options())


def test_every_option_arrives():
    asked = options(
        *("--ranks", "2", "--zero", "3", "--offload", "cpu", "--memory-limit", "1.5"),
        *("--base", "owner/name", "--seed", "4", "--epochs", "2"),
        *("--set", "batch_size=64", "--set", "packing=false", "--set", "precision=bf16"),
    )
    assert asked == PlanOptions(
        base="owner/name",
        ranks=2,
        zero_stage=3,
        offload=Offload.cpu,
        memory_limit=1_500_000_000,  # 1.5 GB
        overrides={
            "batch_size": 64,
            "packing": False,
            "precision": "bf16",
            "epochs": 2,
            "seed": 4,
        },
    )
    job = msgspec.json.encode(asked)
    assert msgspec.json.decode(job, type=PlanOptions) == asked


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--set", "epoch=3"), "unknown-plan-field", "“epochs”"),
        (("--set", "learning_rat=1"), "unknown-plan-field", "“learning_rate”"),
        (("--set", "qqq=1"), "unknown-plan-field", "batch_size"),  # nothing near: all are named
        (("--set", "epochs"), "bad-plan-value", "field=value"),
        (("--set", "epochs=many"), "bad-plan-value", "epochs"),
        (("--set", "epochs=0"), "bad-plan-value", "epochs"),
        (("--set", "labels=a"), "bad-plan-value", "follows from"),
        (("--set", "precision=fp8"), "bad-plan-value", "precision"),
        (("--epochs", "1000"), "bad-plan-value", "epochs"),
        (("--ranks", "0"), "bad-plan-value", "ranks"),
        (("--zero", "4"), "bad-usage", "zero"),
        (("--memory-limit", "-1"), "bad-plan-value", "memory_limit"),
        (("--no-such-thing",), "bad-usage", "no-such-thing"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told(words, code, says):
    with pytest.raises(UsageError) as caught:
        options(*words)
    assert caught.value.code == code
    assert says in caught.value.title + caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        (PlanOptions(), True),
        (PlanOptions(ranks=2), True),
        (PlanOptions(ranks=1), False),
        (PlanOptions(base="b", overrides={"epochs": 4, "precision": "fp32"}), True),
        (PlanOptions(overrides={"epochs": 5}), False),
        (PlanOptions(zero_stage=3), False),
    ],
)
def test_a_plan_obeys_only_what_was_asked(asked, fits):
    assert wishes.obeys(PLAN, asked) is fits


def test_a_plan_obeys_the_options_made_of_it():
    plan = msgspec.structs.replace(PLAN, precision=Precision.bf16, learning_rate=3e-5)
    assert wishes.obeys(plan, wishes.as_options(plan))


def test_later_wishes_go_on_top():
    both = wishes.merged(
        PlanOptions(ranks=2, base="b", overrides={"epochs": 1, "seed": 2}),
        PlanOptions(ranks=1, overrides={"epochs": 3}),
    )
    assert both == PlanOptions(ranks=1, base="b", overrides={"epochs": 3, "seed": 2})


@pytest.mark.parametrize("wrap", [False, True], ids=["plan", "as plan --json prints it"])
def test_a_plan_is_read_back(tmp_path, wrap):
    file = tmp_path / "plan.json"
    file.write_bytes(msgspec.json.encode({"plan": PLAN, "forecast": {}} if wrap else PLAN))
    assert wishes.read_plan(file) == PLAN


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "no-file"),
        (b"{", "bad-plan"),
        (b"[]", "bad-plan"),
        (b'{"plan": 3}', "bad-plan"),
        (b'{"task": "t"}', "bad-plan"),  # fields are missing
        (msgspec.json.encode({**msgspec.to_builtins(PLAN), "epochz": 1}), "unknown-plan-field"),
        (msgspec.json.encode({**msgspec.to_builtins(PLAN), "epochs": "x"}), "bad-plan"),
    ],
)
def test_a_bad_plan_file_is_told(tmp_path, content, code):
    file = tmp_path / "plan.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError) as caught:
        wishes.read_plan(file)
    assert caught.value.code == code

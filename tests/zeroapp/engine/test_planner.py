"""The planner: sensible by itself, obedient when asked, clear when it cannot."""

import dataclasses
from typing import Any

import pytest
from msgspec.structs import replace

from zeroapp import catalogue, estimate, tasks
from zeroapp.dataset import Answers, DatasetProfile, LabelCount, LengthStats, Reads
from zeroapp.engine import planner_words
from zeroapp.engine.first_plan import first_plan
from zeroapp.engine.planner import Situation, _base, choose, with_fields
from zeroapp.errors import ResourceError, UsageError
from zeroapp.estimate import Amount, Shape
from zeroapp.hardware import Gpu, HardwareProfile, Throughput
from zeroapp.plan import Device, Offload, PlanOptions, Precision, ZeroStage

GB = 10**9


def computer(
    *, memory: int = 16 * GB, gpus: tuple[Gpu, ...] = (), **changes: Any
) -> HardwareProfile:
    known = {
        "system": "Linux 6",
        "processor": "x86_64",
        "cores": 4,
        "memory_total": memory,
        "memory_available": memory,
        "disk_free": 100 * GB,
        "device": Device.cuda if gpus else Device.cpu,
        "gpus": gpus,
        "speeds": (
            Throughput(
                base="minilm-l6", precision="fp32", forward_tokens=6000, training_tokens=2000
            ),
        ),
    }
    return HardwareProfile(**known | changes)


def situation(
    *,
    rows: int = 4000,
    language: str = "en",
    hardware: HardwareProfile | None = None,
    longest: int = 90,
) -> Situation:
    profile = DatasetProfile(
        version="v",
        rows=rows,
        usable=rows,
        set_aside=0,
        columns=(),
        roles={},
        labels=(LabelCount(label="b", count=rows // 2), LabelCount(label="a", count=rows // 2)),
        lengths=LengthStats(mean=20, median=18, p95=60, longest=longest, over_limit=0, limit=256),
        language=language,
    )
    return Situation(
        task="text_classification",
        profile=profile,
        base=catalogue.starter_for(language),
        hardware=hardware or computer(),
        amount=Amount(
            train=int(rows * 0.7),
            validation=int(rows * 0.15),
            test=int(rows * 0.15),
            mean_tokens=20,
            longest=longest,
        ),
    )


def gpu(*, free: int) -> Gpu:
    return Gpu(name="Card", total=free, free=free, bf16=True)


def test_on_a_processor_one_process_does_it_all():
    planned = choose(situation(), PlanOptions())

    assert (planned.plan.ranks, planned.plan.zero_stage) == (1, ZeroStage.none)
    assert planned.plan.labels == ("a", "b")
    assert planned.forecast.peak_bytes < planned.forecast.available_bytes
    assert any("ZeRO" in rejected.choice for rejected in planned.forecast.rejected)


def test_rows_that_are_not_english_get_the_multilingual_starter():
    plan = choose(situation(language="de"), PlanOptions()).plan

    assert plan.base == "e5-small-multilingual"
    assert plan.prefix == "query: "


@pytest.mark.parametrize(("faster", "precision"), [(True, Precision.bf16), (False, Precision.fp32)])
def test_half_precision_only_where_it_was_measured_to_be_faster(faster, precision):
    hardware = computer(bf16_hardware=True, bf16_faster=faster)

    assert choose(situation(hardware=hardware), PlanOptions()).plan.precision is precision


TIMED = tuple(
    Throughput(base="minilm-l6", precision=kind, forward_tokens=6000, training_tokens=2000)
    for kind in ("fp32", "bf16")
)


@pytest.mark.parametrize(
    ("hardware", "precision"),
    [
        (computer(bf16_hardware=True), Precision.bf16),
        (computer(bf16_hardware=True, speeds=TIMED), Precision.fp32),  # and was not faster
        (computer(bf16_hardware=True, speeds=TIMED, bf16_faster=True), Precision.bf16),
        (computer(bf16_hardware=False), Precision.fp32),
    ],
)
def test_what_writes_starts_in_half_precision_where_there_is_hardware_for_it(hardware, precision):
    profile = situation().profile
    (base,) = catalogue.starters(answers=Answers.text)[:1]
    made = first_plan("t", profile, base, hardware=hardware, rows=300)
    assert made.precision is precision


def test_a_licence_that_forbids_sale_is_said_with_the_plan():
    asked = situation()
    plan = first_plan("t", asked.profile, asked.base, hardware=computer(), rows=300)
    assert "sold" not in planner_words.why(plan, asked.base, computer())
    bound = replace(asked.base, may_sell=False, licence="cc-by-nc-4.0")
    said = planner_words.why(plan, bound, computer())
    assert "licence (cc-by-nc-4.0) may not allow what is made with it to be sold" in said


def test_two_cards_share_gradients_and_optimizer():
    cards = (gpu(free=12 * GB), gpu(free=12 * GB))
    plan = choose(situation(hardware=computer(gpus=cards)), PlanOptions()).plan

    assert (plan.device, plan.ranks, plan.zero_stage) == (Device.cuda, 2, ZeroStage.gradients)


def test_a_card_too_small_keeps_its_weights_and_lends_the_optimizer_to_main_memory():
    card = situation(hardware=computer(gpus=(gpu(free=12 * GB),)))
    fixed = {"micro_tokens": 256, "recompute": False, "precision": "fp32"}
    ways = (Offload.none, Offload.optimizer)
    needs = [
        choose(card, PlanOptions(offload=way, overrides=fixed)).forecast.peak_bytes for way in ways
    ]
    chosen = [
        choose(card, PlanOptions(memory_limit=need, overrides=fixed)).plan.offload for need in needs
    ]

    assert needs[0] > needs[1]
    assert chosen == list(ways)


def test_the_more_waits_elsewhere_the_less_a_card_holds():
    plan = choose(situation(hardware=computer(gpus=(gpu(free=12 * GB),))), PlanOptions()).plan
    plan = replace(plan, freeze_embeddings=False)
    shape = Shape(
        parameters=10**9, embedding_parameters=5 * 10**7, layers=24, hidden=2048, labels=2
    )
    amount = Amount(train=100, validation=10, test=10, mean_tokens=20, longest=90)
    none, optimizer, everything = (
        estimate.total(estimate.memory(shape, replace(plan, offload=way), amount))
        for way in (Offload.none, Offload.optimizer, Offload.cpu)
    )

    assert none - optimizer > 11 * shape.parameters  # moments, and nearly all gradients
    assert optimizer - everything > 3 * shape.parameters  # nearly all weights


def test_ranks_and_stage_are_obeyed_and_change_nothing_else():
    free = choose(situation(), PlanOptions()).plan
    asked = choose(situation(), PlanOptions(ranks=2, zero_stage=3)).plan

    assert (asked.ranks, asked.zero_stage) == (2, ZeroStage.parameters)
    assert (asked.batch_size, asked.learning_rate) == (free.batch_size, free.learning_rate)


def test_little_data_gets_more_passes():
    few, many = (choose(situation(rows=n), PlanOptions()).plan for n in (200, 40_000))

    assert few.epochs > many.epochs
    assert few.batch_size < many.batch_size


def test_a_memory_limit_is_obeyed_by_smaller_micro_batches():
    whole = choose(situation(longest=128), PlanOptions())
    limit = whole.forecast.peak_bytes - 20_000_000
    tight = choose(situation(longest=128), PlanOptions(memory_limit=limit))

    assert tight.forecast.peak_bytes <= limit
    assert tight.plan.micro_tokens < whole.plan.micro_tokens
    assert tight.plan.batch_size == whole.plan.batch_size


def test_a_limit_below_the_minimum_says_how_much_is_needed():
    with pytest.raises(ResourceError) as caught:
        choose(situation(), PlanOptions(memory_limit=100_000_000))

    assert caught.value.code == "memory-limit-too-small"
    assert "GB" in caught.value.title


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (PlanOptions(ranks=64), "too-many-ranks"),
        (PlanOptions(overrides={"epochs": 0}), "bad-plan-value"),
        (PlanOptions(overrides={"learning_rate": "fast"}), "bad-plan-value"),
        (PlanOptions(zero_stage=7), "bad-plan-value"),
        (PlanOptions(overrides={"epoch": 3}), "unknown-plan-field"),
    ],
)
def test_impossible_wishes_are_refused_in_words(options, code):
    with pytest.raises(UsageError) as caught:
        choose(situation(), options)

    assert caught.value.code == code
    assert caught.value.exit_code == 2


def test_a_base_that_writes_or_looks_is_refused_where_texts_are_sorted():
    task = tasks.get("text_classification")
    profile = situation().profile
    looks, writes = (
        catalogue.starters(reads=Reads.picture),
        catalogue.starters(answers=Answers.text),
    )
    for base in (*looks[:1], *writes[:1]):
        with pytest.raises(UsageError) as caught:
            _base(PlanOptions(base=base.key), profile, task=task)
        assert caught.value.code in {"base-reads-otherwise", "base-answers-otherwise"}
        assert base.title in caught.value.title


def test_an_unknown_field_comes_with_a_guess():
    plan = choose(situation(), PlanOptions()).plan

    with pytest.raises(UsageError, match="Did you mean epochs"):
        with_fields(plan, {"epoch": 3})


def test_text_values_from_a_command_line_become_numbers():
    plan = with_fields(
        choose(situation(), PlanOptions()).plan, {"epochs": "4", "fine_tune": "false"}
    )

    assert (plan.epochs, plan.fine_tune) == (4, False)


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_model_states_follow_the_zero_paper(stage):
    """Section 3: optimizer states 8 bytes a trained parameter, divided by the ranks."""
    plan = choose(situation(), PlanOptions(ranks=4, zero_stage=stage)).plan
    shape = estimate.Shape(
        parameters=22_565_376, embedding_parameters=11_917_440, layers=6, hidden=384, labels=2
    )
    parts = {p.name: p.bytes for p in estimate.memory(shape, plan, situation().amount)}
    trained = 22_565_376 - 11_917_440 + 768

    assert parts["optimizer"] == 8 * trained // 4
    if stage == 3:
        assert parts["parameters"] < 4 * shape.parameters * 1.4  # a quarter, and two largest units
    if stage == 1:
        assert parts["gradients"] == 4 * trained


def test_what_the_libraries_take_here_is_part_of_the_forecast():
    known = situation()
    more = dataclasses.replace(known, libraries=known.libraries + 2**26)
    here, there = (choose(one, PlanOptions()).forecast.peak_bytes for one in (known, more))
    assert there - here == 2**26


def test_more_rows_take_longer_and_say_so():
    short, long = (choose(situation(rows=n), PlanOptions()).forecast for n in (5000, 50_000))

    assert long.seconds > 5 * short.seconds / 2
    assert short.seconds_low < short.seconds < short.seconds_high


@pytest.mark.parametrize(("asked", "rate"), [({}, 2e-4), ({"learning_rate": 1e-3}, 1e-3)])
def test_lora_learns_at_its_own_rate_unless_asked_otherwise(asked, rate):
    made = choose(situation(), PlanOptions(overrides={"method": "lora"} | asked))
    assert made.plan.learning_rate == rate


def test_no_memory_for_it_all_means_less_at_a_time_not_something_else():
    roomy = choose(situation(), PlanOptions())
    tight = choose(situation(), PlanOptions(memory_limit=int(roomy.forecast.peak_bytes * 0.9)))
    assert tight.forecast.peak_bytes <= roomy.forecast.peak_bytes * 0.9
    assert tight.plan.method == roomy.plan.method == "full"
    assert tight.plan.batch_size == roomy.plan.batch_size
    assert roomy.plan.micro_tokens > tight.plan.micro_tokens or tight.plan.recompute
    assert tight.forecast.rejected

"""The rules of the flow, without a window."""

import itertools

from zeroapp.wizard import (
    Draft,
    Mark,
    Step,
    done_steps,
    landing,
    mark,
    missing,
    next_step,
    previous_step,
)

READY = Draft(rows=100, checked=True, planned=True)


def every_draft():
    """All drafts that differ in what the rules look at."""
    flags = itertools.product((0, 9), ((), ("Kind",)), (0, 2), *[(False, True)] * 5)
    for rows, roles, blocking, checked, planned, training, judged, exported in flags:
        yield Draft(
            rows=rows,
            missing_roles=roles,
            blocking=blocking,
            checked=checked,
            planned=planned,
            training=training,
            judged=judged,
            exported=exported,
        )


def open_steps(draft):
    return tuple(step for step in Step if not missing(draft, step))


def test_a_new_project_opens_only_the_examples():
    assert open_steps(Draft()) == (Step.examples,)
    assert missing(Draft(), Step.check) == ("Add some examples first.",)


def test_each_result_opens_the_next_step():
    assert open_steps(Draft(rows=9)) == (Step.examples, Step.check)
    assert open_steps(Draft(rows=9, checked=True)) == (Step.examples, Step.check, Step.plan)
    assert Step.train in open_steps(READY)
    assert Step.quality not in open_steps(READY)
    judged = Draft(rows=9, checked=True, planned=True, judged=True)
    assert open_steps(judged) == tuple(Step)


def test_a_column_without_a_part_is_named():
    draft = Draft(rows=9, missing_roles=("Text", "Kind"))
    assert missing(draft, Step.check) == (
        "Choose the column for “Text”.",
        "Choose the column for “Kind”.",
    )


def test_blocking_problems_close_the_plan_and_say_how_many():
    one = Draft(rows=9, checked=True, blocking=1)
    two = Draft(rows=9, checked=True, blocking=2)
    assert missing(one, Step.plan) == ("One problem must be mended first.",)
    assert missing(two, Step.plan) == ("2 problems must be mended first.",)
    assert Step.check not in done_steps(two)


def test_a_training_stays_open_whatever_happens_to_the_data():
    draft = Draft(rows=0, training=True)
    assert missing(draft, Step.train) == ()
    assert landing(draft) is Step.train


def test_what_is_missing_is_a_sentence():
    for draft in every_draft():
        for step in Step:
            assert all(gap.endswith(".") for gap in missing(draft, step))


def test_the_examples_are_always_open_and_the_landing_too():
    for draft in every_draft():
        assert Step.examples in open_steps(draft)
        assert landing(draft) in open_steps(draft)


def test_a_project_lands_where_the_work_is():
    assert landing(Draft()) is Step.examples
    assert landing(Draft(rows=9, missing_roles=("Kind",))) is Step.examples
    assert landing(Draft(rows=9)) is Step.check
    assert landing(Draft(rows=9, judged=True)) is Step.quality
    assert landing(Draft(rows=9, judged=True, training=True)) is Step.train


def test_marks_tell_done_current_open_and_locked_apart():
    marks = [mark(Draft(rows=9), step, current=Step.check) for step in Step]
    assert marks == [Mark.done, Mark.current, Mark.locked, Mark.locked, Mark.locked, Mark.locked]
    assert mark(READY, Step.train, current=Step.plan) is Mark.open


def test_the_steps_have_one_order():
    forward, step = [Step.examples], Step.examples
    while (step := next_step(step)) is not None:
        forward.append(step)
    assert forward == list(Step)
    assert [previous_step(step) for step in forward] == [None, *forward[:-1]]

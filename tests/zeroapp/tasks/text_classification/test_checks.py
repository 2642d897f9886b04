import pytest

from zeroapp.dataset import DatasetProfile, Example, LabelCount
from zeroapp.errors import Severity
from zeroapp.tasks import get

TASK = get("text_classification")


def check(counts):
    labels = tuple(
        LabelCount(label=label, count=count)
        for label, count in sorted(counts.items(), key=lambda item: -item[1])
    )
    total = sum(counts.values())
    profile = DatasetProfile(
        version="v", rows=total, usable=total, set_aside=0, columns=(),
        roles={"text": "message", "label": "kind"}, labels=labels,
    )  # fmt: skip
    examples = [
        Example(row_id=n, text=f"text {n}", label=label)
        for n, label in enumerate(label for label, count in counts.items() for _ in range(count))
    ]
    return TASK.check(profile, examples)


@pytest.mark.parametrize(
    ("counts", "code", "severity", "count"),
    [
        ({"a": 20}, "one-label-only", Severity.blocking, 20),
        ({str(n): 1 for n in range(9)}, "many-labels-like-ids", Severity.blocking, 9),
        ({str(n): 2 for n in range(2001)}, "too-many-labels", Severity.blocking, 2001),
        ({"a": 20, "b": 20, "c": 3, "d": 1}, "label-with-too-few-rows", Severity.warning, 4),
        ({"a": 50, "b": 10}, "imbalance", Severity.info, 10),
        ({"a": 100, "b": 5}, "imbalance", Severity.warning, 5),
        ({"Refund": 9, "refund ": 8, "REFUND": 7, "x": 9}, "mixed-label-spelling",
         Severity.warning, 24),
        ({"lost card": 9, "lost_card": 8, "x": 9}, "mixed-label-spelling", Severity.warning, 17),
    ],
)  # fmt: skip
def test_what_is_wrong_with_labels_is_said(counts, code, severity, count):
    (problem,) = check(counts)
    assert (problem.code, problem.severity, problem.count) == (code, severity, count)
    assert problem.place.column == "kind"
    for text in (problem.title, problem.why, problem.remedy):
        assert text.endswith(".")


@pytest.mark.parametrize(
    "counts", [{"a": 10, "b": 10}, {"a": 40, "b": 9}, {"c": 9, "c++": 9}, {"1": 4, "2": 4}]
)
def test_healthy_labels_are_not_complained_about(counts):
    assert check(counts) == []


def test_a_rare_kind_is_not_also_called_uneven():
    codes = [problem.code for problem in check({"a": 100, "b": 90, "c": 1})]
    assert codes == ["label-with-too-few-rows"]


def test_the_task_is_whole():
    assert TASK.sample.path.is_file()
    assert [role.key for role in TASK.roles] == ["text", "label"]
    assert TASK.metrics[0].key == "accuracy"
    assert set(TASK.exports) == {"safetensors", "onnx", "onnx-int8"}
    for role in TASK.roles:
        assert len(set(role.names)) == len(role.names)
        assert all(name == name.casefold() for name in role.names)


def test_uneven_kinds_are_told_how_many_more_rows_are_wanted():
    (found,) = check({"a": 100, "b": 60, "c": 10, "d": 5})
    assert "20 more of “d”, 15 more of “c”;" in found.remedy
    assert "“b”" not in found.remedy

"""Looks at all the data: what it is like, what is wrong with it. Labels are the task's matter."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from zeroapp import tasks
from zeroapp.data.examples import hidden, version_of
from zeroapp.data.findings import shared_problems
from zeroapp.data.gathering import Gathered, gather
from zeroapp.data.language import guess_language
from zeroapp.data.store import Holder
from zeroapp.dataset import Answers, DatasetProfile, Example, LabelCount, LengthStats, Roles
from zeroapp.errors import Problem, Severity
from zeroapp.protocol import PhaseEntered, Progressed
from zeroapp.work import Stopped, Work

MEASURED = 5000
"""Texts whose tokens are counted; of more rows an even sample is taken."""

_KEPT_LENGTHS = 512
_LANGUAGE_TEXTS = 500
_BATCH = 500
_ORDER = (Severity.blocking, Severity.warning, Severity.info)

_T = TypeVar("_T")

CountTokens = Callable[[Sequence[str]], list[int]]


def check(
    project: Holder, work: Work, *, count_tokens: CountTokens | None, limit: int
) -> tuple[DatasetProfile, list[Problem]]:
    """Profile the data under the project's roles and list what is wrong, the worst first.

    Stores the result in the project. count_tokens gives the length of each text in tokens of the
    base model, special tokens included, and is None where nothing has tokens; limit is the most
    the model reads. Raises Stopped.
    """
    store = project.store
    task = tasks.get(project.task)
    roles = store.setting("roles", kind=Roles) or {}
    work.say(PhaseEntered(phase="reading", title="Looking at every row"))
    gathered = gather(store, task=task, roles=roles, work=work)
    work.say(PhaseEntered(phase="measuring", title=f"Measuring the {task.reads.several}"))
    if store.masks():
        gathered.examples = hidden(gathered.examples, answers=task.answers)
    examples = gathered.examples
    texts = _read_texts(examples, answers=task.answers)
    profile = DatasetProfile(
        version=version_of(examples, task=task.key, roles=roles),
        rows=gathered.rows,
        usable=len(examples),
        set_aside=store.count_set_aside(),
        columns=tuple(gathered.columns),
        roles=roles,
        labels=_labels(examples) if task.answers is Answers.labels else (),
        lengths=_lengths(texts, count_tokens=count_tokens, limit=limit, work=work),
        language=_language(examples) if count_tokens else "",
        files=tuple(store.files()),
        repairs=tuple(store.repairs()),
        masked=store.masks(),
    )
    work.say(PhaseEntered(phase="looking", title="Looking for what could go wrong"))
    problems = _problems(project, profile=profile, gathered=gathered)
    project.store_check(profile, problems)
    return profile, problems


def _problems(project: Holder, *, profile: DatasetProfile, gathered: Gathered) -> list[Problem]:
    task = tasks.get(project.task)
    found = shared_problems(task, store=project.store, profile=profile, gathered=gathered)
    if gathered.examples:
        found += task.check(profile, gathered.examples)
    return sorted(found, key=lambda problem: _ORDER.index(problem.severity))


def spread(examples: Sequence[_T], *, limit: int) -> list[_T]:
    """At most `limit` of them at even distances."""
    step = -(-len(examples) // limit) or 1
    return list(examples[::step])


def _labels(examples: Sequence[Example]) -> tuple[LabelCount, ...]:
    counts = Counter(example.label or "" for example in examples)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(LabelCount(label=label, count=count) for label, count in ordered)


def _language(examples: Sequence[Example]) -> str:
    return guess_language(e.text for e in spread(examples, limit=_LANGUAGE_TEXTS))


def _read_texts(examples: Sequence[Example], *, answers: Answers) -> list[str]:
    """All that is read of each: where the answer is a text, it is read as well."""
    if answers is Answers.labels:
        return [example.text for example in examples]
    return [f"{example.text}\n{example.label or ''}" for example in examples]


def _lengths(
    texts: Sequence[str], *, count_tokens: CountTokens | None, limit: int, work: Work
) -> LengthStats | None:
    """Lengths of an even sample; over_limit is scaled up to all rows when it is one."""
    if count_tokens is None:
        return None
    rows, texts = len(texts), spread(texts, limit=MEASURED)
    lengths: list[int] = []
    for start in range(0, len(texts), _BATCH):
        if work.stop_wanted():
            raise Stopped
        lengths += count_tokens(texts[start : start + _BATCH])
        work.say(Progressed(done=len(lengths), total=len(texts), unit="texts"))
    if not lengths:
        return None
    ordered = sorted(lengths)
    over = sum(length > limit for length in lengths)
    step = -(-len(lengths) // _KEPT_LENGTHS)
    return LengthStats(
        mean=sum(lengths) / len(lengths),
        median=ordered[len(ordered) // 2],
        p95=ordered[int(0.95 * (len(ordered) - 1))],
        longest=ordered[-1],
        over_limit=round(over * rows / len(lengths)),
        limit=limit,
        sample=tuple(lengths[::step]),
    )

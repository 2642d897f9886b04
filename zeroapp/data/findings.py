"""What can be wrong with the data of any task: each function looks for one thing. No storage."""

from collections import defaultdict
from collections.abc import Sequence

from zeroapp.data.gathering import NEEDED, Gathered
from zeroapp.data.sameness import plain
from zeroapp.data.splits import same_examples
from zeroapp.data.store import Store
from zeroapp.dataset import Answers, DatasetProfile, Example, LengthStats, Reads, SetAside
from zeroapp.errors import Place, Problem, Severity
from zeroapp.task import Role, Task
from zeroapp.wording import many, quoted, short

FEWEST = 8
FEW = 50
_SHOWN = 5
_MANY_ASIDE = 0.05
_MANY_CUT = 0.05


def shared_problems(
    task: Task, *, store: Store, profile: DatasetProfile, gathered: Gathered
) -> list[Problem]:
    """Everything that is looked for whatever the task."""
    found = missing_columns(task.roles, profile=profile)
    found += set_aside(profile, items=store.set_aside(limit=_SHOWN), reads=task.reads)
    if found and any(problem.severity is Severity.blocking for problem in found):
        return found
    found += other_columns(profile, gathered=gathered)
    found += empty_cells(task.roles, gathered=gathered)
    found += too_few_rows(gathered.examples, reads=task.reads)
    if task.reads is Reads.text:
        found += duplicates(gathered.examples, store=store, answers=task.answers)
        found += cut_texts(profile, answers=task.answers)
    return found


def missing_columns(roles: Sequence[Role], *, profile: DatasetProfile) -> list[Problem]:
    """A required role without a column."""
    names = [column.name for column in profile.columns]
    return [
        Problem(
            code=f"missing-{role.key}-column",
            blind="Cannot see that a wrong column was chosen.",
            severity=Severity.blocking,
            title=f"No column is chosen as “{role.title}”.",
            why=f"{role.help} Without it there is nothing to learn.",
            remedy=(
                f"Choose it above the table. The columns are {quoted(names, limit=8)}. "
                "If none of them is right, add a file that has it."
                if profile.rows
                else "Add a file first."
            ),
            count=profile.rows,
        )
        for role in roles
        if role.required and role.key not in profile.roles
    ]


def set_aside(
    profile: DatasetProfile, *, items: Sequence[SetAside], reads: Reads = Reads.text
) -> list[Problem]:
    """Rows the reader could not read."""
    if not items:
        return []
    total = profile.rows + profile.set_aside
    much = profile.set_aside > _MANY_ASIDE * total
    return [
        Problem(
            code="rows-set-aside",
            blind="Cannot see a row that was read wrongly but looks right.",
            severity=Severity.warning if much else Severity.info,
            title=f"{many(profile.set_aside, 'row')} of {total:,} could not be read.",
            why="They are kept, with the reason, but not learned from.",
            remedy=(
                "Mend these lines in the file and add it again, or go on without them."
                if reads is Reads.text
                else "Save these pictures anew and add them again, or go on without them."
            ),
            place=Place(file=items[0].file, line=items[0].line),
            count=profile.set_aside,
            examples=tuple(
                f"{item.file}, line {item.line}: {item.reason} {short(item.raw, limit=60)}".strip()
                for item in items[:_SHOWN]
            ),
        )
    ]


def other_columns(profile: DatasetProfile, *, gathered: Gathered) -> list[Problem]:
    """Files without the chosen columns."""
    needed = [profile.roles[role] for role in NEEDED if role in profile.roles]
    return [
        Problem(
            code="other-columns",
            blind="Cannot see that two columns mean the same.",
            severity=Severity.warning,
            title=f"“{file}” does not have the columns that were chosen.",
            why=f"Its {many(count, 'row')} cannot be used together with the others.",
            remedy=(
                f"Name its columns {quoted(needed)} in the first line and "
                "add it again, or go on without it."
            ),
            place=Place(file=file),
            count=count,
        )
        for file, count in gathered.lacking.items()
    ]


def empty_cells(roles: Sequence[Role], *, gathered: Gathered) -> list[Problem]:
    """Rows with a blank text or label."""
    return [
        Problem(
            code=f"empty-{role.key}",
            blind="Cannot see fillers such as “n/a” or “-”.",
            severity=Severity.warning,
            title=f"{many(gathered.empty[role.key], 'row')} without “{role.title}”.",
            why="They are left out: there is nothing to learn from a row that is half empty.",
            remedy="Fill the cells in the file and add it again, or go on without these rows.",
            place=gathered.first_empty[role.key],
            count=gathered.empty[role.key],
        )
        for role in roles
        if gathered.empty[role.key]
    ]


def too_few_rows(examples: Sequence[Example], *, reads: Reads = Reads.text) -> list[Problem]:
    """Too little to learn from: rows that say the same count once."""
    different = len(same_examples(examples))
    if different >= FEW:
        return []
    rows = f"{many(len(examples), 'usable row')}, {many(different, f'different {reads.one}')}"
    if different < FEWEST:
        return [
            Problem(
                code="too-few-rows",
                blind="Cannot see how hard the task is: some need more.",
                severity=Severity.blocking,
                title=f"There is too little to learn from: {rows}.",
                why=(
                    "Some rows teach, some choose and some test. "
                    f"With fewer than {FEWEST} different {reads.several} nothing is left for one "
                    "of them."
                ),
                remedy="Add more rows. A few dozen are a start, some hundred are good.",
                count=len(examples),
            )
        ]
    return [
        Problem(
            code="too-few-rows",
            blind="Cannot see how hard the task is: some need more.",
            severity=Severity.warning,
            title=f"There is little to learn from: {rows}.",
            why="It will work, but the score is measured on a handful of rows and says little.",
            remedy="Add more rows if you can. Some hundred are good.",
            count=len(examples),
        )
    ]


def duplicates(
    examples: Sequence[Example], *, store: Store, answers: Answers = Answers.labels
) -> list[Problem]:
    """Texts that are the same but for case, punctuation and spacing, and what they are called."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[plain(example.text)].append(example)
    twins = [group for group in groups.values() if len(group) > 1]
    found = []
    if twins:
        found.append(_twins(twins, store=store))
    if answers is Answers.text:
        return found  # a question may well have several good answers
    disputed = [group for group in twins if len({example.label for example in group}) > 1]
    if disputed:
        found.append(_disputed(disputed, store=store))
    return found


def _twins(groups: list[list[Example]], *, store: Store) -> Problem:
    again = sum(len(group) - 1 for group in groups)
    groups = sorted(groups, key=lambda group: -len(group))[:_SHOWN]
    return Problem(
        code="duplicates",
        blind=(
            "Cannot see typos, an added greeting or a paraphrase; the check for near copies sees "
            "some."
        ),
        severity=Severity.info,
        title=f"{many(again, 'row', verbs=('repeats', 'repeat'))} a text that is there already.",
        why="Rows with the same text are kept together, so that none is both learned and tested.",
        remedy="Nothing needs to be done.",
        place=store.place(groups[0][1].row_id),
        count=again,
        examples=tuple(f"{len(group)} times: {short(group[0].text)}" for group in groups),
    )


def _disputed(groups: list[list[Example]], *, store: Store) -> Problem:
    rows = sum(map(len, groups))
    shown = []
    for group in groups[:_SHOWN]:
        labels = quoted(sorted({example.label or "" for example in group}))
        shown.append(f"{short(group[0].text, limit=80)} → {labels}")
    return Problem(
        code="conflicting-labels",
        blind="Cannot see texts that mean the same in other words.",
        severity=Severity.warning,
        title=f"{many(len(groups), 'text', verbs=('comes', 'come'))} with more than one kind.",
        why="No answer to them can be right every time, which also lowers the score.",
        remedy="Decide for one kind in each case, mend the file and add it again. Or go on.",
        place=store.place(groups[0][0].row_id),
        count=rows,
        examples=tuple(shown),
    )


def _cut(lengths: LengthStats) -> str:
    """How much is lost, from the sample of lengths that is kept."""
    over = sum(max(0, length - lengths.limit) for length in lengths.sample)
    if not over:
        return "hardly anything in all"
    share = over / sum(lengths.sample)
    said = f"{100 * share:.0f} of 100" if share >= 0.01 else "fewer than 1 of 100"  # noqa: PLR2004 - a hundredth
    return f"about {said} word pieces of all texts"


_CUT_TEXT = "Put what matters at the start of long texts, or take a model that reads more."
_CUT_ANSWER = (
    "Shorten them, or part a long answer into several rows: of an answer that is cut the model "
    "does not learn where it ends."
)


def cut_texts(profile: DatasetProfile, *, answers: Answers = Answers.labels) -> list[Problem]:
    """Texts longer than the model reads; where it writes, with what it is to write."""
    lengths = profile.lengths
    if lengths is None or not lengths.over_limit:
        return []
    much = lengths.over_limit > _MANY_CUT * profile.usable
    writes = answers is Answers.text
    noun = "example" if writes else "text"
    longer = many(lengths.over_limit, noun, verbs=("is longer", "are longer"))
    about = "About " if profile.usable > len(lengths.sample) else ""
    return [
        Problem(
            code="texts-cut",
            blind="Cannot see whether what matters stands at the end.",
            severity=Severity.warning if much else Severity.info,
            title=f"{about}{longer} than the model reads.",
            why=(
                f"It reads the first {lengths.limit} word pieces; the longest {noun} has "
                f"{lengths.longest:,}. What comes after is cut: {_cut(lengths)}."
            ),
            remedy=_CUT_ANSWER if writes else _CUT_TEXT,
            count=lengths.over_limit,
            place=Place(column=profile.roles.get("label" if writes else "text")),
        )
    ]

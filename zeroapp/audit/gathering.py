"""Reads a project's rows once and lays out what the deeper checks look at."""

from zeroapp import tasks
from zeroapp.audit.material import Material
from zeroapp.data.checks import spread
from zeroapp.data.columns import describe
from zeroapp.dataset import Row
from zeroapp.project import Project
from zeroapp.task import DATE
from zeroapp.work import Stopped, Work

_PAGE = 5000
_CELL = 300


def collect(project: Project, work: Work, *, most: int) -> Material:
    """The examples as they are, not masked; of more than `most` an even sample. Raises Stopped."""
    every = project.examples(raw=True)
    examples = spread(every, limit=most)
    wanted = {example.row_id for example in examples}
    rows: dict[int, Row] = {}
    for n, row in enumerate(project.store.rows()):
        if n % _PAGE == 0 and work.stop_wanted():
            raise Stopped
        if row.id in wanted:
            rows[row.id] = row
    roles = project.roles()
    used = {column for role, column in roles.items() if role != DATE.key}
    others = [name for name in project.columns() if name not in used]
    extra = {
        name: [rows[e.row_id].cells.get(name, "")[:_CELL].strip() for e in examples]
        for name in others
    }
    columns = {}
    for name, cells in extra.items():
        filled = [cell for cell in cells if cell]
        columns[name] = describe(
            name, values=filled[:2000], filled=len(filled), distinct=len(set(filled))
        )
    return Material(
        examples=examples,
        files=[rows[e.row_id].file for e in examples],
        lines=[rows[e.row_id].line for e in examples],
        extra=extra,
        columns=columns,
        roles=roles,
        whole=len(every),
        answers=tasks.get(project.task).answers,
    )

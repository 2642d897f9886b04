"""Makes examples of a chat: each answer of one person, after what the others have said."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from zeroapp.dataset import Example, Roles, Row
from zeroapp.turns import ANSWERS, ASKS, Turn, told

LONG = 200
"""Words after which a talk ends with the next answer. No talk shares a message with another, so
that what is tested was never read."""


def talks(rows: Iterable[Row], roles: Roles) -> Iterator[Example]:
    """The chats in pieces that end with an answer. Every message of the person in the role “me”
    is learned once; left out are those before anybody else has said something, and what nobody
    answered.
    """
    talk = _Talk(place=("", ""))
    for row in rows:
        said = row.cells.get(roles["text"], "").strip()
        if not said:
            continue
        who = ANSWERS if row.cells.get(roles["speaker"], "").strip() == roles["me"] else ASKS
        place = (row.file, row.cells.get(roles.get("heading", ""), ""))
        if place != talk.place or (talk.words >= LONG and talk.answered and who == ASKS):
            yield from talk.examples()
            talk = _Talk(place=place)
        talk.add(row.id, said, who=who)
    yield from talk.examples()


@dataclass(slots=True)
class _Talk:
    """Turns in order, and the rows of each; what one says in a row is one turn."""

    place: tuple[str, str]
    turns: list[Turn] = field(default_factory=list)
    rows: list[list[int]] = field(default_factory=list)
    words: int = 0

    @property
    def answered(self) -> bool:
        return bool(self.turns) and self.turns[-1].who == ANSWERS

    def add(self, row: int, said: str, *, who: str) -> None:
        if not self.turns and who == ANSWERS:
            return
        if self.turns and self.turns[-1].who == who:
            self.turns[-1] = Turn(who, f"{self.turns[-1].said}\n{said}")
            self.rows[-1].append(row)
        else:
            self.turns.append(Turn(who, said))
            self.rows.append([row])
        self.words += len(said.split())

    def examples(self) -> Iterator[Example]:
        """One, or none where nobody answered."""
        end = len(self.turns) - (not self.answered)
        if end <= 0:
            return
        *before, answer = self.turns[:end]
        rows = [row for of_turn in self.rows[:end] for row in of_turn]
        asked = before[0].said if len(before) == 1 else told(before)
        yield Example(row_id=rows[0], text=asked, label=answer.said, more=tuple(rows[1:]))

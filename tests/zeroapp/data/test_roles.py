import pytest

from support.real_shapes import LANGUAGES, table
from zeroapp.data.columns import kind_of
from zeroapp.data.roles import columns_of, guess_roles, guess_task
from zeroapp.dataset import ColumnKind
from zeroapp.tasks import get

TASK = get("text_classification")
SENTENCES = [
    f"where is my {thing}, I wonder?" for thing in ["card", "money", "pin", "loan", "app"]
] * 8
TEXT = [f"{sentence} {number}" for number, sentence in enumerate(SENTENCES)]
FEW = ["ham", "spam", "ham", "ham"] * 10
MORE = [f"kind {number % 6}" for number in range(40)]
DATES = [f"2024-03-{1 + number % 28:02d}" for number in range(40)]
NUMBERS = [f"{number * 1.7:.2f}" for number in range(40)]
IDS = [f"A-{number:05d}" for number in range(40)]
STARS = [str(number % 5) for number in range(40)]
PARTS = ["train", "train", "test", "validation"] * 10
EMPTY = [""] * 40

TABLES = [
    ({"message": TEXT, "label": FEW}, "message", "label"),
    ({"utterance": TEXT, "intent": MORE, "category": FEW, "tags": MORE, "split": PARTS},
     "utterance", "intent"),
    ({"v1": FEW, "v2": TEXT, "": EMPTY}, "v2", "v1"),
    ({"column 1": TEXT, "column 2": MORE}, "column 1", "column 2"),
    ({"id": IDS, "date": DATES, "amount": NUMBERS, "review": TEXT, "stars": STARS},
     "review", "stars"),
    ({"text": TEXT, "label": STARS, "label_text": FEW}, "text", "label"),
    ({"Subject": FEW, "Body": TEXT, "Department": MORE}, "Body", "Department"),
    ({"question": TEXT, "answer": [t + " yes" for t in TEXT], "topic": MORE}, "question", "topic"),
    ({"Ticket Description": TEXT, "Ticket Type": FEW, "Customer": IDS},
     "Ticket Description", "Ticket Type"),
    ({"Nachricht": TEXT, "Kategorie": FEW}, "Nachricht", "Kategorie"),
    ({"text": MORE, "label": FEW}, "text", "label"),
    ({"message": TEXT}, "message", None),
    ({"date": DATES, "amount": NUMBERS}, None, None),
    ({"text": TEXT, "label": TEXT}, "text", "label"),
]  # fmt: skip


def rows(columns):
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


@pytest.mark.parametrize(
    ("columns", "text", "label"), TABLES, ids=["+".join(columns) for columns, *_ in TABLES]
)
def test_roles_are_guessed(columns, text, label):
    seen = columns_of(rows(columns), names=columns)
    roles = guess_roles(TASK, columns=seen)
    assert (roles.get("text"), roles.get("label")) == (text, label)


def test_the_order_of_the_columns_does_not_matter():
    columns = {"tags": MORE, "split": PARTS, "category": FEW, "intent": MORE, "utterance": TEXT}
    seen = columns_of(rows(columns), names=columns)
    assert guess_roles(TASK, columns=seen) == {"text": "utterance", "label": "intent"}


def test_the_task_is_guessed_when_its_roles_can_be_filled():
    full = columns_of(rows({"message": TEXT, "label": FEW}), names=["message", "label"])
    assert guess_task([TASK], columns=full) is TASK
    assert guess_task([TASK], columns=full[:1]) is None


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (TEXT, ColumnKind.text),
        (FEW, ColumnKind.category),
        (STARS, ColumnKind.category),
        (NUMBERS, ColumnKind.number),
        (["1.234,50 ", "7", "-3%"], ColumnKind.number),
        (DATES, ColumnKind.date),
        (["3 March 2024", "03/04/2024 12:30", "Mar 5, 2024"], ColumnKind.date),
        (IDS, ColumnKind.identifier),
        (["a@b.org", "c.d@e.com"], ColumnKind.identifier),
        (["hello", "thanks", "where"], ColumnKind.text),
        ([], ColumnKind.empty),
    ],
)
def test_columns_are_told_apart_by_their_values(values, kind):
    assert kind_of([value.strip() for value in values]) is kind


def test_labels_are_told_from_cities_and_states_in_any_language_by_the_text_that_foretells_them():
    """At least 9 of 10 of the made tables, whose headers no list of names holds."""
    right = []
    for language in LANGUAGES:
        for seed in range(2):
            rows, text, label = table(language, seed=seed)
            seen = columns_of(rows, names=rows[0])
            roles = guess_roles(TASK, columns=seen, rows=rows)
            right.append((roles.get("text"), roles.get("label")) == (text, label))
    assert sum(right) >= 0.9 * len(right)


def test_a_group_and_a_date_are_guessed_beside_the_roles_of_the_task():
    authors = [f"Ann {number % 13}" for number in range(40)]
    columns = {"message": TEXT, "label": FEW, "author": authors, "sent": DATES}
    made = rows(columns)
    roles = guess_roles(TASK, columns=columns_of(made, names=columns), rows=made)
    assert roles == {"text": "message", "label": "label", "group": "author", "date": "sent"}
    # One row each is no group, and two people are too few to be shared out.
    for values in (IDS, FEW):
        made = rows(columns | {"author": values})
        assert "group" not in guess_roles(TASK, columns=columns_of(made, names=columns), rows=made)


def test_a_column_that_is_hardly_ever_filled_or_called_like_another_role_is_no_answer():
    writes = get("text_generation")
    photos = [f"photos/{n} of the day.jpg" if n % 10 == 0 else "" for n in range(40)]
    made = rows({"content": TEXT, "photos": photos})
    assert guess_roles(writes, columns=columns_of(made, names=made[0]), rows=made) == {
        "text": "content"
    }
    senders = [f"Ann {n} <ann{n}@mail.example>" for n in range(40)]
    made = rows({"text": TEXT, "from": senders})
    assert guess_roles(writes, columns=columns_of(made, names=made[0]), rows=made)["text"] == "text"
    assert "label" not in guess_roles(writes, columns=columns_of(made, names=made[0]), rows=made)
    # what mail programs write: a subject is a heading, not what is answered to the body
    subjects = [f"About order number {n}, please" for n in range(40)]
    made = rows({"Subject": subjects, "Body": TEXT})
    roles = guess_roles(writes, columns=columns_of(made, names=made[0]), rows=made)
    assert (roles["text"], "label" in roles) == ("Body", False)


def test_a_column_that_says_the_same_everywhere_is_the_last_resort():
    answers = ["accept"] * 40
    made = rows({"text": TEXT, "kind": FEW, "label": answers})
    seen = columns_of(made, names=made[0])
    assert guess_roles(TASK, columns=seen, rows=made) == {"text": "text", "label": "kind"}
    alone = rows({"text": TEXT, "label": answers})
    seen = columns_of(alone, names=alone[0])
    assert guess_roles(TASK, columns=seen, rows=alone) == {"text": "text", "label": "label"}

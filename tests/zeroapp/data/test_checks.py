import pytest

from support.listener import Listener
from zeroapp.data.checks import MEASURED, check, spread
from zeroapp.data.importing import import_paths
from zeroapp.dataset import ColumnKind, Example
from zeroapp.errors import Severity
from zeroapp.project import Project
from zeroapp.protocol import PhaseEntered
from zeroapp.tasks import get
from zeroapp.work import Silent, Stopped

SAMPLE = get("text_classification").sample.path
THINGS = [
    "card",
    "money",
    "code",
    "key",
    "phone",
    "account",
    "bill",
    "refund",
    "order",
    "letter",
    "parcel",
    "desk",
]
PLAIN = [f"where is my {thing},{'lost' if n % 2 else 'found'}" for n, thing in enumerate(THINGS)]


def words(texts):
    return [len(text.split()) for text in texts]


@pytest.fixture
def checked(project, tmp_path):
    def run(rows, *, header="message,kind", limit=128):
        path = tmp_path / "table.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        import_paths(project, [path], Silent())
        return check(project, Silent(), count_tokens=words, limit=limit)

    return run


def problem(problems, code):
    (found,) = [problem for problem in problems if problem.code == code]
    return found


def codes(problems):
    return [problem.code for problem in problems]


def test_the_sample_is_clean_and_profiled(project):
    import_paths(project, [SAMPLE], Silent())
    heard = Listener()
    profile, problems = check(project, heard, count_tokens=words, limit=128)
    assert (profile.rows, profile.usable, profile.set_aside) == (3866, 3866, 0)
    assert len(profile.labels) == 22
    assert sum(item.count for item in profile.labels) == 3866
    assert profile.labels[0].count >= profile.labels[-1].count
    assert profile.language == "en"
    message, kind = profile.columns
    assert (message.kind, kind.kind) == (ColumnKind.text, ColumnKind.category)
    assert (kind.filled, kind.distinct) == (3866, 22)
    assert 1 < profile.lengths.median <= profile.lengths.p95 <= profile.lengths.longest
    assert 0 < len(profile.lengths.sample) <= 512
    assert {problem.severity for problem in problems} == {Severity.info}
    assert project.profile() == profile
    assert project.problems() == tuple(problems)
    assert [event.phase for event in heard.of(PhaseEntered)] == ["reading", "measuring", "looking"]


def test_the_version_names_the_usable_rows_and_nothing_else(checked, tmp_path):
    profile, _ = checked(PLAIN)
    with Project.create(tmp_path / "other", task="text_classification") as other:
        path = tmp_path / "turned.csv"
        path.write_text("kind,message,note\n" + "".join(
            f"{kind},{text},x\n" for text, kind in (row.split(",") for row in reversed(PLAIN))
        ))  # fmt: skip
        import_paths(other, [path], Silent())
        same, _ = check(other, Silent(), count_tokens=words, limit=128)
        assert same.version == profile.version
        path.write_text("kind,message\nlost,one more row\n")
        import_paths(other, [path], Silent())
        grown, _ = check(other, Silent(), count_tokens=words, limit=128)
        assert grown.version != profile.version


def test_a_check_is_forgotten_when_rows_or_roles_change(project, checked, tmp_path):
    checked(PLAIN)
    assert project.profile() is not None
    project.set_roles({"text": "kind", "label": "message"})
    assert (project.profile(), project.problems()) == (None, ())
    check(project, Silent(), count_tokens=words, limit=128)
    assert project.profile() is not None
    (tmp_path / "more.csv").write_text("message,kind\nnew one,lost\n")
    import_paths(project, [tmp_path / "more.csv"], Silent())
    assert project.profile() is None


def test_a_check_that_was_overtaken_is_not_kept(project, checked):
    profile, problems = checked(PLAIN)
    project.set_roles({"text": "kind", "label": "message"})
    project.store_check(profile, problems)
    assert project.profile() is None


def test_a_check_stops_when_asked(project):
    import_paths(project, [SAMPLE], Silent())
    for moment in (1, 3):  # while reading, while measuring
        with pytest.raises(Stopped):
            check(project, Listener(stop_after=moment), count_tokens=words, limit=128)
    assert project.profile() is None


def test_without_a_label_only_that_is_said(checked):
    _, problems = checked([row.split(",")[0] for row in PLAIN], header="message")
    assert codes(problems) == ["missing-label-column"]
    assert "message" in problems[0].remedy


def test_without_any_file_it_says_to_add_one(project):
    profile, problems = check(project, Silent(), count_tokens=words, limit=128)
    assert codes(problems) == ["missing-text-column", "missing-label-column"]
    assert problems[0].remedy == "Add a file first."
    assert (profile.rows, profile.lengths, profile.language) == (0, None, "")


def test_blank_cells_are_counted_with_their_place(checked):
    profile, problems = checked([*PLAIN, "  ,lost", "no kind here,", "nor here, "])
    assert (profile.rows, profile.usable) == (15, 12)
    text, label = problem(problems, "empty-text"), problem(problems, "empty-label")
    assert (text.count, text.place.line, text.place.column) == (1, 14, "message")
    assert (label.count, label.place.line, label.place.column) == (2, 15, "kind")


def test_same_texts_are_counted_and_disputes_called_out(checked):
    rows = [*PLAIN, "Where is my CARD?,found", "where is my money,found", "where is my money,lost"]
    _, problems = checked(rows)
    twins, disputed = problem(problems, "duplicates"), problem(problems, "conflicting-labels")
    assert (twins.severity, twins.count) == (Severity.info, 3)
    assert (disputed.severity, disputed.count) == (Severity.warning, 3)
    assert disputed.examples == ("where is my money → “found”, “lost”",)
    assert (disputed.place.file, disputed.place.line) == ("table.csv", 3)


def test_long_texts_are_counted_against_the_limit(checked):
    profile, problems = checked([*PLAIN, "one two three four five six,lost"], limit=5)
    cut = problem(problems, "texts-cut")
    assert (cut.count, profile.lengths.over_limit, profile.lengths.longest) == (1, 1, 6)
    assert cut.title.startswith("1 text is ")
    total = sum(profile.lengths.sample)
    assert f"cut: about {100 / total:.0f} of 100 word pieces of all texts" in cut.why


def test_of_very_many_texts_a_sample_is_measured_and_scaled_up(checked):
    # Every second text is over the limit; the sample steps by three, so it sees both sorts.
    rows = [f"text number {n}{' and on and on' * (n % 2)},{'ab'[n % 2]}" for n in range(12_000)]
    seen = []

    def counting(texts):
        seen.extend(texts)
        return words(texts)

    profile, problems = checked(rows[:0] or rows, limit=5)
    assert profile.lengths.over_limit == 6000
    assert problem(problems, "texts-cut").title.startswith("About 6,000 texts are")
    examples = [Example(row_id=n, text=row) for n, row in enumerate(rows)]
    assert len(spread(examples, limit=MEASURED)) <= MEASURED


def test_a_file_without_the_columns_is_named(project, checked, tmp_path):
    checked(PLAIN)
    other = tmp_path / "other.csv"
    other.write_text("subject,body\nhello there,I want it back\nagain,and again\n")
    import_paths(project, [other], Silent())
    profile, problems = check(project, Silent(), count_tokens=words, limit=128)
    lacking = problem(problems, "other-columns")
    assert (lacking.place.file, lacking.count) == ("other.csv", 2)
    assert (profile.rows, profile.usable) == (14, 12)
    assert "empty-text" not in codes(problems)


def test_rows_set_aside_are_told_and_weigh_more_when_many(checked):
    _, problems = checked([*PLAIN, "too,many,cells"])
    aside = problem(problems, "rows-set-aside")
    # One of 13 is more than one in twenty.
    assert (aside.severity, aside.count, aside.place.line) == (Severity.warning, 1, 14)
    assert aside.title == "1 row of 13 could not be read."


def test_the_worst_comes_first(checked):
    _, problems = checked([f"text {word},same" for word in THINGS] + ["text card,same", "x,"])
    order = [Severity.blocking, Severity.warning, Severity.info]
    ranks = [order.index(problem.severity) for problem in problems]
    assert ranks == sorted(ranks)
    assert ranks[0] == 0

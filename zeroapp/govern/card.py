"""Writes a model card (README.md) from a run's values. Holds no row of anybody's data."""

import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from zeroapp.dataset import SourceFile
from zeroapp.plan import TrainPlan, label_weights
from zeroapp.report import AnyReport, Comparison, LabelScore, Report, Score, TextReport

_METRICS = {
    "accuracy": "right answers",
    "macro_f1": "macro-F1 (every kind counts the same)",
    "loss": "loss (nats a word piece)",
    "perplexity": "perplexity",
    "chrf": "chrF of what it wrote",
    "exact": "exactly right",
    "repetition": "repeated runs of four words",
}
_ALWAYS = (
    "It can be wrong while it sounds sure. Let a person decide where a wrong answer harms somebody."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFacts:
    """The model it started from. licence: "" when not known."""

    title: str
    licence: str = ""
    licence_note: str = ""
    may_sell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How the exported model answered held-out rows in a process of its own.

    same_next: of texts, where the likeliest next word piece was the same while the text was held.
    """

    compared: int
    agreement: float
    accuracy: float
    latency_ms: float
    same_next: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """All that a card says. report and plan may be missing for runs of other versions.

    files: the imported data files; packages: what answer.py needs, pinned; in_use: which of the
    two models of the run this is; column: where the texts stood in the data; ruled: it begins with
    rules by itself.
    """

    title: str
    format: str
    task: str
    made_by: str
    created_at: str
    labels: tuple[str, ...]
    max_length: int
    prefix: str
    column: str
    base: BaseFacts
    data_version: str
    run_id: str
    in_use: str
    packages: tuple[str, ...]
    replay: Replay
    files: tuple[SourceFile, ...] = ()
    plan: TrainPlan | None = None
    report: AnyReport | None = None
    ruled: bool = False


def card(facts: CardFacts) -> str:
    """The card as Markdown with a YAML head that model hubs read."""
    sections = (
        _head(facts),
        f"# {facts.title}\n",
        _purpose(facts),
        _usage(facts),
        _hidden(facts),
        _quality(facts.report),
        _export(facts),
        _limits(facts.report),
        _data(facts),
        _making(facts),
        _licence(facts.base),
    )
    return "\n".join(section for section in sections if section)


def _head(facts: CardFacts) -> str:
    # JSON strings are YAML strings, whatever is in them.
    lines = ["---", f"pipeline_tag: {json.dumps(facts.task.replace('_', '-'))}", "tags: [zeroapp]"]
    if facts.base.licence:
        lines.append(f"license: {json.dumps(facts.base.licence.lower())}")
    library = {"safetensors": "transformers", "adapter": "peft"}.get(
        facts.format, facts.format.split("-")[0]
    )
    library = "onnxruntime" if library == "onnx" else library
    return "\n".join([*lines, f"library_name: {library}", "---", ""])


def _purpose(facts: CardFacts) -> str:
    verdict = f"{facts.report.verdict}\n\n" if facts.report else ""
    if isinstance(facts.report, TextReport):
        return f"{verdict}It reads a question or the beginning of a text and writes an answer.\n"
    names = ", ".join(f"“{_line(label)}”" for label in facts.labels)
    return (
        f"{verdict}It reads a text and answers with one of {len(facts.labels)} kinds: {names}.\n\n"
        f"Texts longer than {facts.max_length} word pieces are cut at the end.\n"
    )


def _usage(facts: CardFacts) -> str:
    if not facts.labels:
        return _text_usage(facts)
    text = (
        "## How to use it\n\n```\n"
        f"pip install {' '.join(facts.packages)}\n"
        'python answer.py "a text to answer"\n'
        f"python answer.py --file rows.csv --column {shlex.quote(facts.column)} > answers.csv\n"
        "```\n\n"
        "It runs without a network and sends nothing anywhere.\n"
    )
    if facts.prefix:
        text += f"\nEvery text must start with {json.dumps(facts.prefix)}; answer.py sees to it.\n"
    if facts.format.startswith("onnx"):
        text += (
            "\nIn a program of your own, set ORT_DISABLE_TELEMETRY=1 before it loads onnxruntime, "
            "as answer.py does: otherwise that library reports to its makers.\n"
        )
    if facts.format != "safetensors":
        return text
    return text + (
        "\nIn Python:\n\n```python\n"
        "from transformers import pipeline\n\n"
        'answer = pipeline("text-classification", model="path/to/this/folder")\n'
        f"answer({_asked(facts)}, truncation=True)\n```\n"
    )


def _asked(facts: CardFacts) -> str:
    """What a program hands to the model, as Python."""
    if facts.plan is None or not facts.plan.masked:
        return json.dumps(facts.prefix + "a text to answer")
    before = f"{json.dumps(facts.prefix)} + " if facts.prefix else ""
    return f'{before}mask("a text to answer")'


def _hidden(facts: CardFacts) -> str:
    """What to know where personal data was hidden in training."""
    if facts.plan is None or not facts.plan.masked:
        return ""
    return (
        "## Personal data\n\n"
        "In the texts it learned from, what was recognised as personal data was replaced by "
        "placeholders such as [EMAIL] or [PHONE]. answer.py replaces it in the same way before the "
        "model reads anything. In a program of your own do so, too:\n\n```python\n"
        "from personal import mask  # personal.py lies in this folder; it needs phonenumbers\n\n"
        'text = mask("a text with personal data")\n```\n\n'
        "Programs that open the model without answer.py show it the text as it is.\n"
    )


def _text_usage(facts: CardFacts) -> str:
    text = (
        "## How to use it\n\n```\n"
        f"pip install {' '.join(facts.packages)}\n"
        'python answer.py "a question"\n'
        "```\n\nIt runs without a network and sends nothing anywhere.\n"
    )
    if facts.ruled:
        text += (
            "\nIt begins every talk with the rules its examples began with, unless it is given "
            "others (a system message; in Ollama, the line SYSTEM of the Modelfile).\n"
        )
    if not facts.format.startswith("gguf"):
        return text
    return text + (
        "\nIn Ollama:\n\n```\nollama create my-model -f Modelfile\nollama run my-model\n```\n\n"
        "In LM Studio: copy the folder `zeroapp` that is in `lm-studio` into "
        "`~/.lmstudio/models/` (or run `lms import model.gguf`). The way a question is laid out "
        "stands in the file itself.\n"
    )


def _quality(report: AnyReport | None) -> str:
    if report is None:
        return ""
    return _label_quality(report) if isinstance(report, Report) else _text_quality(report)


def _text_quality(report: TextReport) -> str:
    rows = [
        "## How good it is\n",
        (
            f"On {report.n:,} examples ({report.tokens:,} word pieces) that played no part in "
            "making it, beside the base model it came from:\n"
        ),
        "| | this model | the base | difference, 95 % | examples |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {_METRICS.get(score.key, score.key)} | {score.value:.3f} | {score.base:.3f} "
            f"| {score.interval.low:+.3f} to {score.interval.high:+.3f} | {score.n:,} |"
            for score in report.scores
        ),
        "",
    ]
    if report.copied is not None:
        rows.append(
            f"The longest passage of its training texts in what it wrote: {report.copied.words} "
            f"words (in texts nobody copied: {report.copied.control_words}).\n"
        )
    return "\n".join(rows)


def _label_quality(report: Report) -> str:
    rows = [
        "## How good it is\n",
        f"On {report.n:,} examples that played no part in making it:\n",
        "| | score | 95 % interval | how |",
        "| --- | --- | --- | --- |",
        *map(_score, report.scores),
        "",
        *(f"- {_comparison(c)}" for c in report.comparisons),
        "",
        "| kind | test rows | right | precision | recall |",
        "| --- | --- | --- | --- | --- |",
        *map(_label, report.per_label),
        "",
    ]
    return "\n".join(rows)


def _score(score: Score) -> str:
    interval = score.interval
    return (
        f"| {_METRICS.get(score.key, score.key)} | {score.value:.3f} "
        f"| {interval.low:.3f} to {interval.high:.3f} | {interval.method} |"
    )


def _comparison(comparison: Comparison) -> str:
    better = "better" if comparison.better else "not proven better"
    return (
        f"{better} than {_line(comparison.title)} (right on {comparison.right:,} of "
        f"{comparison.n:,}; exact McNemar test, p = {comparison.p_value:.2g})"
    )


def _label(score: LabelScore) -> str:
    name = _line(score.label).replace("|", "\\|")
    return f"| {name} | {score.n} | {score.right} | {score.precision:.2f} | {score.recall:.2f} |"


def _export(facts: CardFacts) -> str:
    replay = facts.replay
    if not facts.labels:
        how = f"the first {replay.accuracy:.1%} of an answer were the same words on average"
        if replay.same_next is not None:
            how += f"; with the text held, the next word piece in {replay.same_next:.1%} of places"
    else:
        how = f"it was right on {replay.accuracy:.1%}"
    return (
        "## This export\n\n"
        f"Format {facts.format}. Started alone in a new process, it gave the same answer as the "
        f"app on {replay.agreement:.1%} of {replay.compared} examples kept aside and {how}; one "
        f"text took {replay.latency_ms:.1f} ms on the computer that made it.\n"
    )


def _limits(report: AnyReport | None) -> str:
    limits = report.limits if report else ()
    return _list("## Limits", (*limits, _ALWAYS))


def _data(facts: CardFacts) -> str:
    said = [f"Version `{facts.data_version}` of the data."]
    if facts.report:
        report = facts.report
        said.append(
            f"{report.train_rows:,} rows to learn from, {report.validation_rows:,} to choose "
            f"between models, {report.n:,} to test."
        )
    said += [
        f"A file of {file.rows_stored:,} rows, sha256 `{file.sha256}`."
        for file in facts.files
        if file.rows_stored
    ]
    return _list("## Data", said)


def _making(facts: CardFacts) -> str:
    kind = (
        "the fine-tuned model"
        if facts.in_use == "fine-tuned"
        else "the quick model: the base as it came, with a new last layer"
    )
    origin = (
        f"By {facts.made_by}, {facts.created_at}, run `{facts.run_id}`, from {facts.base.title}. "
        f"In use is {kind}."
    )
    lines = ["## How it was made\n", origin]
    if facts.report:
        lines.append(f"\n{facts.report.selection.why}")
    if facts.plan:
        if facts.plan.weigh_rare:
            lines.append(f"\n{_weighed(facts.plan)}")
        bare = msgspec.structs.replace(facts.plan, labels=(), label_counts=())
        plan = msgspec.json.encode(bare)
        pretty = msgspec.json.format(plan, indent=2).decode()
        lines.append(f"\n<details><summary>Plan</summary>\n\n```json\n{pretty}\n```\n</details>")
    return "\n".join([*lines, ""])


def _weighed(plan: TrainPlan) -> str:
    weights = label_weights(plan)
    times = max(weights, default=1.0) / min(weights, default=1.0)
    return (
        f"Rare kinds were given more weight: a row of the rarest counted {times:.1f} times as much "
        "as one of the commonest. It finds more of them, and takes other texts for them more often."
    )


def _licence(base: BaseFacts) -> str:
    name = base.licence or "not known"
    sell = (
        "It may be used in what you sell."
        if base.may_sell
        else "Ask its makers before you use it in what you sell."
    )
    note = f" {base.licence_note}" if base.licence_note else ""
    return f"## Licence\n\nThe base model {base.title}: {name}. {sell}{note}\n"


def _list(title: str, sentences: Iterable[str]) -> str:
    return "\n".join([f"{title}\n", *(f"- {_line(sentence)}" for sentence in sentences), ""])


def _line(text: str) -> str:
    """A person's own words must stay on their line."""
    return " ".join(text.split())


def pinned(packages: Sequence[str], *, versions: dict[str, str]) -> tuple[str, ...]:
    """Packages with the versions they were tried with; local parts such as +cpu are dropped."""
    return tuple(
        f"{name}=={versions[name].partition('+')[0]}" if name in versions else name
        for name in packages
    )

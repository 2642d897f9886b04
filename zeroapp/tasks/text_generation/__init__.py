"""Text generation, the light half: learn how a person writes or answers. Loads no torch."""

from pathlib import Path

from zeroapp.dataset import Answers, ColumnKind
from zeroapp.task import Metric, Role, Sample, Task
from zeroapp.tasks.text_generation.checks import check
from zeroapp.tasks.text_generation.reading import examples

_WORDY = (ColumnKind.text, ColumnKind.category)

TASK = Task(
    key="text_generation",
    title="Write like you",
    blurb="Learns from your texts, or from your questions and answers, and writes like you.",
    roles=(
        Role(
            key="text",
            title="What is asked, or your text",
            help="What the model reads before it writes. Without an answer beside it: your own "
            "texts, which it learns to go on with.",
            kinds=_WORDY,
            names=(
                *("instruction", "instructions", "prompt", "question", "request", "ask", "user"),
                *("facts", "mr", "meaning_representation", "triples", "attributes", "keywords"),
                *("source", "outline", "notes", "data", "input", "context"),
                *("text", "entry", "body", "content", "message", "document", "article", "post"),
                *("story", "paragraph", "passage", "frage", "texte", "texto", "testo", "tekst"),
            ),
        ),
        Role(
            key="label",
            title="The answer",
            help="What the model learns to write.",
            kinds=(ColumnKind.text,),
            required=False,
            names=(
                *("answer", "output", "response", "reply", "completion", "assistant", "target"),
                *("summary", "translation", "rewrite", "antwort", "respuesta", "risposta"),
                *("reference", "human_reference", "ref", "sentence", "sentences", "description"),
                *("caption", "text"),
            ),
        ),
        Role(
            key="input",
            title="What it is about",
            help="More to read with the question: a text to sum up, a list to turn into prose.",
            kinds=(ColumnKind.text,),
            required=False,
            names=("input", "context", "background"),
        ),
        Role(
            key="turns",
            title="What was said before",
            help="The earlier turns of a talk. Every answer in it is learned, too.",
            kinds=_WORDY,
            required=False,
            names=("history", "earlier turns"),
        ),
        Role(
            key="speaker",
            title="Who says it",
            help="In a chat: whose message it is. Then one of them can be you.",
            kinds=(ColumnKind.category, ColumnKind.text, ColumnKind.identifier),
            required=False,
            names=("sender", "speaker"),
            by_name=True,
        ),
        Role(
            key="me",
            title="You",
            help="Which one is you? Your messages become the answers, and what the others wrote "
            "is what they answer.",
            kinds=(),
            required=False,
            of="speaker",
        ),
        Role(
            key="heading",
            title="Heading",
            help="What a text of yours is called; the model can then be asked for it.",
            kinds=(ColumnKind.category,),
            required=False,
            names=("heading", "title", "headline", "subject", "channel", "date", "chapter"),
        ),
    ),
    metrics=(
        Metric(key="loss", title="Surprise at your texts", higher_is_better=False),
        Metric(key="chrf", title="Likeness to the true answer"),
    ),
    check=check,
    sample=Sample(
        path=Path(__file__).parent / "sample" / "diary.csv",
        title="A clerk in the Navy office keeps a diary, 1660",
        source="The Diary of Samuel Pepys, edited by H. B. Wheatley 1893 (Standard Ebooks)",
        licence="CC0 1.0",
    ),
    training="zeroapp.tasks.text_generation.training",
    exports=("gguf-q8_0", "gguf-q4_0", "gguf-f16", "safetensors", "adapter"),
    answers=Answers.text,
    examples=examples,
)

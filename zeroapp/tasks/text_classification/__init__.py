"""Text classification, the light half: read a text, say which kind it is. Loads no torch."""

from pathlib import Path

from zeroapp.dataset import ColumnKind
from zeroapp.label_checks import check
from zeroapp.task import Metric, Role, Sample, Task

TASK = Task(
    key="text_classification",
    title="Sort texts into kinds",
    blurb="Reads a message, a review or a question and says which of your kinds it is.",
    roles=(
        Role(
            key="text",
            title="Text",
            help="What the model reads.",
            kinds=(ColumnKind.text, ColumnKind.category),
            names=(
                *("text", "message", "utterance", "question", "body", "content", "review"),
                *("comment", "sentence", "query", "request", "email", "mail", "sms", "tweet"),
                *("post", "description", "feedback", "complaint", "ticket", "statement", "note"),
                *("answer", "response", "document", "article", "transcript", "prompt", "input"),
                *("subject", "title", "headline"),
                *("nachricht", "frage", "anfrage", "beschreibung", "texte", "texto", "testo"),
                *("mensaje", "mensagem", "messaggio", "tekst"),
            ),
        ),
        Role(
            key="label",
            title="Kind",
            help="What the model learns to answer.",
            kinds=(ColumnKind.category,),
            names=(
                *("label", "labels", "intent", "kind", "class", "category", "target", "topic"),
                *("sentiment", "type", "answer", "department", "team", "queue", "reason", "tag"),
                *("tags", "group", "emotion", "status", "priority", "rating", "genre", "domain"),
                *("etikett", "kategorie", "klasse", "thema", "art", "categorie", "categoria"),
                *("etiqueta", "clase", "tipo", "etichetta", "output", "y"),
            ),
        ),
    ),
    metrics=(
        Metric(key="accuracy", title="Right answers"),
        Metric(key="macro_f1", title="Right answers, every kind counting the same"),
    ),
    check=check,
    sample=Sample(
        path=Path(__file__).parent / "sample" / "bank_questions.csv",
        title="Questions customers asked a bank",
        source=(
            "Banking77 by PolyAI (22 of its 77 kinds), Casanueva et al. 2020, arXiv 2003.04807"
        ),
        licence="CC BY 4.0",
    ),
    training="zeroapp.tasks.text_classification.training",
    exports=("onnx-int8", "onnx", "safetensors"),
)

"""The recipe for `ollama create`: the very signs of training around all that is said in a talk.

Its template is Go's: docs.ollama.com/modelfile, github.com/ollama/ollama/blob/main/template.
"""

import json
import re
from collections.abc import Callable
from string import Template
from typing import Any

from jinja2 import TemplateError

from zeroapp.rules import parted

FILE = "Modelfile"

_RULES, _ASKED, _SAID = "zeroapp-rules", "zeroapp-asked", "zeroapp-said"
_MARKS = re.compile(f"{_RULES}|{_ASKED}|{_SAID}")
_SYSTEM = {"role": "system", "content": _RULES}
_USER = {"role": "user", "content": _ASKED}
_ASSISTANT = {"role": "assistant", "content": _SAID}

_GO = Template(
    "{{ if .System }}$before{{ .System }}$behind{{ else }}$start{{ end }}"
    "{{ range .Messages }}"
    '{{ if eq .Role "user" }}{{ .Content }}$answer'
    '{{ else if eq .Role "assistant" }}{{ .Content }}$again{{ end }}'
    "{{ end }}"
)

Parts = Callable[..., list[str]]


def modelfile(tokenizer: Any, *, model_file: str, stop: int | None) -> str:
    """tokenizer: as saved with the model; model_file: beside the recipe; stop: ends an answer."""
    sign = "" if stop is None else tokenizer.decode([stop])
    rules, template = parted(tokenizer.get_chat_template())
    parts = _parts_by(tokenizer, template=template)
    return (
        f"FROM ./{model_file}\n"
        f'TEMPLATE """{_template(parts, stop=sign)}"""\n'
        f"{_system(rules)}"
        f"PARAMETER stop {json.dumps(sign, ensure_ascii=False)}\n"
        "PARAMETER temperature 0.7\n"
    )


def _system(rules: str) -> str:
    """The rules it begins with; nothing in the recipe stands for three quotation marks."""
    quoted = rules.replace('"""', "'''")
    return f'SYSTEM """{quoted}"""\n' if rules else ""


def _parts_by(tokenizer: Any, *, template: str) -> Parts:
    """What the model's own template writes before, between and behind what is said in a talk."""

    def parts(*talk: dict[str, str]) -> list[str]:
        text = tokenizer.apply_chat_template(
            list(talk), chat_template=template, tokenize=False, add_generation_prompt=True
        )
        return _MARKS.split(text)

    return parts


def _template(parts: Parts, *, stop: str) -> str:
    """Rules, where there are any, then questions and answers in turn; Ollama joins what one says
    twice in a row.
    """
    start, answer = parts(_USER)
    before, behind = _around_rules(parts) or (start, "\n\n")
    again = _between_turns(parts) or stop + start
    return _GO.substitute(start=start, answer=answer, before=before, behind=behind, again=again)


def _around_rules(parts: Parts) -> tuple[str, str] | None:
    """None: the template has no place for them; then they stand before the first question."""
    try:
        before, behind, _ = parts(_SYSTEM, _USER)
    except (TemplateError, ValueError):
        return None
    return before, behind


def _between_turns(parts: Parts) -> str | None:
    """None: the template writes earlier answers in another way than they were said."""
    try:
        _, _, again, _ = parts(_USER, _ASSISTANT, _USER)
    except (TemplateError, ValueError):
        return None
    return again

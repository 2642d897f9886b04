"""Rules that nearly every talk begins with: found in examples, put into a chat template, read back.

So a model begins with them wherever it is asked, unless it is given others.
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from zeroapp.turns import RULES, Turn, asked, told

SHARED = 0.95
"""Share of the examples that must begin with the same rules."""

_FILE = "chat_template.jinja"
_BEFORE = (
    "{%- if messages[0]['role'] != 'system' %}{%- set messages = [{'role': 'system', 'content': "
)
_BEHIND = "}] + messages %}{%- endif %}"


def shared_rules(texts: Iterable[str]) -> str:
    """The rules that SHARED of the talks begin with, word for word; "" where there are none."""
    begun = [turn.said if turn.who == RULES else "" for turn in (asked(t)[0] for t in texts)]
    ((rules, count),) = Counter(begun).most_common(1) or [("", 0)]
    return rules if count >= SHARED * len(begun) else ""


def ruled(text: str, rules: str) -> str:
    """A text or a talk that waits for an answer, under these rules unless it has some."""
    talk = asked(text)
    if not rules or talk[0].who == RULES:
        return text
    return told((Turn(RULES, rules), *talk))


def with_rules(template: str, rules: str) -> str:
    """The chat template that begins with the rules by itself; without any it is as it was."""
    if not rules:
        return template
    return f"{_BEFORE}{json.dumps(rules, ensure_ascii=False)}{_BEHIND}{template}"


def parted(template: str) -> tuple[str, str]:
    """The rules that `with_rules` put into a template, "" for none, and what it was before."""
    if not template.startswith(_BEFORE):
        return "", template
    rules, end = json.JSONDecoder().raw_decode(template, len(_BEFORE))
    return str(rules), template[end + len(_BEHIND) :]


def rules_of(model: Path) -> str:
    """The rules that a model's folder begins with."""
    file = model / _FILE
    return parted(file.read_text("utf-8"))[0] if file.is_file() else ""

"""The layouts in which conversations are kept: recognised and laid out as columns."""

from typing import Any

from zeroapp.data.doctor import Notes
from zeroapp.turns import ANSWERS, ASKS, RULES, Turn, in_order, told

_LISTS = ("messages", "conversations", "conversation", "dialog", "dialogue", "turns")
_WHO = ("role", "from", "speaker", "author")
_SAID = ("content", "value", "text", "message")
_PARTS = {
    **dict.fromkeys(("user", "human", "prompter", "customer"), ASKS),
    **dict.fromkeys(("assistant", "gpt", "bot", "chatgpt", "model", "agent"), ANSWERS),
    **dict.fromkeys(("system", "developer"), RULES),
}


def laid_out(row: dict[str, Any], *, notes: Notes) -> dict[str, Any]:
    """The row with its conversation as columns: history, prompt, answer.

    Knows OpenAI's messages (role, content, also content in parts) and ShareGPT (from, value).
    answer is the last one that was given, prompt the question before it, history the rules and all
    turns before (see `zeroapp.turns`). A row without a conversation comes back as it is; so does
    one in which nobody asks.
    """
    key = next((k for k in row if k.casefold() in _LISTS and isinstance(row[k], list)), None)
    if key is None or not notes.wants("chat-layout"):
        return row
    turns = in_order(_turns(row[key]))
    answered = [place for place, turn in enumerate(turns) if turn.who == ANSWERS]
    if answered:
        del turns[answered[-1] + 1 :]  # what nobody answered any more
    answer = turns.pop().said if turns and turns[-1].who == ANSWERS else ""
    if not turns or turns[-1].who != ASKS:
        return row
    prompt = turns.pop().said
    laid = {"history": told(turns), "prompt": prompt, "answer": answer}
    kept = {k: v for k, v in row.items() if k != key and k not in laid}
    notes.add("chat-layout", change=(str(row[key]), f"{prompt} → {answer}"))
    return {k: v for k, v in laid.items() if v or k != "history"} | kept


def _turns(items: list[Any]) -> list[Turn]:
    """What people and models said; calls of tools and the like are passed over."""
    found: list[Turn] = []
    for item in items:
        if not isinstance(item, dict):
            return []
        who = next((item[k] for k in _WHO if isinstance(item.get(k), str)), "")
        said = _said(next((item[k] for k in _SAID if k in item), "")).strip()
        if said and who.casefold() in _PARTS:
            found.append(Turn(_PARTS[who.casefold()], said))
    return found


def _said(content: Any) -> str:
    """A turn's text; content in parts keeps the texts among them."""
    if isinstance(content, list):
        parts = (p.get("text", "") for p in content if isinstance(p, dict))
        return "\n".join(part for part in parts if isinstance(part, str) and part)
    return content if isinstance(content, str) else ""

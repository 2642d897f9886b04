"""The layouts in which conversations are kept: recognised and laid out as columns."""

from typing import Any

from zeroapp.data.doctor import Notes

_LISTS = ("messages", "conversations", "conversation", "dialog", "dialogue", "turns")
_WHO = ("role", "from", "speaker", "author")
_SAID = ("content", "value", "text", "message")
_ASKS = frozenset({"user", "human", "prompter", "customer"})
_ANSWERS = frozenset({"assistant", "gpt", "bot", "chatgpt", "model", "agent"})
_RULES = frozenset({"system", "developer"})

Turn = tuple[str, str]


def laid_out(row: dict[str, Any], *, notes: Notes) -> dict[str, Any]:
    """The row with its conversation as columns: system, history, prompt, answer.

    Knows OpenAI's messages (role, content, also content in parts) and ShareGPT (from, value).
    prompt is the last question, answer what was said to it, history the turns before, one a line.
    A row without a conversation comes back as it is; so does one whose turns cannot be told apart.
    """
    key = next((k for k in row if k.casefold() in _LISTS and isinstance(row[k], list)), None)
    if key is None or not notes.wants("chat-layout"):
        return row
    turns = _turns(row[key])
    answers = [n for n, (who, _) in enumerate(turns) if who in _ANSWERS]
    asks = [n for n, (who, _) in enumerate(turns) if who in _ASKS]
    if not asks:
        return row
    last = answers[-1] if answers else len(turns)
    before = [n for n in asks if n < last]
    if not before:
        return row
    ask = before[-1]
    laid = {
        "system": "\n".join(said for who, said in turns if who in _RULES),
        "history": "\n".join(f"{who}: {said}" for who, said in turns[:ask] if who not in _RULES),
        "prompt": turns[ask][1],
        "answer": turns[last][1] if answers else "",
    }
    kept = {k: v for k, v in row.items() if k != key and k not in laid}
    notes.add("chat-layout", change=(str(row[key]), f"{laid['prompt']} → {laid['answer']}"))
    return {k: v for k, v in laid.items() if v or k in ("prompt", "answer")} | kept


def _turns(items: list[Any]) -> list[Turn]:
    found: list[Turn] = []
    for item in items:
        if not isinstance(item, dict):
            return []
        who = next((item[k] for k in _WHO if isinstance(item.get(k), str)), "")
        said = next((item[k] for k in _SAID if k in item), "")
        found.append((who.casefold(), _said(said)))
    return found


def _said(content: Any) -> str:
    """A turn's text; content in parts keeps the texts among them."""
    if isinstance(content, list):
        parts = (p.get("text", "") for p in content if isinstance(p, dict))
        return "\n".join(part for part in parts if isinstance(part, str) and part)
    return content if isinstance(content, str) else ""

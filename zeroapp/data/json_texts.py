"""The value of a JSON text, also where programs and hands write it not quite by the rule."""

import json
import math
import re
from contextlib import suppress
from typing import Any

import msgspec

_DEEP = "more brackets inside each other than any table has"
_SPARE = re.compile(r'"(?:[^"\\]|\\.)*+"|(,)(?=\s*[\]}])', re.DOTALL)
"""A text in quotation marks, which is passed over, or a comma behind which nothing comes."""

_BETWEEN = re.compile(r"[\s,]*")


def parsed(text: str) -> Any:
    """The value of a JSON text; also with NaN, which pandas and others write, as null, and with
    half a letter (a lone surrogate), which becomes the sign for it. Raises ValueError.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        pass
    except RecursionError:
        raise ValueError(_DEEP) from None
    try:
        value = json.loads(text, parse_constant=lambda _: None, parse_float=_number)
        return msgspec.json.decode(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError:
        raise ValueError(_DEEP) from None


def is_json(text: str) -> bool:
    """Whether a text is one whole JSON value."""
    with suppress(ValueError):
        parsed(text)
        return True
    return False


def one_after_another(text: str) -> list[Any]:
    """Objects that follow each other, as jq and others write them; [] when it is anything else."""
    found: list[Any] = []
    read, at = json.JSONDecoder().raw_decode, 0
    try:
        while text.startswith("{", at):
            _, end = read(text, at)
            found.append(parsed(text[at:end]))
            between = _BETWEEN.match(text, end)
            at = between.end() if between else end
    except (ValueError, RecursionError):
        return []
    return found if at == len(text) else []


def without_spare_commas(text: str) -> tuple[str, int]:
    """The text without commas before a closing bracket, and how many there were."""
    count = 0

    def bare(found: re.Match[str]) -> str:
        nonlocal count
        count += found[1] is not None
        return "" if found[1] else found[0]

    return _SPARE.sub(bare, text), count


def broken_at(text: str) -> int:
    """The line in which a text stops being JSON; 0 when nobody can say."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno
    except RecursionError:
        pass
    return 0


def _number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text

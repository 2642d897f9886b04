"""Personal data and secrets in a text: where they are, and the text with placeholders instead.

Needs nothing but the text, so that what is masked for training is masked alike for an answer. The
only file that imports phonenumbers, at the first text with a number in it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

from zeroapp.data import personal_patterns as patterns

KINDS = {
    "key": "passwords and keys",
    "email": "mail addresses",
    "iban": "account numbers (IBAN)",
    "card": "card numbers",
    "id": "social security numbers",
    "ip": "addresses of computers (IP)",
    "address": "postal addresses",
    "phone": "phone numbers",
    "name": "names",
}
"""What is looked for, in this order: what an earlier kind has taken is not looked at again."""

_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL")
_FEWEST_DIGITS = 7
_LOOKED_AT = 20_000


class Found(NamedTuple):
    """A stretch of a text, from start to end, and what kind of thing it is."""

    start: int
    end: int
    kind: str


def find_personal(text: str, *, most: int = _LOOKED_AT) -> list[Found]:
    """Personal data and secrets in the first `most` letters, in the order of the text.

    Names are found only after words such as "my name is", "Mr" or "Regards"; addresses only with a
    street and a number; phone numbers as they are written in seven countries, or after "+" and
    words such as "call". Cannot see a person who is described.
    """
    looked_at = text[:most]
    taken: list[Found] = []
    for kind, start, end in _every(looked_at):
        if all(end <= other.start or start >= other.end for other in taken):
            taken.append(Found(start, end, kind))
    return sorted(taken)


def mask(text: str) -> str:
    """The text with [EMAIL], [PHONE], ... in place of what `find_personal` finds.

    Everything of one kind becomes the same placeholder: nobody can be told from another, and the
    same text is always masked alike. All of the text is looked at, however long.
    """
    found = find_personal(text, most=len(text))
    if not found:
        return text
    parts = [text[: found[0].start]]
    for one, following in pairwise([*found, Found(len(text), len(text), "")]):
        parts += [f"[{one.kind.upper()}]", text[one.end : following.start]]
    return "".join(parts)


def _every(text: str) -> Iterator[tuple[str, int, int]]:
    """All candidates, the surest kind first."""
    digits = sum(map(str.isdigit, text))
    yield from _keys(text)
    if "@" in text:
        yield from _all("email", text, (patterns.EMAIL,))
    if digits >= _FEWEST_DIGITS:
        yield from _numbers(text)
    if digits:
        yield from _all("ip", text, (patterns.IP,))
        yield from _all("address", text, patterns.ADDRESSES)
    if digits >= _FEWEST_DIGITS:
        yield from _phones(text)
    yield from _all("name", text, patterns.NAMES, group="name")


def _all(
    kind: str, text: str, every: Iterable[re.Pattern[str]], *, group: str | int = 0
) -> Iterator[tuple[str, int, int]]:
    for pattern in every:
        for match in pattern.finditer(text):
            yield kind, *match.span(group)


def _numbers(text: str) -> Iterator[tuple[str, int, int]]:
    """Numbers that prove themselves by check digits, and those of a strict form."""
    for match in patterns.IBAN.finditer(text):
        if end := _iban_end(match[0]):
            yield "iban", match.start(), match.start() + end
    for match in patterns.CARD.finditer(text):
        bare = _bare(match[0])
        if patterns.CARD_MAKERS.match(bare) and _luhn(bare):
            yield "card", *match.span()
    yield from _all("id", text, (patterns.ID,))


def _iban_end(text: str) -> int:
    """Where a valid IBAN at the start of `text` ends (ISO 13616: mod 97 is 1); 0: there is none.

    The pattern may have run on into the next words.
    """
    ends = [len(text), *(n for n in range(len(text) - 1, 14, -1) if text[n] in " -")]
    for end in ends:
        if text[:2].isupper() and any(map(str.islower, text[:end])):
            continue  # capitals at first, and then words
        bare = _bare(text[:end]).upper()
        if not 15 <= len(bare) <= 34:  # noqa: PLR2004 - the shortest and the longest there are
            continue
        if int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1:
            return end
    return 0


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: doubled every second digit from the right, the sum divides by ten."""
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(digits)))
    return sum(d - 9 * (d > 9) for d in doubled) % 10 == 0  # noqa: PLR2004 - of two digits the sum


def _bare(number: str) -> str:
    return number.replace(" ", "").replace("-", "")


def _keys(text: str) -> Iterator[tuple[str, int, int]]:
    yield from _all("key", text, (patterns.KEY,))
    for match in patterns.SAID_KEY.finditer(text):
        if _like_a_secret(match["value"]):
            yield "key", *match.span("value")


def _like_a_secret(value: str) -> bool:
    """Whether it has what passwords have and words have not."""
    bare = value.rstrip(".!?")
    digit = any(map(str.isdigit, bare))
    letter = any(map(str.isalpha, bare))
    sign = any(not c.isalnum() for c in bare.strip("-"))
    mixed = bare != bare.lower() and bare != bare.upper() and not bare.istitle()
    return letter and (digit or (sign and mixed))


def _phones(text: str) -> Iterator[tuple[str, int, int]]:
    *written, announced = patterns.PHONES
    yield from _all("phone", text, written)
    yield from _all("phone", text, (announced,), group="value")
    matcher, leniency = _matcher()
    for region in _REGIONS:
        for match in matcher(text, region, leniency=leniency):
            if patterns.WRITTEN_AS_PHONE.search(match.raw_string):
                yield "phone", match.start, match.end


@cache
def _matcher() -> tuple[Any, Any]:
    """Phonenumbers' finder of numbers that exist: the class, and how strict it is."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    return PhoneNumberMatcher, Leniency.VALID

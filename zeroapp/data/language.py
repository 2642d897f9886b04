"""Which language texts are written in. The only file that imports py3langid."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

PLAUSIBLE = (
    *("ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he"),
    *("hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv", "ms", "nl", "no", "pl", "pt", "ro"),
    *("ru", "sk", "sl", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh"),
)
"""ISO 639-1 codes that are considered: a shorter list errs less on short texts."""

_MAJORITY = 0.75
_SURE = 0.5
_LOOKED_AT = 300
_ENOUGH_LETTERS = 3


@cache
def _identifier() -> "LanguageIdentifier":
    """An identifier of our own: py3langid's shared one would be changed for everybody."""
    from py3langid import langid  # brings numpy, which the window does without

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(PLAUSIBLE)
    return identifier


class Languages:
    """Tells the language of one text at a time, for looks at each row."""

    def of(self, text: str) -> tuple[str, float]:
        """The ISO 639-1 code and how sure it is, 0 to 1."""
        code, sure = _identifier().classify(text)
        return str(code), float(sure)


def guess_language(texts: Iterable[str]) -> str:
    """The ISO 639-1 code of most of the texts, "mixed", or "" when there is nothing to go by.

    Each text votes with how sure the guess is times its letters, of its first 300 characters.
    About 0.4 ms a text. Texts of one or two words are often taken for a related language, so a
    guess less than half sure does not vote. Cannot see several languages inside one text.
    """
    votes: Counter[str] = Counter()
    for whole in texts:
        text = whole[:_LOOKED_AT]
        letters = sum(map(str.isalpha, text))
        if letters < _ENOUGH_LETTERS:
            continue
        code, sure = _identifier().classify(text)
        if sure >= _SURE:
            votes[str(code)] += sure * letters
    if not votes:
        return ""
    first, weight = votes.most_common(1)[0]
    return first if weight >= _MAJORITY * votes.total() else "mixed"

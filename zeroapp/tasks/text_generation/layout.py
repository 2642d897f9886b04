"""How questions and answers become one row of signs: by the base's own chat template.

Knows tokenizers, no tensors. What training reads and what a finished model is asked are both made
here, so that they cannot differ.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import TemplateError

from zeroapp import turns
from zeroapp.errors import ModelError
from zeroapp.turns import Turn

Lesson = list[tuple[list[int], list[int]]]
"""Token ids that are read, and those that are then learned, in turn."""

PLAIN = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}{{ message['content'] + eos_token }}"
    "{% else %}{{ message['content'] + '\n\n###\n\n' }}{% endif %}{% endfor %}"
)
"""For bases that were never taught to talk: the text, a line of signs, the answer, the end."""

FOLDED = (
    "{%- if messages | length > 1 and messages[0]['role'] == 'system' %}"
    "{%- set messages = [{'role': messages[1]['role'], 'content': messages[0]['content'] "
    "+ '\\n\\n' + messages[1]['content']}] + messages[2:] %}{%- endif %}"
)
"""Before a template without a place for rules: they stand before the first question."""

_ASKED = "zeroapp asks: 1, 2 “three”?"
_SAID = "It is so. zeroapp says: 4.\n\nAnd five."


@dataclass
class Layout:
    """tokenizer: of the base, as transformers loads it. Raises ModelError("template-broken")."""

    tokenizer: Any

    def __post_init__(self) -> None:
        if not self.tokenizer.chat_template:
            self.tokenizer.chat_template = PLAIN
        self.check()
        if not self._heeds_rules():
            # in the template itself: it goes with the model wherever it is asked
            self.tokenizer.chat_template = FOLDED + self.tokenizer.get_chat_template()

    def prompt(self, turns: Sequence[Turn]) -> str:
        """All that the model reads before it writes."""
        return self._rendered(turns, open_end=True)

    def prompt_ids(self, asked: str) -> list[int]:
        """The same as token ids, of a text or a talk that waits for an answer."""
        return self._numbers(self.prompt(turns.asked(asked)))

    def lesson(self, asked: str, said: str | None, *, most: int) -> Lesson:
        """What is read and what is then to be said, in turn, as token ids; an answer has its end.

        Every answer of a talk is learned, with the turns before it. While there are more than
        `most` ids, the oldest question goes with its answer. said: None when it is not known.
        """
        talk = turns.asked(asked)
        while True:
            found = self._numbered(talk, said)
            less = turns.shorter(talk)
            if len(less) == len(talk) or sum(len(a) + len(b) for a, b in found) <= most:
                return found
            talk = less

    def _numbered(self, talk: Sequence[Turn], said: str | None) -> Lesson:
        whole = self.prompt(talk)
        found, done = Lesson(), ""
        for place, turn in enumerate(talk):
            if turn.who == turns.ANSWERS:
                prompt = self.prompt(talk[:place])
                found.append((self._numbers(prompt[len(done) :]), self._answer(turn.said)))
                done = prompt + turn.said + self._stop_sign
                if not whole.startswith(done):
                    # the template writes earlier answers in another way: they are only read
                    found, done = Lesson(), ""
                    break
        last = self._numbers(whole[len(done) :])
        return [*found, (last, [] if said is None else self._answer(said))]

    def _answer(self, said: str) -> list[int]:
        return [*self._numbers(said), self.stop]

    @cached_property
    def _stop_sign(self) -> str:
        sign: str = self.tokenizer.decode([self.stop])
        return sign

    def told(self, ids: list[int]) -> str:
        """What a model wrote, up to the sign that ends it; half a letter at the end is left out."""
        end = ids.index(self.stop) if self.stop in ids else len(ids)
        text: str = self.tokenizer.decode(
            ids[:end], skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text.rstrip("\N{REPLACEMENT CHARACTER}")

    def _numbers(self, text: str) -> list[int]:
        read = self.tokenizer(text, add_special_tokens=False, verbose=False)
        found: list[int] = read["input_ids"]
        return found

    def _rendered(self, talk: Sequence[Turn], *, open_end: bool) -> str:
        messages = turns.messages(talk)
        try:
            text: str = self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=open_end
            )
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError) as error:
            raise _broken(f"the template failed: {error!r}"[:500]) from error
        return text

    def _heeds_rules(self) -> bool:
        talk = turns.messages([Turn(turns.RULES, _SAID), Turn(turns.ASKS, _ASKED)])
        try:
            text: str = self.tokenizer.apply_chat_template(talk, tokenize=False)
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError):
            return False
        return _SAID in text

    @cached_property
    def stop(self) -> int:
        """The token that ends an answer: what the template puts behind it."""
        asked = Turn(turns.ASKS, _ASKED)
        prompt = self.prompt([asked])
        whole = self._rendered([asked, Turn(turns.ANSWERS, _SAID)], open_end=False)
        if not whole.startswith(prompt + _SAID):
            raise _broken("an answer does not stand right behind its prompt")
        behind = self._numbers(whole[len(prompt + _SAID) :])
        special = set(self.tokenizer.all_special_ids)
        found = next((one for one in behind if one in special), self.tokenizer.eos_token_id)
        if found is None:
            raise _broken("nothing ends an answer")
        return int(found)

    def check(self) -> None:
        """The ids of a pair must read as the pair: else training would learn rubbish."""
        ((prompt, answer),) = self.lesson(_ASKED, _SAID, most=sys.maxsize)
        told = self.tokenizer.decode(answer[:-1], clean_up_tokenization_spaces=False)
        asked = self.tokenizer.decode(prompt, clean_up_tokenization_spaces=False)
        if told.strip() != _SAID or _ASKED not in asked:
            raise _broken(f"read back, the answer is {told!r}, the prompt {asked!r}"[:500])


def _broken(detail: str) -> ModelError:
    return ModelError(
        "template-broken",
        title="This base model's way of laying out a talk cannot be used: what goes in does not "
        "come out again.",
        hint="Choose a starter model, or another version of this one. Nothing was changed.",
        detail=detail,
    )

"""How a question and its answer become one row of signs: by the base's own chat template.

Knows tokenizers, no tensors. What training reads and what a finished model is asked are both made
here, so that they cannot differ.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import TemplateError

from zeroapp.errors import ModelError

PLAIN = (
    "{% for message in messages %}"
    "{% if message['role'] == 'assistant' %}{{ message['content'] + eos_token }}"
    "{% else %}{{ message['content'] + '\n\n###\n\n' }}{% endif %}{% endfor %}"
)
"""For bases that were never taught to talk: the text, a line of signs, the answer, the end."""

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

    def prompt(self, asked: str) -> str:
        """All that the model reads before it writes."""
        return self._rendered([_user(asked)], open_end=True)

    def whole(self, asked: str, said: str) -> str:
        """A question with its answer, as trained: up to the sign that ends the answer."""
        stop: str = self.tokenizer.decode([self.stop])
        return self.prompt(asked) + said + stop

    def ids(self, asked: str, said: str | None = None) -> tuple[list[int], list[int]]:
        """Token ids of the prompt, and of the answer with its end; none without an answer."""
        prompt = self._numbers(self.prompt(asked))
        return prompt, [] if said is None else [*self._numbers(said), self.stop]

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

    def _rendered(self, messages: list[dict[str, str]], *, open_end: bool) -> str:
        try:
            text: str = self.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=open_end
            )
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError) as error:
            raise _broken(f"the template failed: {error!r}"[:500]) from error
        return text

    @cached_property
    def stop(self) -> int:
        """The token that ends an answer: what the template puts behind it."""
        prompt = self._rendered([_user(_ASKED)], open_end=True)
        whole = self._rendered([_user(_ASKED), _assistant(_SAID)], open_end=False)
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
        prompt, answer = self.ids(_ASKED, _SAID)
        told = self.tokenizer.decode(answer[:-1], clean_up_tokenization_spaces=False)
        asked = self.tokenizer.decode(prompt, clean_up_tokenization_spaces=False)
        if told.strip() != _SAID or _ASKED not in asked:
            raise _broken(f"read back, the answer is {told!r}, the prompt {asked!r}"[:500])


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def _assistant(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def _broken(detail: str) -> ModelError:
    return ModelError(
        "template-broken",
        title="This base model's way of laying out a talk cannot be used: what goes in does not "
        "come out again.",
        hint="Choose a starter model, or another version of this one. Nothing was changed.",
        detail=detail,
    )

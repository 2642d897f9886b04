"""The heavy half of text generation: pairs to tensors, tensors to a loss. Worker only."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, AutoConfig, AutoTokenizer, GenerationConfig

from zeroapp.dataset import Example
from zeroapp.plan import Method, Precision, TrainPlan
from zeroapp.rules import with_rules
from zeroapp.task import Encoded, TextTraining, Writing
from zeroapp.tasks.text_generation.layout import Layout, Lesson
from zeroapp.tasks.text_generation.packing import pack
from zeroapp.tasks.text_generation.writer import Writer
from zeroapp.tasks.text_generation.writing import write

_LEAST = 4
"""Tokens of an answer that must fit behind its prompt, or it teaches nothing."""


def training(plan: TrainPlan, base: Path) -> TextTraining:
    """The heavy half for this plan; base is a folder that transformers loads alone.

    Raises ModelError("template-broken").
    """
    return _Generation(plan, base)


class _Generation:
    """See TextTraining."""

    def __init__(self, plan: TrainPlan, base: Path) -> None:
        self.plan = plan
        self.packs = plan.packing
        self.base = base
        self.tokenizer: Any = AutoTokenizer.from_pretrained(base, local_files_only=True)
        self.layout = Layout(self.tokenizer)
        self._rules = ""

    def encode(self, examples: Sequence[Example]) -> list[Encoded]:
        """Questions and answers; of talks that are too long the oldest turns are left out.

        What is still too long is cut at the end and then has no end to learn.
        """
        return [self._encoded(example) for example in examples]

    def _encoded(self, example: Example) -> Encoded:
        most, ids, learned = self.plan.max_length, list[int](), list[tuple[int, int]]()
        for read, said in self._lesson(example):
            start = len(ids) + len(read)
            ids += [*read, *said]
            end = min(len(ids), most)
            if said and end >= start + min(_LEAST, len(said)):
                learned.append((start, end))
        return Encoded(row_id=example.row_id, ids=tuple(ids[:most]), learned=tuple(learned))

    def _lesson(self, example: Example) -> Lesson:
        return self.layout.lesson(example.text, example.label, most=self.plan.max_length)

    def preview(self, example: Example) -> tuple[tuple[str, str], ...]:
        """The text that is turned into ids, signs of the layout included."""
        decode = self.tokenizer.decode
        return tuple((decode(read), decode(said)) for read, said in self._lesson(example))

    def collate(self, examples: Sequence[Encoded]) -> Mapping[str, Tensor]:
        """See packing.pack."""
        return pack(examples, padding=self.tokenizer.pad_token_id or 0, packing=self.packs)

    def keeps(self, examples: Sequence[Encoded]) -> int:
        """Texts are kept as they are encoded."""
        del examples
        return 0

    def build(self, *, weights: Mapping[str, Tensor] | None = None) -> nn.Module:
        """The base without dropout; what LoRA leaves as it is stays in half where half is used."""
        config = AutoConfig.from_pretrained(
            self.base, trust_remote_code=False, local_files_only=True
        )
        for name in ("attention_dropout", "attn_pdrop", "embd_pdrop", "resid_pdrop"):
            if hasattr(config, name):
                setattr(config, name, 0.0)
        kind: Any = MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]
        model = kind.from_pretrained(
            self.base if weights is None else None,
            config=config,
            state_dict=weights,
            attn_implementation="sdpa",
            use_safetensors=True,
            dtype=self._precision(weights),
            local_files_only=True,
        )
        return Writer(model)

    def _precision(self, weights: Mapping[str, Tensor] | None) -> torch.dtype:
        """What the parameters are built in: fp32, half for a frozen base, or as opened."""
        kinds = {t.dtype for t in (weights or {}).values() if t.is_floating_point()}
        if len(kinds) == 1:
            return kinds.pop()
        frozen = self.plan.method is Method.lora and self.plan.precision is Precision.bf16
        return torch.bfloat16 if frozen and weights is None else torch.float32

    def shard_units(self, model: nn.Module) -> list[nn.Module]:
        """The transformer layers: the longest list of equal blocks. Words stay with the whole."""
        stacks = [list(m) for m in model.modules() if isinstance(m, nn.ModuleList)]
        return max(stacks, key=len, default=[])

    def head(self, model: nn.Module) -> nn.Linear | None:
        """None: the output layer is, in most bases, the word table itself."""
        del model
        return None

    def loss(self, model: nn.Module, batch: Mapping[str, Tensor]) -> tuple[Tensor, int]:
        """Summed cross-entropy of the answers' tokens, and their number."""
        losses: Tensor = model(batch)
        return losses.sum(), len(batch["targets"])

    def losses(self, model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
        """Of each example, summed over its answer's tokens."""
        of_tokens: Tensor = model(batch)
        return batch["examples"].float().index_add(0, batch["owners"], of_tokens)

    def foretold(self, model: nn.Module, batch: Mapping[str, Tensor]) -> Tensor:
        """See Writer.foretold."""
        assert isinstance(model, Writer)
        return model.foretold(batch)

    def write(
        self,
        model: nn.Module,
        prompts: Sequence[str],
        *,
        wish: Writing,
        said: Callable[[Sequence[str]], None],
    ) -> list[str]:
        """The answers; see writing.write."""
        assert isinstance(model, Writer)
        return write(model.model, self.layout, prompts, wish=wish, said=said)

    def begin_with(self, rules: str) -> None:
        """See TextTraining."""
        self._rules = rules

    def save(self, state: Mapping[str, Tensor], folder: Path) -> None:
        """The base's own class with the trained weights, in the number format they came in."""
        stored = _stored(self.base)
        plain = {name.removeprefix("model."): t.to(stored) for name, t in state.items()}
        model = self.build(weights=plain)
        assert isinstance(model, Writer)
        model.model.generation_config = GenerationConfig(  # type: ignore[assignment]
            eos_token_id=self.layout.stop, pad_token_id=self.tokenizer.pad_token_id
        )
        folder.mkdir(parents=True, exist_ok=True)
        model.model.save_pretrained(folder)  # type: ignore[operator]
        self._save_words(folder)
        for file in folder.iterdir():
            file.chmod(0o644)  # safetensors writes 0600, unreadable for a service

    def _save_words(self, folder: Path) -> None:
        template = self.tokenizer.chat_template
        self.tokenizer.chat_template = with_rules(self.tokenizer.get_chat_template(), self._rules)
        self.tokenizer.save_pretrained(folder)
        self.tokenizer.chat_template = template


def _stored(base: Path) -> torch.dtype:
    """The number format of a model's files."""
    said = json.loads((base / "config.json").read_text("utf-8"))
    name = said.get("dtype") or said.get("torch_dtype") or "float32"
    found = getattr(torch, name, torch.float32)
    return found if found in (torch.bfloat16, torch.float16) else torch.float32

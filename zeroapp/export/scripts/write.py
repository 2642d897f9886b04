"""Writes answers with the model in this folder. It needs no network and sends nothing anywhere.

    python answer.py "a question"
    python answer.py --temperature 0.7 --most 200 "a question"

README.md says which packages it needs.
"""

import argparse
import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

Messages = list[dict[str, str]]
Ask = Callable[[Messages, int, float], str]
Foretell = Callable[[list[int], int], list[int]]


class Model:
    """The model in `folder`. by: the program that runs it. base: where an adapter's base model is;
    without it, under the name that the adapter gives it.
    """

    def __init__(self, folder: Path, *, base: str = "") -> None:
        facts = json.loads((folder / "zeroapp_export.json").read_text("utf-8"))
        self._hide = _hiding() if facts.get("masked") else str
        file = folder / facts["model_file"]
        if file.name == "adapter_model.safetensors":
            self.by, (self._ask, self._foretell) = "peft", _adapted(folder, base)
            return
        if file.suffix != ".gguf":
            self.by, (self._ask, self._foretell) = "transformers", _transformers(folder)
            return
        try:
            self.by, (self._ask, self._foretell) = "llama.cpp", _llama_cpp(file)
        except ModuleNotFoundError:
            self.by, (self._ask, self._foretell) = "transformers, unpacked", _unpacked(file)

    def write(self, prompt: str | Messages, *, most: int = 256, temperature: float = 0.0) -> str:
        """The answer; at temperature 0 always the same one. prompt: a text, or turns of a talk.

        Personal data in the prompt is hidden where it was in training.
        """
        messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        hidden = [{**one, "content": self._hide(one["content"])} for one in messages]
        # half a letter, where the end was cut off, is left out
        return self._ask(hidden, most, temperature).rstrip("\N{REPLACEMENT CHARACTER}")

    def foretold(self, ids: list[int], start: int) -> list[int]:
        """The likeliest word piece at each place from start on, after those that stand before."""
        return self._foretell(ids, start)


def _hiding() -> Callable[[str], str]:
    """What puts placeholders in place of personal data: the file beside this one."""
    sys.path.append(str(Path(__file__).parent))
    mask: Callable[[str], str] = import_module("personal").mask
    return mask


def _llama_cpp(file: Path) -> tuple[Ask, Foretell]:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx = 2048
    params.n_parallel = 1
    params.warmup = False
    params.verbosity = -1
    server = xllamacpp.Server(params)

    def ask(messages: Messages, most: int, temperature: float) -> str:
        said: Any = server.handle_chat_completions(
            {
                "messages": messages,
                "max_tokens": most,
                "temperature": temperature,
                "cache_prompt": False,
            }
        )
        text: str = said["choices"][0]["message"]["content"]
        return text

    def next_of(ids: list[int]) -> int:
        asked = {"prompt": ids, "max_tokens": 1, "temperature": 0, "n_probs": 1}
        said: Any = server.handle_completions({**asked, "cache_prompt": True})
        found = said["choices"][0]["logprobs"]["content"]
        return int(found[0]["id"]) if found else -1

    def foretell(ids: list[int], start: int) -> list[int]:
        return [next_of(ids[:place]) for place in range(start, len(ids))]

    return ask, foretell


def _unpacked(file: Path) -> tuple[Ask, Foretell]:
    return _transformers(file.parent, gguf_file=file.name)


def _adapted(folder: Path, base: str) -> tuple[Ask, Foretell]:
    said = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    return _transformers(folder, base=base or said["base_model_name_or_path"])


def _transformers(folder: Path, *, base: str = "", **packed: str) -> tuple[Ask, Foretell]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, **packed)
    model: Any = AutoModelForCausalLM.from_pretrained(
        base or folder, local_files_only=True, dtype=torch.float32, **packed
    ).eval()
    if base:
        from peft import PeftModel
        from transformers import GenerationConfig

        model.generation_config = GenerationConfig.from_pretrained(folder)
        model = PeftModel.from_pretrained(model, str(folder)).eval()

    def ask(messages: Messages, most: int, temperature: float) -> str:
        inputs = tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        with torch.inference_mode():
            made = model.generate(
                **inputs,
                max_new_tokens=most,
                do_sample=temperature > 0,
                **({"temperature": temperature} if temperature > 0 else {}),
            )
        new = made[0][inputs["input_ids"].shape[1] :]
        text: str = tokenizer.decode(
            new, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def foretell(ids: list[int], start: int) -> list[int]:
        with torch.inference_mode():
            scores = model(input_ids=torch.tensor([ids])).logits
        likeliest: list[int] = scores[0, start - 1 : -1].argmax(dim=-1).tolist()
        return likeliest

    return ask, foretell


def main() -> None:
    """Answer what the command line asks."""
    parser = argparse.ArgumentParser(description="Writes answers with the model in this folder.")
    parser.add_argument("prompts", nargs="+", help="what to ask")
    parser.add_argument("--most", type=int, default=256, help="word pieces of an answer (256)")
    parser.add_argument("--temperature", type=float, default=0.0, help="0: always the same (0)")
    parser.add_argument("--base", default="", help="of an adapter: the folder of its base model")
    wanted = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    model = Model(Path(__file__).resolve().parent, base=wanted.base)
    for prompt in wanted.prompts:
        answer = model.write(prompt, most=wanted.most, temperature=wanted.temperature)
        sys.stdout.write(f"{answer}\n")


if __name__ == "__main__":
    main()

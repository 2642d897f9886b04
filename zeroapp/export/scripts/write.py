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

Ask = Callable[[str, int, float], str]


class Model:
    """The model in `folder`. by: the program that runs it. base: where an adapter's base model is;
    without it, under the name that the adapter gives it.
    """

    def __init__(self, folder: Path, *, base: str = "") -> None:
        facts = json.loads((folder / "zeroapp_export.json").read_text("utf-8"))
        self._hide = _hiding() if facts.get("masked") else str
        file = folder / facts["model_file"]
        if file.name == "adapter_model.safetensors":
            self.by, self._ask = "peft", _adapted(folder, base)
            return
        if file.suffix != ".gguf":
            self.by, self._ask = "transformers", _transformers(folder)
            return
        try:
            self.by, self._ask = "llama.cpp", _llama_cpp(file)
        except ModuleNotFoundError:
            self.by, self._ask = "transformers, unpacked", _unpacked(file)

    def write(self, prompt: str, *, most: int = 256, temperature: float = 0.0) -> str:
        """The answer; at temperature 0 always the same one.

        Personal data in the prompt is hidden where it was in training.
        """
        return self._ask(self._hide(prompt), most, temperature)


def _hiding() -> Callable[[str], str]:
    """What puts placeholders in place of personal data: the file beside this one."""
    sys.path.append(str(Path(__file__).parent))
    mask: Callable[[str], str] = import_module("personal").mask
    return mask


def _llama_cpp(file: Path) -> Ask:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx = 2048
    params.n_parallel = 1
    params.warmup = False
    params.verbosity = -1
    server = xllamacpp.Server(params)

    def ask(prompt: str, most: int, temperature: float) -> str:
        said: Any = server.handle_chat_completions(
            {
                "messages": [{"role": "user", "content": prompt}],
                "max_tokens": most,
                "temperature": temperature,
                "cache_prompt": False,
            }
        )
        text: str = said["choices"][0]["message"]["content"]
        return text

    return ask


def _unpacked(file: Path) -> Ask:
    return _transformers(file.parent, gguf_file=file.name)


def _adapted(folder: Path, base: str) -> Ask:
    said = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    return _transformers(folder, base=base or said["base_model_name_or_path"])


def _transformers(folder: Path, *, base: str = "", **packed: str) -> Ask:
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

    def ask(prompt: str, most: int, temperature: float) -> str:
        messages = [{"role": "user", "content": prompt}]
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

    return ask


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

"""The recipe for Ollama asks as the model's own template does, whatever that looks like."""

import re

import jinja2
import pytest
from transformers import AutoTokenizer

from support import tiny_writer
from zeroapp.export.ollama import modelfile
from zeroapp.rules import with_rules
from zeroapp.tasks.text_generation.layout import Layout

RULES = {"role": "system", "content": "Be kind."}
ASKED = {"role": "user", "content": "Hello?"}
SAID = {"role": "assistant", "content": "Hi."}
AGAIN = {"role": "user", "content": "Where?"}

NAMED = (
    "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are Tiny.<|im_end|>\n' }}"
    "{% endif %}" + tiny_writer.TEMPLATE
)
"""With rules of its own where there are none."""

NO_RULES = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no') }}{% endif %}"
TEMPLATES = [tiny_writer.TEMPLATE, NAMED, NO_RULES + tiny_writer.TEMPLATE, None]


def by_ollama(recipe: str, talk: list[dict[str, str]]) -> str:
    """Its template in Go, put into the words of Jinja; `ollama` itself gathers the rules so."""
    text = re.search(r'TEMPLATE """(.*?)"""', recipe, re.DOTALL)[1]
    words = {
        "{{ if .System }}": "{% if system %}",
        "{{ .System }}": "{{ system }}",
        "{{ range .Messages }}": "{% for message in messages %}",
        '{{ if eq .Role "user" }}': "{% if message.role == 'user' %}",
        '{{ else if eq .Role "assistant" }}': "{% elif message.role == 'assistant' %}",
        "{{ .Content }}": "{{ message.content }}",
        "{{ else }}": "{% else %}",
        "{{ end }}{{ end }}": "{% endif %}{% endfor %}",
        "{{ end }}": "{% endif %}",
    }
    for go, here in words.items():
        text = text.replace(go, here)
    system = "\n\n".join(turn["content"] for turn in talk if turn["role"] == "system")
    own = re.search(r'SYSTEM """(.*?)"""', recipe, re.DOTALL)
    system = system or (own[1] if own else "")
    keeping = jinja2.Environment(keep_trailing_newline=True, autoescape=False)
    return keeping.from_string(text).render(system=system, messages=talk)


def tokenizer_as_saved(folder, *, template):
    """As training leaves it beside the model."""
    base = tiny_writer.make(folder / "base", template=template)
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    Layout(tokenizer)
    tokenizer.save_pretrained(folder / "model")
    return AutoTokenizer.from_pretrained(folder / "model", local_files_only=True)


@pytest.mark.parametrize("template", TEMPLATES, ids=["chatml", "named", "no rules", "never talked"])
@pytest.mark.parametrize(
    "talk", [[ASKED], [RULES, ASKED], [ASKED, SAID, AGAIN], [RULES, ASKED, SAID, AGAIN]]
)
def test_ollama_lays_a_talk_out_as_the_template_does(tmp_path, template, talk):
    tokenizer = tokenizer_as_saved(tmp_path, template=template)
    recipe = modelfile(tokenizer, model_file="model.gguf", stop=2)
    wanted = tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=True)
    assert by_ollama(recipe, talk) == wanted
    for turn in talk:
        assert turn["content"] in wanted
    assert recipe.startswith("FROM ./model.gguf\n")
    assert 'PARAMETER stop "<|im_end|>"\n' in recipe


@pytest.mark.parametrize("template", TEMPLATES, ids=["chatml", "named", "no rules", "never talked"])
@pytest.mark.parametrize("talk", [[ASKED], [RULES, ASKED], [ASKED, SAID, AGAIN]])
def test_rules_that_a_model_begins_with_are_ollama_s_system(tmp_path, template, talk):
    tokenizer = tokenizer_as_saved(tmp_path, template=template)
    own = 'You are “Ann”.\nSay {{ nothing }}, "never" \\o/ {% if %}.'
    tokenizer.chat_template = with_rules(tokenizer.chat_template, own)
    recipe = modelfile(tokenizer, model_file="model.gguf", stop=2)
    assert f'SYSTEM """{own}"""\n' in recipe
    wanted = tokenizer.apply_chat_template(talk, tokenize=False, add_generation_prompt=True)
    assert by_ollama(recipe, talk) == wanted
    assert (own in wanted) == (RULES not in talk)


def test_a_model_of_an_older_version_without_a_place_for_rules_is_asked_as_it_was_taught(tmp_path):
    base = tiny_writer.make(tmp_path / "base", template=NO_RULES + tiny_writer.TEMPLATE)
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    recipe = modelfile(tokenizer, model_file="model.gguf", stop=2)
    wanted = "<|im_start|>user\nBe kind.\n\nHello?<|im_end|>\n<|im_start|>assistant\n"
    assert by_ollama(recipe, [RULES, ASKED]) == wanted


def test_a_template_that_drops_earlier_answers_still_ends_them(tmp_path):
    forgetful = tiny_writer.TEMPLATE.replace(
        "message['content']",
        "('' if message['role'] == 'assistant' and not loop.last else message['content'])",
    )
    tokenizer = tokenizer_as_saved(tmp_path, template=forgetful)
    recipe = modelfile(tokenizer, model_file="model.gguf", stop=2)
    assert "Hi.<|im_end|>" in by_ollama(recipe, [ASKED, SAID, AGAIN])

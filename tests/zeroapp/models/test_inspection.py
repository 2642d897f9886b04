"""What is said of a model is what transformers makes of it, for every kind that is let in."""

import json

import pytest

from support import tiny_model
from zeroapp.models import describe, prepare, token_counter
from zeroapp.models.inspection import ENCODERS
from zeroapp.work import Silent

SIZES = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "embedding_size": 8,
}
DISTIL = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}
SHIFTED = {"camembert", "mpnet", "roberta", "xlm-roberta"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(ENCODERS))
def test_numbers_are_those_of_the_loaded_model(kind, tmp_path):
    from transformers import AutoConfig, AutoModelForMaskedLM, AutoModelForSequenceClassification

    config = AutoConfig.for_model(
        kind,
        **(DISTIL if kind == "distilbert" else SIZES),
        vocab_size=50,
        max_position_embeddings=66,
        pad_token_id=1 if kind in SHIFTED else 0,
        bos_token_id=2,
        eos_token_id=3,
        cls_token_id=2,
        sep_token_id=3,
    )
    whole = AutoModelForMaskedLM.from_config(config)
    folder = tmp_path / kind
    whole.save_pretrained(folder)
    tiny_model.tokenizer().save(str(folder / "tokenizer.json"))
    body = getattr(whole, whole.base_model_prefix)

    base = describe(str(folder))

    assert base.parameters == sum(one.numel() for one in body.parameters())
    words = body.get_input_embeddings().weight
    assert words.numel() <= base.embedding_parameters < base.parameters
    assert (base.layers, base.hidden, base.intermediate, base.vocabulary) == (2, 16, 32, 50)
    # RoBERTa and its kin begin counting positions after the padding token's number.
    assert base.max_length == (64 if kind in SHIFTED else 66)
    assert base.pooling == "native"
    assert AutoModelForSequenceClassification.from_pretrained(folder, num_labels=3)


def test_a_sensible_limit_of_the_tokenizer_wins(tmp_path):
    folder = tiny_model.make(tmp_path / "tiny")
    for given, expected in ((20, 20), (1e30, 32), (None, 32)):
        text = json.dumps({"model_max_length": given})
        (folder / "tokenizer_config.json").write_text(text)
        assert describe(str(folder)).max_length == expected


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ('{"pooling_mode_mean_tokens": true}', "mean"),
        ('{"pooling_mode": "mean"}', "mean"),
        ('{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}', "native"),
    ],
)
def test_pooling_follows_what_the_makers_trained(tmp_path, pooling, expected):
    folder = tiny_model.make(tmp_path / "tiny")
    (folder / "1_Pooling/config.json").write_text(pooling)
    assert describe(str(folder)).pooling == expected
    other = tiny_model.make(tmp_path / "other", model_type="roberta")
    assert describe(str(other)).pooling == "native"  # packing by hand knows plain BERT only


def test_a_folder_below_the_current_one_is_found(tmp_path, monkeypatch):
    tiny_model.make(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)
    assert token_counter(prepare("./tiny", Silent()))(["card"]) == [3]
    assert describe("tiny").title == "tiny"

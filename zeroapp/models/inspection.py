"""Looks a model's files over before anything is loaded: is it safe, does it fit, what is it?"""

from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec
from msgspec.structs import replace

from zeroapp.catalogue import Base, Source, licence, prefix_for
from zeroapp.dataset import Answers
from zeroapp.models.eyes import EYES, shape_of
from zeroapp.models.files import CONFIG, POOLING, TOKENIZER, TOKENIZER_CONFIG, ModelFiles
from zeroapp.models.refusals import broken, custom_code, unsuitable
from zeroapp.models.weights import Weights, weigh

# Encoders whose classifier AutoModelForSequenceClassification knows and transformers itself holds.
ENCODERS = frozenset(
    {
        "albert",
        "bert",
        "camembert",
        "convbert",
        "deberta",
        "deberta-v2",
        "distilbert",
        "electra",
        "ernie",
        "megatron-bert",
        "modernbert",
        "mpnet",
        "roberta",
        "roformer",
        "xlm-roberta",
    }
)
# Causal models whose scores are their output layer on the last hidden states, and no more.
WRITERS = frozenset(
    {
        "gemma",
        "gpt2",
        "gpt_neox",
        "llama",
        "mistral",
        "olmo2",
        "phi3",
        "qwen2",
        "qwen3",
        "smollm3",
        "stablelm",
    }
)
# Their position table begins after the padding token's number.
_SHIFTED = frozenset({"camembert", "mpnet", "roberta", "xlm-roberta"})
# Word lists that transformers can make a tokenizer.json of.
WORD_LISTS = (("vocab.txt",), ("vocab.json", "merges.txt"))

_Kind = TypeVar("_Kind", bound=msgspec.Struct)


class _Config(msgspec.Struct, frozen=True, kw_only=True):
    """The part of config.json we go by; makers name some things in two ways."""

    model_type: str = ""
    auto_map: Any = None
    quantization_config: Any = None
    is_decoder: bool | None = False
    position_embedding_type: str | None = "absolute"
    hidden_size: int = 0
    dim: int = 0
    n_embd: int = 0
    num_hidden_layers: int = 0
    n_layers: int = 0
    n_layer: int = 0
    intermediate_size: int = 0
    hidden_dim: int = 0
    vocab_size: int = 0
    max_position_embeddings: int = 0
    n_positions: int = 0
    pad_token_id: int | None = None


class _TokenizerConfig(msgspec.Struct, frozen=True, kw_only=True):
    auto_map: Any = None
    model_max_length: float | None = None


class _Pooling(msgspec.Struct, frozen=True, kw_only=True):
    """Of sentence-transformers, in its older and its newer writing."""

    pooling_mode_mean_tokens: bool = False
    pooling_mode: str = ""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What the makers say about a model beside its files."""

    key: str
    title: str
    blurb: str
    source: Source
    licence: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A model that may be used: as a Base, and the weight files it is made of."""

    base: Base
    weight_files: tuple[str, ...]


def inspect(files: ModelFiles, origin: Origin) -> Inspected:
    """The model as a Base. Reads small files and headers only.

    Raises ModelError: "model-custom-code", "model-unsafe", "model-unsuitable", "model-broken".
    """
    key = origin.key
    names = files.sizes().keys()
    if CONFIG not in names:
        raise unsuitable(key, why="It has no config.json, which says what kind of model it is.")
    config = _read(files, CONFIG, _Config, key=key)
    tokens = _TokenizerConfig()
    if TOKENIZER_CONFIG in names:
        tokens = _read(files, TOKENIZER_CONFIG, _TokenizerConfig, key=key)
    _refuse_code(config, tokens, key=key)
    _refuse_unfit(config, key=key)
    if config.model_type in EYES:
        weights = weigh(files, key=key)
        base = _base(origin, config, weights, tokens=tokens, pooling="native")
        return Inspected(base=replace(base, **shape_of(files, key=key)), weight_files=weights.files)
    if TOKENIZER not in names and not any(set(one) <= names for one in WORD_LISTS):
        raise unsuitable(key, why="It has no word list that this app can read (tokenizer.json).")
    weights = weigh(files, key=key)
    base = _base(origin, config, weights, tokens=tokens, pooling=_pooling(files, config, key=key))
    return Inspected(base=base, weight_files=weights.files)


def _read(files: ModelFiles, name: str, kind: type[_Kind], *, key: str) -> _Kind:
    try:
        return msgspec.json.decode(files.read(name), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise broken(key, detail=f"{name}: {error}") from error


def _refuse_code(config: _Config, tokens: _TokenizerConfig, *, key: str) -> None:
    for name, asked in ((CONFIG, config.auto_map), (TOKENIZER_CONFIG, tokens.auto_map)):
        if asked:
            raise custom_code(key, detail=f"{name}: auto_map {asked}"[:300])


def _refuse_unfit(config: _Config, *, key: str) -> None:
    if config.model_type not in ENCODERS | EYES | WRITERS:
        kind = config.model_type or "not named"
        raise unsuitable(
            key, why=f"It is of a kind ({kind}) that learns neither to sort nor to write here."
        )
    if config.is_decoder and config.model_type in ENCODERS:
        raise unsuitable(key, why="It was made to write texts, not to sort them.")
    if config.quantization_config:
        raise unsuitable(
            key,
            why="Its weights are packed and cannot be trained.",
            hint="Choose the unpacked model that it was made from, or a starter model.",
        )


def _pooling(files: ModelFiles, config: _Config, *, key: str) -> Literal["mean", "native"]:
    """Mean only for plain BERT encoders whose makers trained the mean of the token vectors."""
    if config.model_type != "bert" or config.position_embedding_type not in {None, "absolute"}:
        return "native"
    if POOLING not in files.sizes():
        return "native"
    pooling = _read(files, POOLING, _Pooling, key=key)
    return (
        "mean" if pooling.pooling_mode_mean_tokens or pooling.pooling_mode == "mean" else "native"
    )


def _base(
    origin: Origin,
    config: _Config,
    weights: Weights,
    *,
    tokens: _TokenizerConfig,
    pooling: Literal["mean", "native"],
) -> Base:
    terms = licence(origin.licence)
    hidden = config.hidden_size or config.dim or config.n_embd
    return Base(
        key=origin.key,
        title=origin.title,
        blurb=origin.blurb,
        licence=origin.licence,
        licence_note=terms.note,
        may_sell=terms.may_sell,
        languages=origin.languages,
        parameters=weights.parameters,
        embedding_parameters=weights.embedding_parameters,
        layers=config.num_hidden_layers or config.n_layers or config.n_layer,
        hidden=hidden,
        intermediate=config.intermediate_size or config.hidden_dim or 4 * hidden,
        vocabulary=config.vocab_size,
        max_length=_max_length(config, tokens),
        pooling=pooling,
        bytes=weights.bytes,
        source=origin.source,
        prefix=prefix_for(origin.key),
        answers=Answers.text if config.model_type in WRITERS else Answers.labels,
    )


def _max_length(config: _Config, tokens: _TokenizerConfig) -> int:
    positions = config.max_position_embeddings or config.n_positions
    if config.model_type in _SHIFTED:
        positions -= 1 + (1 if config.pad_token_id is None else config.pad_token_id)
    # Makers write 1e30 for "no limit"; the position table is one.
    given = tokens.model_max_length
    return int(given) if given and 0 < given < positions else positions

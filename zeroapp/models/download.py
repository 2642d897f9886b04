"""Base models from the Hub: looked over before a byte of their weights is fetched, kept by commit.

A model that was downloaded once keeps being used, so that runs stay what they were.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from zeroapp.catalogue import ABOUT_100, Base, Source
from zeroapp.credentials import hub_token
from zeroapp.dataset import Reads
from zeroapp.models.eyes import PREPROCESSOR
from zeroapp.models.files import (
    CONFIG,
    INDEX,
    POOLING,
    TOKENIZER,
    TOKENIZER_CONFIG,
    LocalFiles,
)
from zeroapp.models.folder import NOTE, DownloadNote, describe_folder, read_note
from zeroapp.models.hub import Hub, RemoteFile, Repository, endpoint
from zeroapp.models.inspection import WORD_LISTS, Inspected, Origin, inspect
from zeroapp.models.refusals import unsuitable
from zeroapp.models.store import Meter, alone, need_space, put_in_place, room_of, writing
from zeroapp.models.transfer import PAUSES, Transfer, part_of, size_of
from zeroapp.protocol import PhaseEntered
from zeroapp.work import Work

# Besides the weights, and no other file: whatever else a repository holds stays there.
_WANTED = (
    CONFIG,
    TOKENIZER,
    TOKENIZER_CONFIG,
    POOLING,
    PREPROCESSOR,
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "README.md",
    "LICENSE",
    "LICENSE.txt",
    "LICENSE.md",
    "NOTICE",
)
_LANGUAGES = {"multilingual": ABOUT_100}


@dataclass(frozen=True, slots=True)
class _RemoteFiles:
    """A repository as ModelFiles."""

    hub: Hub
    repository: Repository

    def sizes(self) -> Mapping[str, int]:
        return {name: file.size for name, file in self.repository.files.items()}

    def read(self, name: str, *, start: int = 0, count: int | None = None) -> bytes:
        return self.hub.read(self.repository, name, start=start, count=count)


def find_ready(key: str) -> Path | None:
    """The whole, downloaded model, the newest when there are several; None without one."""
    room = room_of(key)
    ready = [path for path in room.glob("*") if read_note(path)] if room.is_dir() else []
    return max(ready, key=lambda path: (path / NOTE).stat().st_mtime, default=None)


def describe_remote(key: str) -> Base:
    """The model as a Base from what the Hub says: small files and headers only, nothing kept."""
    with _connect() as hub:
        repository = hub.look_up(key)
        return _inspect(hub, repository).base


def downloaded(key: str, work: Work, *, pauses: tuple[float, ...] = PAUSES) -> Path:
    """The model's folder, downloaded now if need be.

    Says Progressed in bytes. Raises Stopped; ModelError as `inspect` and Hub.look_up, and
    "download-broken"; ResourceError "disk-full". What was downloaded before stays and is gone on
    from, except after a wrong checksum. pauses: seconds before each new try after a break.
    """
    ready = find_ready(key)
    if ready:
        return ready
    with alone(room_of(key).name, work):
        ready = find_ready(key)
        if ready:
            return ready
        work.say(PhaseEntered(phase="base-model", title=f"Downloading {key}, once"))
        with _connect() as hub:
            return _download(hub, hub.look_up(key), work=work, pauses=pauses)


def _connect() -> Hub:
    return Hub(endpoint(), token=hub_token)


def _inspect(hub: Hub, repository: Repository) -> Inspected:
    return inspect(_RemoteFiles(hub, repository), _origin(repository))


def _origin(repository: Repository) -> Origin:
    owner, _, name = repository.key.partition("/")
    return Origin(
        key=repository.key,
        title=name,
        blurb=f"From the Hub, made by {owner}.",
        source=Source.hub,
        licence=repository.licence,
        languages=tuple(_LANGUAGES.get(one, one) for one in repository.languages),
    )


def _download(hub: Hub, repository: Repository, *, work: Work, pauses: tuple[float, ...]) -> Path:
    inspected = _inspect(hub, repository)
    files = [
        hub.announced(repository, repository.files[name])
        for name in _chosen(repository, inspected.weight_files)
    ]
    folder = room_of(repository.key) / repository.commit
    stage = folder.with_name(f"{repository.commit}.part")
    _drop_others(stage)
    have = sum(_here(stage / file.name) for file in files)
    need = sum(file.size for file in files)
    need_space(need - have, folder=folder)
    transfer = Transfer(hub, repository, meter=Meter(work, total=need, done=have), pauses=pauses)
    for file in files:
        if not (stage / file.name).is_file():
            transfer.bring(file, target=stage / file.name)
    _finish(hub, repository, files, stage=stage)
    with writing(folder):
        put_in_place(stage, folder)
    return folder


def _chosen(repository: Repository, weights: tuple[str, ...]) -> list[str]:
    """The files to fetch, the small ones first."""
    names = repository.files.keys()
    lists = () if TOKENIZER in names else next((o for o in WORD_LISTS if set(o) <= names), ())
    index = () if len(weights) == 1 else (INDEX,)
    return [name for name in (*_WANTED, *lists, *index) if name in names] + list(weights)


def _here(target: Path) -> int:
    return size_of(target) or size_of(part_of(target))


def _drop_others(stage: Path) -> None:
    """A half download of an older commit is of no use any more."""
    if stage.parent.is_dir():
        for other in stage.parent.glob("*.part"):
            if other != stage:
                shutil.rmtree(other, ignore_errors=True)


def _finish(hub: Hub, repository: Repository, files: list[RemoteFile], *, stage: Path) -> None:
    """Look the files over again as they lie here, complete the word list, write the note last."""
    origin = _origin(repository)
    reads = inspect(LocalFiles(stage), origin).base.reads
    with writing(stage):
        if reads is Reads.text and not (stage / TOKENIZER).is_file():
            _make_tokenizer(stage, key=repository.key)
        note = DownloadNote(
            origin=origin,
            endpoint=hub.address,
            commit=repository.commit,
            checksums={file.name: file.checksum for file in files},
        )
        (stage / NOTE).write_bytes(msgspec.json.format(msgspec.json.encode(note)))
    describe_folder(stage, key=repository.key)


def _make_tokenizer(stage: Path, *, key: str) -> None:
    """Older models bring bare word lists; transformers makes a tokenizer.json of them."""
    from transformers import AutoTokenizer  # takes seconds, and few models need it

    try:
        AutoTokenizer.from_pretrained(stage, local_files_only=True).save_pretrained(stage)
    except (ValueError, ImportError, KeyError) as error:
        raise unsuitable(
            key, why="It has no word list that this app can read (tokenizer.json)."
        ) from error

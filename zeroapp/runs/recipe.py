"""What a recipe folder and its result hold: names, values, checksums. No torch, nothing is run.

A recipe is all that other computers need to train one plan. The rows kept for the last judgement
are not in it; the home project keeps the plan as it was given away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from zeroapp.checksum import sha256_of
from zeroapp.dataset import Example
from zeroapp.errors import DataError
from zeroapp.plan import TrainPlan
from zeroapp.run_folder import RunFolder

_T = TypeVar("_T")


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """recipe.json. id: the home project knows the recipe by it. files: sha256 by name."""

    id: str
    task: str
    data_version: str
    nodes: int
    ranks_per_node: int
    made_by: str
    files: dict[str, str]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What stays at home of a recipe: the plan in the project's own words, and who shares it."""

    id: str
    plan: TrainPlan
    plan_sha256: str
    parameters: int
    nodes: int
    ranks_per_node: int


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """result.json: which recipe was trained, and the sha256 of every file by name.

    tuned: false when fine-tuning was not asked for or went astray; then only the probe is there.
    """

    recipe: str
    plan_sha256: str
    data_version: str
    tuned: bool
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class RecipeFolder:
    """The names in a recipe's folder. result: what comes back, whole once it exists."""

    path: Path

    @property
    def about(self) -> Path:
        """recipe.json."""
        return self.path / "recipe.json"

    @property
    def plan_file(self) -> Path:
        """plan.json."""
        return self.path / "plan.json"

    @property
    def base(self) -> Path:
        """The base model's files."""
        return self.path / "base"

    @property
    def run(self) -> RunFolder:
        """What training writes on this machine."""
        return RunFolder(self.path / "run")

    @property
    def result(self) -> Path:
        """What is brought home."""
        return self.path / "result"

    def rows(self, part: str) -> Path:
        """The rows of a part, one JSON object a line."""
        return self.path / "data" / f"{part}.jsonl"

    def picture(self, name: str) -> Path:
        """A picture of a row."""
        return self.path / "data" / "pictures" / Path(name).name

    def read(self) -> tuple[Recipe, TrainPlan]:
        """The recipe and its plan, every file compared with its checksum.

        Raises DataError("recipe-damaged").
        """
        recipe = read_json(self.about, kind=Recipe)
        check_sums(self.path, recipe.files)
        return recipe, read_json(self.plan_file, kind=TrainPlan)

    def examples(self, part: str) -> list[Example]:
        """The rows of a part; of a picture, where it lies here."""
        lines = self.rows(part).read_bytes().splitlines()
        rows = [msgspec.json.decode(line, type=Example) for line in lines]
        return [replace(r, text=str(self.picture(r.text))) if r.name else r for r in rows]


def kept_file(project: Path, recipe: str) -> Path:
    """Where a project keeps what it knows of a recipe."""
    return project / "recipes" / f"{recipe}.json"


def sums(folder: Path) -> dict[str, str]:
    """The sha256 of every file below a folder, by its path with forward slashes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


def check_sums(folder: Path, wanted: Mapping[str, str]) -> None:
    """Raise DataError("recipe-damaged") unless every file is there, is a file, and is the same."""
    for name, digest in wanted.items():
        path = folder / name
        inside = not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts
        if not inside or "\\" in name or path.is_symlink() or not path.is_file():
            raise damaged(folder, detail=f"{name} is missing or no plain file")
        if sha256_of(path) != digest:
            raise damaged(folder, detail=f"{name} was changed")


def read_json(path: Path, *, kind: type[_T]) -> _T:
    """A value from its file; raises DataError("recipe-damaged")."""
    try:
        if path.is_symlink():
            raise damaged(path.parent, detail=f"{path.name} is a link")
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise damaged(path.parent, detail=str(error)) from error


def damaged(folder: Path, *, detail: str) -> DataError:
    """The error for a folder that is not what it was when it was made."""
    return DataError(
        "recipe-damaged",
        title=f"The folder “{folder}” is not whole: {detail}. Nothing was changed.",
        hint="Copy it again from where it was made, as a whole.",
        detail=detail,
    )

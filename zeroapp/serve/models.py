"""Finds the model a person means by a path: an export, a project, one of its runs. No torch."""

from dataclasses import dataclass
from pathlib import Path

from zeroapp.dataset import Roles
from zeroapp.errors import UsageError
from zeroapp.export import manifest, source
from zeroapp.project import DATABASE, Project
from zeroapp.runs.history import latest_finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A folder that `open_answerer` opens, and the columns its training data had."""

    folder: Path
    roles: Roles


def find_model(path: Path) -> Found:
    """The model at `path`; a project stands for its newest finished run.

    Raises UsageError("no-model") when there is none, ModelError("export-damaged").
    """
    if (path / manifest.FILE).is_file():
        return Found(folder=path, roles=manifest.read(path).roles)
    if (path / DATABASE).is_file():
        return _of_project(path)
    model = path if (path / source.FILE).is_file() else path / "model"
    if not (model / source.FILE).is_file():
        raise _no_model(path)
    # <project>/runs/<id>/model
    return Found(folder=model, roles=_roles(model.resolve().parent.parent.parent))


def _of_project(path: Path) -> Found:
    with Project.open(path) as project:
        run = latest_finished(project)
        if run is None:
            raise _no_model(path)
        return Found(folder=run.model, roles=project.roles())


def _roles(project: Path) -> Roles:
    if not (project / DATABASE).is_file():
        return {}
    with Project.open(project) as opened:
        return opened.roles()


def _no_model(path: Path) -> UsageError:
    return UsageError(
        "no-model",
        title=f"There is no finished model in “{path}”.",
        hint="Name a project that has finished training, one of its runs, or an export folder.",
    )

"""What a person has set for the whole app, as one value, and its file. No secrets in here."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from zeroapp.errors import ResourceError
from zeroapp.paths import settings_dir
from zeroapp.writing import write_whole

RECENT_LIMIT = 12
HUB = "https://huggingface.co"
FILE = "settings.json"


class Theme(StrEnum):
    """How the window looks; `system` follows the computer."""

    system = "system"
    light = "light"
    dark = "dark"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything with its default.

    text_scale: 1.0 is the normal size. projects_dir: where new projects go, "" for the usual place.
    hub_endpoint: where models are downloaded from. recent: project folders, the newest first.
    window: where the window was and how large, in Qt's own words. tell_of_updates: may ask the
    makers whether a newer version is out.
    """

    theme: Theme = Theme.system
    text_scale: Annotated[float, Meta(ge=0.8, le=2.0)] = 1.0
    projects_dir: str = ""
    hub_endpoint: str = HUB
    recent: tuple[str, ...] = ()
    window: str = ""
    tell_of_updates: bool = False


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """Settings as found. notice: a sentence for the user when a damaged file was set aside."""

    settings: Settings
    notice: str = ""


def load() -> Loaded:
    """The settings; defaults where there are none. Never raises on what is in the file.

    A damaged file is renamed to settings.json.broken, so that nothing typed into it is lost.
    """
    path = settings_dir() / FILE
    try:
        return Loaded(settings=msgspec.json.decode(path.read_bytes(), type=Settings))
    except FileNotFoundError:
        return Loaded(settings=Settings())
    except OSError:
        return Loaded(
            settings=Settings(),
            notice=f"Your settings could not be read, so the usual ones are in use: {path}",
        )
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Loaded(settings=Settings(), notice=_set_aside(path))


def _set_aside(path: Path) -> str:
    aside = path.with_name(path.name + ".broken")
    try:
        path.replace(aside)
    except OSError:
        return f"Your settings are damaged, so the usual ones are in use: {path}"
    return (
        f"Your settings were damaged, so the usual ones are in use. The old file is kept: {aside}"
    )


def save(settings: Settings) -> None:
    """Write the settings; keys that a newer version left in the file stay.

    Written beside and renamed. Raises ResourceError "settings-not-saved".
    """
    path = settings_dir() / FILE
    merged = _unknown_keys(path) | msgspec.to_builtins(settings)
    with noting(path, title="Your settings could not be saved. Your projects are safe."):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.format(msgspec.json.encode(merged)) + b"\n")


@contextmanager
def noting(path: Path, *, title: str) -> Iterator[None]:
    """Inside, trouble with a file of settings becomes ResourceError "settings-not-saved"."""
    try:
        yield
    except OSError as error:
        raise ResourceError(
            "settings-not-saved",
            title=title,
            hint=f"Check that there is space and that you may write to {path.parent}.",
            detail=str(error),
        ) from error


def _unknown_keys(path: Path) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}
    return {key: value for key, value in found.items() if key not in Settings.__struct_fields__}


def with_recent(settings: Settings, folder: Path) -> Settings:
    """The settings with `folder` as the newest project; the oldest beyond twelve drops out."""
    newest = str(folder.resolve())
    others = tuple(one for one in settings.recent if one != newest)
    return msgspec.structs.replace(settings, recent=(newest, *others)[:RECENT_LIMIT])


def without_recent(settings: Settings, folder: Path) -> Settings:
    """The settings without `folder` among the recent projects."""
    gone = str(folder.resolve())
    return msgspec.structs.replace(
        settings, recent=tuple(one for one in settings.recent if one != gone)
    )

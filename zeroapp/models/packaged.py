"""Files that installed packages bring, found without importing those packages."""

from importlib.util import find_spec
from pathlib import Path

from zeroapp.catalogue import Part, Starter
from zeroapp.checksum import sha256_of
from zeroapp.errors import ModelError


def locate(part: Part) -> Path:
    """The file of `part`; raises ModelError "model-missing" when its package is not installed."""
    spec = find_spec(part.module)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / part.path
        if path.is_file():
            return path
    raise ModelError(
        "model-missing",
        title="A model that belongs to this app is not installed. Your data is safe.",
        hint="Install the app again, then try once more.",
        detail=f"{part.module}: {part.path}",
    )


def verify(part: Part) -> Path:
    """The file of `part` after its bytes were compared with the checksum; "model-broken" if not."""
    path = locate(part)
    digest = sha256_of(path)
    if digest != part.sha256:
        raise ModelError(
            "model-broken",
            title="A model that belongs to this app is damaged. Your data is safe.",
            hint="Install the app again, then try once more.",
            detail=f"{path}: sha256 is {digest}, should be {part.sha256}",
        )
    return path


def in_place(starter: Starter) -> Path:
    """The folder of a starter that is used where it lies. It belongs to the package: read only."""
    weights, *_ = [verify(part) for part in starter.parts]
    return weights.parent

"""The pins and the plan: what must not drift without being noticed."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from zeroapp.plan import TrainPlan

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
PIN = re.compile(r"^([A-Za-z0-9_.\-]+)==([A-Za-z0-9_.\-]+)$")


def spelled(name: str) -> str:
    """A package's name the way indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(name: str) -> dict[str, str]:
    """Package, spelled the usual way -> version; a line that is no exact pin fails."""
    lines = (REQUIREMENTS / name).read_text("utf-8").splitlines()
    found = {}
    for line in lines:
        if line and not line.startswith("#"):
            match = PIN.match(line)
            assert match, f"{name}: {line} is not an exact version"
            found[spelled(match[1])] = match[2]
    return found


@pytest.mark.parametrize("name", ["runtime.txt", "test.txt", "models.txt", "constraints.txt"])
def test_every_requirement_is_an_exact_version(name):
    assert pins(name)


@pytest.mark.parametrize("name", ["runtime.txt", "test.txt"])
def test_constraints_agree_with_what_is_asked_for(name):
    constraints = pins("constraints.txt")
    assert {key: constraints.get(key) for key in pins(name)} == pins(name)


OPTIONAL = {"deepspeed"}
"""Imported only where a developer has installed it, and never asked for (decision 036)."""


def imported_packages() -> set[str]:
    """The packages that the code imports by itself, at the top or inside a function."""
    tops = set()
    for path in [p for top in ("zeroapp", "ui") for p in (ROOT / top).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                tops |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                tops.add(node.module.split(".")[0])
    foreign = tops - set(sys.stdlib_module_names) - {"zeroapp", "ui"}
    known = packages_distributions()
    # A namespace such as arro3 is shared by several packages, all of which are meant.
    return {spelled(package) for top in foreign - OPTIONAL for package in known[top]}


def test_what_is_imported_is_asked_for_and_nothing_else():
    # A package that only comes along with another one is gone when that one changes its mind.
    assert imported_packages() == set(pins("runtime.txt"))


def test_what_ruins_an_environment_is_nowhere():
    # torchvision and timm replace torch by a CUDA build, torchao patches transformers.
    unwanted = {"torchvision", "timm", "torchao", "pyside6", "pyside6-addons"}
    assert unwanted & {*pins("constraints.txt"), *pins("models.txt")} == set()


def test_torch_is_pinned_in_one_voice():
    script = (ROOT / "bootstrap.py").read_text("utf-8")
    assert f'TORCH = "torch=={pins("runtime.txt")["torch"]}"' in script


def test_the_command_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"zeroapp": "zeroapp.cli:main"}


def test_a_plan_stays_readable():
    # One screen: a plan that outgrows it wants to be split into parts that own their fields.
    assert len(TrainPlan.__struct_fields__) <= 36

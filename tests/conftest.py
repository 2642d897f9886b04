"""What every test gets: its own settings and cache folder, no network, no screen, one thread."""

import os
import socket
from pathlib import Path

import pytest

# Set before any library reads them; the worker processes of a test inherit them.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTEST_QT_API", "pyside6")

_LOOPBACK = ("127.", "::1", "localhost")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--screenshots",
        metavar="DIR",
        default=None,
        help="write a picture of every page, light and dark, into DIR",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--screenshots"):
        return
    skip = pytest.mark.skip(reason="writes pictures; give --screenshots DIR")
    for item in items:
        if "screenshots" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def zeroapp_home(tmp_path_factory, monkeypatch) -> Path:
    """Settings, cache, logs and new projects of this test, away from the person's own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ZEROAPP_HOME", str(home))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return home


@pytest.fixture(autouse=True)
def no_network(monkeypatch) -> None:
    """A connection to anything but this computer fails the test."""
    connect = socket.socket.connect

    def guarded(self, address, *rest):
        if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
            pytest.fail(f"a test tried to reach {address[0]}")
        return connect(self, address, *rest)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def screenshots(request) -> Path:
    """The folder given with --screenshots, made if it is not there."""
    folder = Path(request.config.getoption("--screenshots")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder

"""Where the ranks' connections are opened: on the interface that is meant, and nowhere else."""

import os

import psutil
import pytest

from zeroapp.engine.gang import _listening_on

NAME = "GLOO_SOCKET_IFNAME"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="gloo looks interfaces up on POSIX")


@pytest.fixture(autouse=True)
def unset(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)


def test_gloo_is_told_the_interface_with_that_address():
    with _listening_on("127.0.0.1"):
        addresses = psutil.net_if_addrs()[os.environ[NAME]]
        assert "127.0.0.1" in {one.address for one in addresses}
    assert NAME not in os.environ


def test_an_address_of_no_interface_changes_nothing():
    with _listening_on("192.0.2.1"):
        assert NAME not in os.environ


def test_what_the_user_has_said_stands(monkeypatch):
    monkeypatch.setenv(NAME, "mine0")
    with _listening_on("127.0.0.1"):
        assert os.environ[NAME] == "mine0"
    assert os.environ[NAME] == "mine0"

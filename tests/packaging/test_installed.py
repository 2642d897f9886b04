"""The drive through an installed app, with a stand-in for the app: what is asked, in order."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

import installed_test  # noqa: E402 - a script's folder, not a package

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")

APP = """#!/bin/sh
echo "$1 $2" >> "{log}"
case "$1 $2" in
    "engine --json") echo '{{"whole": {whole}}}';;
    "engine make") echo '{{"whole": true}}';;
    "demo --out") echo '{{"ok": true, "accuracy": 0.9, "export_agreement": {agreement}}}';;
    "train "*) echo '{{"n": 1}}';;
    "--window "*) exec sleep 30;;
esac
"""


@pytest.fixture
def drive(tmp_path, monkeypatch, capsys):
    """Drive an app that came with an engine or without; what it was asked, and the figures."""
    monkeypatch.setattr(installed_test, "WINDOW_SECONDS", 0.5)
    app, log = tmp_path / "app", tmp_path / "asked"

    def driven(*, whole: str, agreement: float = 1.0):
        app.write_text(APP.format(log=log, whole=whole, agreement=agreement))
        app.chmod(0o755)
        installed_test.main(str(app), str(app))
        asked = [line.split()[0] for line in log.read_text().splitlines()]
        return asked, json.loads(capsys.readouterr().out)

    return driven


def test_an_app_with_everything_inside_goes_through_the_sample_at_once(drive):
    asked, figures = drive(whole="true")
    assert asked[:2] == ["engine", "demo"]
    assert asked[-1] == "--window"
    assert "engine_s" not in figures


def test_the_small_app_fetches_its_engine_first(drive):
    asked, figures = drive(whole="false")
    assert asked[:3] == ["engine", "engine", "demo"]
    assert "engine_s" in figures


def test_an_export_that_answers_otherwise_ends_the_drive(drive):
    with pytest.raises(AssertionError):
        drive(whole="true", agreement=0.5)

"""Settings survive damage, newer versions and full disks."""

import json
from pathlib import Path

import msgspec
import pytest

from zeroapp import settings
from zeroapp.errors import ResourceError
from zeroapp.paths import settings_dir
from zeroapp.settings import RECENT_LIMIT, Settings, Theme


@pytest.fixture
def file() -> Path:
    settings_dir().mkdir(parents=True)
    return settings_dir() / "settings.json"


def test_a_first_start_has_defaults_and_no_notice():
    loaded = settings.load()
    assert loaded.settings == Settings()
    assert not loaded.notice
    assert not settings_dir().exists()  # looking changes nothing


def test_what_is_saved_is_loaded_again():
    wanted = Settings(theme=Theme.dark, text_scale=1.5, projects_dir="/a/ü", recent=("/x",))
    settings.save(wanted)
    assert settings.load().settings == wanted
    assert [path.name for path in settings_dir().iterdir()] == ["settings.json"]


def test_keys_of_a_newer_version_stay_in_the_file(file):
    file.write_text(json.dumps({"theme": "light", "hologram": {"depth": 3}}))
    loaded = settings.load().settings
    assert loaded.theme is Theme.light
    settings.save(msgspec.structs.replace(loaded, theme=Theme.dark))
    assert json.loads(file.read_text())["hologram"] == {"depth": 3}
    assert json.loads(file.read_text())["theme"] == "dark"


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff\xfe", b"[]", b'{"theme": "neon"}', b'{"text_scale": 40}', b'{"recent": 1}'],
    ids=["empty", "cut", "not utf-8", "a list", "no such theme", "too large", "wrong type"],
)
def test_a_damaged_file_is_set_aside_and_named(file, text):
    file.write_bytes(text)
    loaded = settings.load()
    assert loaded.settings == Settings()
    aside = file.with_name("settings.json.broken")
    assert str(aside) in loaded.notice
    assert aside.read_bytes() == text
    assert not settings.load().notice  # said once


def test_a_save_that_fails_keeps_the_old_file_and_leaves_nothing_behind(file, monkeypatch):
    settings.save(Settings(theme=Theme.light))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ResourceError) as caught:
        settings.save(Settings(theme=Theme.dark))
    assert caught.value.code == "settings-not-saved"
    assert settings.load().settings.theme is Theme.light
    assert [path.name for path in settings_dir().iterdir()] == ["settings.json"]


def test_recent_projects_are_newest_first_without_doubles_and_bounded(tmp_path):
    current = Settings()
    for number in range(RECENT_LIMIT + 3):
        current = settings.with_recent(current, tmp_path / str(number))
    current = settings.with_recent(current, tmp_path / "10")
    assert current.recent[:2] == (str(tmp_path / "10"), str(tmp_path / str(RECENT_LIMIT + 2)))
    assert len(current.recent) == len(set(current.recent)) == RECENT_LIMIT
    assert str(tmp_path / "10") not in settings.without_recent(current, tmp_path / "10").recent

"""What the user set is there the next time; a damaged file is told, never fatal."""

from ui.viewmodels.preferences import Preferences
from zeroapp import paths, settings


def test_everything_is_saved_at_once(tmp_path):
    preferences = Preferences()
    preferences.set_theme("dark")
    preferences.set_text_percent(150)
    preferences.set_window("AAAA")
    preferences.remember(tmp_path)
    again = Preferences()
    assert again.value == preferences.value
    assert again.value.theme is settings.Theme.dark
    assert again.text_percent == 150
    assert again.value.recent == (str(tmp_path),)


def test_forgetting_a_project_leaves_the_others(tmp_path):
    preferences = Preferences()
    for name in ("a", "b"):
        preferences.remember(tmp_path / name)
    preferences.forget(tmp_path / "b")
    assert preferences.value.recent == (str(tmp_path / "a"),)


def test_a_damaged_file_is_told():
    paths.settings_dir().mkdir(parents=True)
    (paths.settings_dir() / settings.FILE).write_text("{ broken")
    assert "damaged" in Preferences().notice


def test_settings_that_cannot_be_saved_are_told(monkeypatch):
    preferences = Preferences()
    paths.settings_dir().parent.mkdir(parents=True, exist_ok=True)
    paths.settings_dir().write_text("a file where the folder should be")
    preferences.set_theme("dark")
    assert "could not be saved" in preferences.notice
    assert preferences.value.theme is settings.Theme.dark  # at least until the window closes


def test_projects_go_to_the_usual_place_unless_another_is_chosen(tmp_path):
    preferences = Preferences()
    assert preferences.projects_dir == paths.projects_dir()
    settings.save(settings.Settings(projects_dir=str(tmp_path)))
    assert Preferences().projects_dir == tmp_path

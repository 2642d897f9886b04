"""Where settings, cache, logs and projects live. The only file that imports platformdirs."""

import os
from pathlib import Path

import platformdirs

_APP = "zeroapp"


def _home() -> Path | None:
    """ZEROAPP_HOME puts everything below one folder (tests, portable use)."""
    home = os.environ.get("ZEROAPP_HOME")
    return Path(home) if home else None


def settings_dir() -> Path:
    """Where settings.json and the hardware profile live."""
    home = _home()
    return home / "settings" if home else Path(platformdirs.user_config_dir(_APP, appauthor=False))


def cache_dir() -> Path:
    """Where downloaded and converted base models live; may be deleted at any time."""
    home = _home()
    return home / "cache" if home else Path(platformdirs.user_cache_dir(_APP, appauthor=False))


def data_dir() -> Path:
    """Where engines lie that were made for this computer."""
    home = _home()
    return home / "data" if home else Path(platformdirs.user_data_dir(_APP, appauthor=False))


def log_dir() -> Path:
    """Where the window's own log lives."""
    home = _home()
    return home / "logs" if home else Path(platformdirs.user_log_dir(_APP, appauthor=False))


def projects_dir() -> Path:
    """Where new projects are made unless the user chooses another place."""
    home = _home()
    if home:
        return home / "projects"
    return Path(platformdirs.user_documents_dir()) / _APP


def resources_dir() -> Path:
    """Icons, fonts, texts and the model catalogue that ship with the app."""
    return Path(__file__).resolve().parent.parent / "resources"

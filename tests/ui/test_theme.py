"""Colours that can be read, a style sheet without gaps, icons that are there."""

import re
from dataclasses import fields

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QPushButton

from ui import theme
from zeroapp import paths

# WCAG 2.2: 4.5:1 for text, 3:1 for outlines of controls, icons and the focus ring.
TEXT, SHAPE = 4.5, 3.0
SURFACES = ("bg", "surface", "raised", "rail")
READ = [
    *((ink, ground, TEXT) for ink in ("text", "muted") for ground in SURFACES),
    *((f"{kind}_text", ground, TEXT) for kind in ("ok", "warn", "bad") for ground in SURFACES),
    *((f"{kind}_text", f"{kind}_soft", TEXT) for kind in ("ok", "warn", "bad", "primary")),
    *((ink, f"{kind}_soft", TEXT) for ink in ("text", "muted") for kind in ("primary", "bad")),
    *((ink, f"{kind}_soft", TEXT) for ink in ("text", "muted") for kind in ("ok", "warn")),
    *(("on_primary", ground, TEXT) for ground in ("primary", "primary_hover", "primary_press")),
    *(("primary_text", ground, TEXT) for ground in SURFACES),
    *(("strong", ground, SHAPE) for ground in ("surface", "bg", "raised")),
    *(("ring", ground, SHAPE) for ground in (*SURFACES, "primary")),
    *(("primary", ground, SHAPE) for ground in ("surface", "bg")),
]


def luminance(hex_color: str) -> float:
    """Relative luminance, WCAG 2.2."""
    color = QColor(hex_color)
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), READ)
def test_contrast_is_enough(colours, ink, ground, least):
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= least


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_the_style_sheet_has_no_gaps_and_names_files_that_exist(colours):
    sheet = theme.style_sheet(colours)
    assert "$" not in sheet
    files = re.findall(r"url\(([^)]+)\)", sheet)
    assert files
    assert all((paths.resources_dir() / "style" / file.split("/")[-1]).exists() for file in files)


def test_every_colour_is_a_colour():
    for look in (theme.LIGHT, theme.DARK):
        assert all(QColor(getattr(look, field.name)).isValid() for field in fields(theme.Tokens))


def test_every_icon_the_code_names_is_there():
    named = set()
    for path in (paths.resources_dir().parent / "ui").rglob("*.py"):
        source = path.read_text("utf-8")
        named |= set(re.findall(r'(?:IconMark\(|icon=|set_icon\([\w.]+, )"([a-z0-9-]+)"', source))
    assert len(named) > 10
    there = {path.stem for path in (paths.resources_dir() / "icons").glob("*.svg")}
    assert named - there == set()


def test_the_window_uses_the_font_it_ships(look, qapp):
    assert QFontInfo(qapp.font()).family() == "Inter"


def test_modes_change_the_colours_and_tell(look, qtbot):
    with qtbot.waitSignal(look.changed):
        look.set_mode(theme.Mode.dark)
    assert theme.tokens() is theme.DARK
    look.set_mode(theme.Mode.light)
    assert theme.tokens() is theme.LIGHT


def test_system_mode_follows_the_desktop(look, qapp, monkeypatch):
    look.set_mode(theme.Mode.system)
    for scheme, expected in (
        (Qt.ColorScheme.Dark, theme.DARK),
        (Qt.ColorScheme.Light, theme.LIGHT),
    ):
        hints = qapp.styleHints()
        monkeypatch.setattr(type(hints), "colorScheme", lambda _self, scheme=scheme: scheme)
        hints.colorSchemeChanged.emit(scheme)
        assert theme.tokens() is expected


def test_text_size_reaches_painted_text_too(look):
    look.set_scale(200)
    assert theme.px(14) == 28
    assert theme.font(12).pixelSize() == 24
    look.set_scale(900)  # beyond what the app offers
    assert look.scale == 200


def test_icons_are_tinted_again(look, qtbot):
    made = QPushButton("Go")
    qtbot.addWidget(made)
    theme.set_icon(made, "check")

    def ink() -> set[str]:
        image = made.icon().pixmap(made.iconSize(), 2.0).toImage()
        sides = range(image.width()), range(image.height())
        pixels = (image.pixelColor(x, y) for x in sides[0] for y in sides[1])
        return {pixel.name().upper() for pixel in pixels if pixel.alpha() == 255}

    assert theme.LIGHT.text in ink()
    look.set_mode(theme.Mode.dark)
    assert theme.DARK.text in ink()

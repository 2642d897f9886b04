"""Colours, fonts, icons and the style sheet: every look of the window is decided here.

Painted widgets ask `tokens()` and `px()` at paint time, so a change of theme needs no wiring.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import lru_cache
from string import Template

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QStyleFactory

from zeroapp import paths

FONT = "Inter"
BODY = 14
SCALES = (100, 115, 130, 150, 175, 200)


class Mode(StrEnum):
    """What the user chose; `system` follows the desktop."""

    system = "system"
    light = "light"
    dark = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Named colours. `<x>_text` is readable on `<x>_soft` and on every surface (AA, 4.5:1).

    border parts things quietly; strong outlines what can be used (3:1 on surface).
    """

    bg: str
    rail: str
    surface: str
    raised: str
    border: str
    strong: str
    text: str
    muted: str
    primary: str
    primary_hover: str
    primary_press: str
    on_primary: str
    primary_soft: str
    primary_text: str
    ok: str
    ok_soft: str
    ok_text: str
    warn: str
    warn_soft: str
    warn_text: str
    bad: str
    bad_soft: str
    bad_text: str
    ring: str
    disabled: str
    shadow: str


LIGHT = Tokens(
    bg="#F6F6FA",
    rail="#FFFFFF",
    surface="#FFFFFF",
    raised="#FBFBFE",
    border="#E4E4EE",
    strong="#8C8CA3",
    text="#16161F",
    muted="#5F5F76",
    primary="#5753C6",
    primary_hover="#4C48B4",
    primary_press="#413D9E",
    on_primary="#FFFFFF",
    primary_soft="#EEEDFB",
    primary_text="#4C48B4",
    ok="#2B9A66",
    ok_soft="#E6F6EC",
    ok_text="#18794E",
    warn="#D98A0B",
    warn_soft="#FFF4DC",
    warn_text="#8A5300",
    bad="#D1393F",
    bad_soft="#FDECEC",
    bad_text="#B4232A",
    ring="#0F0C30",
    disabled="#A3A3B5",
    shadow="#14121F",
)

DARK = Tokens(
    bg="#121217",
    rail="#17171D",
    surface="#1B1B22",
    raised="#202028",
    border="#2C2C38",
    strong="#73738C",
    text="#EEEEF5",
    muted="#A9A9BE",
    primary="#5F5BCB",
    primary_hover="#6B67D6",
    primary_press="#534FBC",
    on_primary="#FFFFFF",
    primary_soft="#27264A",
    primary_text="#A5A2FF",
    ok="#3BB27B",
    ok_soft="#15302A",
    ok_text="#4CC38A",
    warn="#E5A93B",
    warn_soft="#33270F",
    warn_text="#F0BC5E",
    bad="#E5575C",
    bad_soft="#3A181B",
    bad_text="#FF9592",
    ring="#C9C7FF",
    disabled="#6B6B80",
    shadow="#000000",
)


def tokens() -> Tokens:
    """The colours of the theme in use."""
    window = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    return DARK if window.lightness() < 128 else LIGHT  # noqa: PLR2004 - half of 255


def color(name: str) -> QColor:
    """The token `name` as a colour of the theme in use."""
    return QColor(getattr(tokens(), name))


def px(size: float) -> int:
    """`size` in pixels at 100 % text, scaled to the text size in use."""
    return round(size * QGuiApplication.font().pixelSize() / BODY)


def font(size: float = BODY, *, weight: int = 400) -> QFont:
    """The window's font for painted text, scaled."""
    made = QFont(QGuiApplication.font())
    made.setPixelSize(px(size))
    made.setWeight(QFont.Weight(weight))
    return made


def load_fonts() -> None:
    """Register the shipped fonts with Qt; call once after the QApplication exists."""
    for file in sorted((paths.resources_dir() / "fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(file))


@lru_cache(maxsize=512)
def _svg(name: str, hex_color: str) -> bytes:
    source = (paths.resources_dir() / "icons" / f"{name}.svg").read_text("utf-8")
    return source.replace("currentColor", hex_color).encode()


def draw_icon(painter: QPainter, name: str, *, rect: QRectF, hex_color: str) -> None:
    """Draw the lucide icon `name` into `rect` in one colour, crisp at any scale."""
    QSvgRenderer(QByteArray(_svg(name, hex_color))).render(painter, rect)


def pixmap(name: str, *, size: int, hex_color: str, gap: int = 0) -> QPixmap:
    """The icon `name`, `size` logical pixels high, with `gap` empty ones at its right; sharp."""
    ratio = max(2.0, QGuiApplication.primaryScreen().devicePixelRatio())
    made = QPixmap(QSize(size + gap, size) * ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    box = QRectF(0, 0, size * ratio, size * ratio)
    draw_icon(painter, name, rect=box, hex_color=hex_color)
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def set_icon(button: QAbstractButton, name: str, *, token: str = "text", size: int = 18) -> None:
    """Give `button` an icon that is tinted again whenever the theme changes."""
    button.setProperty("iconName", name)
    button.setProperty("iconToken", token)
    button.setProperty("iconSide", size)
    _tint(button)


def _tint(button: QAbstractButton) -> None:
    name = button.property("iconName")
    if not isinstance(name, str):
        return
    side = px(int(button.property("iconSide")))
    # Styles put four pixels between icon and text; empty ones at the icon's right make it ten.
    gap = 6 if button.text() else 0
    ink = getattr(tokens(), button.property("iconToken"))
    made = QIcon(pixmap(name, size=side, hex_color=ink, gap=gap))
    faded = pixmap(name, size=side, hex_color=tokens().disabled, gap=gap)
    made.addPixmap(faded, QIcon.Mode.Disabled)
    button.setIcon(made)
    button.setIconSize(QSize(side + gap, side))


class Theme(QObject):
    """Applies tokens, fonts and text size to the whole application and follows the system."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._mode = Mode.system
        self._scale = 100
        app.setStyle(QStyleFactory.create("Fusion"))
        app.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def mode(self) -> Mode:
        """What the user chose."""
        return self._mode

    @property
    def scale(self) -> int:
        """Text size in per cent."""
        return self._scale

    @property
    def dark(self) -> bool:
        """Whether the dark colours are in use."""
        return tokens() is DARK

    def set_mode(self, mode: Mode) -> None:
        """Use light, dark or the system's colours from now on."""
        self._mode = mode
        hints = self._app.styleHints()
        if mode is Mode.system:
            hints.unsetColorScheme()
        else:
            scheme = Qt.ColorScheme.Dark if mode is Mode.dark else Qt.ColorScheme.Light
            hints.setColorScheme(scheme)
        self.apply()

    def set_scale(self, percent: int) -> None:
        """Set the text size, 100 to 200 per cent."""
        self._scale = min(max(percent, SCALES[0]), SCALES[-1])
        self.apply()

    def apply(self) -> None:
        """Put palette, font, style sheet and icons in place."""
        chosen = self._chosen()
        self._app.setPalette(palette(chosen))
        made = QFont(FONT)
        made.setPixelSize(round(BODY * self._scale / 100))
        made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        self._app.setFont(made)
        self._app.setStyleSheet(style_sheet(chosen, scale=self._scale))
        for widget in self._app.allWidgets():
            if isinstance(widget, QAbstractButton):
                _tint(widget)
        self.changed.emit()

    def _chosen(self) -> Tokens:
        if self._mode is Mode.system:
            dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
            return DARK if dark else LIGHT
        return DARK if self._mode is Mode.dark else LIGHT

    def _system_changed(self) -> None:
        if self._mode is Mode.system:
            self.apply()


def palette(of: Tokens) -> QPalette:
    """The Qt palette of `of`, for what the style sheet does not reach."""
    role = QPalette.ColorRole
    made = QPalette()
    for which, name in (
        (role.Window, "bg"),
        (role.Base, "surface"),
        (role.AlternateBase, "raised"),
        (role.Button, "surface"),
        (role.WindowText, "text"),
        (role.Text, "text"),
        (role.ButtonText, "text"),
        (role.ToolTipBase, "surface"),
        (role.ToolTipText, "text"),
        (role.PlaceholderText, "muted"),
        (role.Highlight, "primary"),
        (role.HighlightedText, "on_primary"),
        (role.Link, "primary_text"),
        (role.Accent, "primary"),
    ):
        made.setColor(which, QColor(getattr(of, name)))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(of.disabled))
    return made


def style_sheet(of: Tokens, *, scale: int = 100) -> str:
    """The style sheet in resources/style, filled with the colours of `of` and text sizes."""
    folder = paths.resources_dir() / "style"
    values = {field.name: getattr(of, field.name) for field in fields(Tokens)}
    values |= {
        f"px{size}": f"{round(size * scale / 100)}px" for size in (11, 12, 13, 14, 16, 20, 28)
    }
    values |= {"style": folder.as_posix(), "variant": "dark" if of is DARK else "light"}
    return Template((folder / "window.qss").read_text("utf-8")).substitute(values)

"""The frame: side rail, headline, the page of the step, Back and Continue. Decides nothing."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QScrollArea,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from ui.binding import bind_all, changed
from ui.screens import Screens
from ui.theme import SCALES, Mode, Theme
from ui.viewmodels.computer import ComputerModel
from ui.viewmodels.preferences import Preferences
from ui.viewmodels.session import Session
from ui.viewmodels.start import StartModel
from ui.viewmodels.step_model import StepModel
from ui.widgets.error_card import ErrorCard
from ui.widgets.leave_dialog import Leave, LeaveDialog
from ui.widgets.parts import button, label
from ui.widgets.side import STEPS, Side
from zeroapp import wizard
from zeroapp.errors import Failure
from zeroapp.wizard import Step

COLUMN = 1040
_MENDS = {"no-engine": "Get the engine…"}
"""What this window can do about a failure at once."""
_TYPING = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox)


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """What the window shows besides the steps."""

    session: Session
    preferences: Preferences
    start: StartModel
    computer: ComputerModel


def ask_leave(parent: QWidget) -> Leave:
    """What the user wants to become of a training that runs."""
    dialog = LeaveDialog(parent)
    dialog.exec()
    return dialog.answer


class MainWindow(QMainWindow):
    """Shows the start page or the page of the session's step. seen(): it was painted, once."""

    seen = Signal()

    def __init__(
        self,
        models: Models,
        screens: Screens,
        theme: Theme,
        *,
        ask: Callable[[QWidget], Leave] = ask_leave,
    ) -> None:
        super().__init__()
        self._models = models
        self._screens = screens
        self._theme = theme
        self._ask = ask
        self._shown: StepModel | None = None
        self._lost: Failure | None = None
        self._unseen = True
        self.side = Side()
        self.eyebrow = label(role="eyebrow", wrap=False)
        self.headline = label(role="title")
        self.subtitle = label(role="muted")
        self.error = ErrorCard(mends=_MENDS)
        self.back = button("&Back")
        self.next = button("Co&ntinue", kind="primary")
        self.why_not = label(role="muted")
        self.view = QScrollArea()
        self._column = QVBoxLayout()
        self._footer = QWidget()
        self._right = QVBoxLayout()
        self._lay_out()
        self._wire()
        self._restore()

    # --- layout ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        right = self._right
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self._page_area(), 1)
        right.addWidget(self._make_footer())
        whole = QHBoxLayout()
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.side)
        whole.addLayout(right, 1)
        centre = QWidget()
        centre.setObjectName("page")
        centre.setLayout(whole)
        self.setCentralWidget(centre)
        self.setMinimumSize(1000, 680)

    def _page_area(self) -> QScrollArea:
        head = QVBoxLayout()
        head.setSpacing(4)
        for widget in (self.eyebrow, self.headline, self.subtitle):
            head.addWidget(widget)
        column = self._column
        column.setSpacing(20)
        column.addLayout(head)
        column.addWidget(self.error)
        column.addWidget(self._screens.start, 1)
        held = QWidget()
        held.setObjectName("body")
        held.setLayout(column)
        self.view.setWidget(held)
        self.view.setWidgetResizable(True)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        return self.view

    def _make_footer(self) -> QWidget:
        self._footer.setObjectName("footer")
        self._footer.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.why_not.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line = QHBoxLayout(self._footer)
        line.setContentsMargins(48, 14, 48, 14)
        line.setSpacing(14)
        line.addWidget(self.back)
        line.addWidget(self.why_not, 1)
        line.addWidget(self.next)
        return self._footer

    def paintEvent(self, event: QPaintEvent) -> None:
        """What waits for the first frame begins when all of it is on the screen."""
        super().paintEvent(event)
        if self._unseen:
            self._unseen = False
            QTimer.singleShot(0, self.seen.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the column readable: at most COLUMN wide, never glued to the edges."""
        super().resizeEvent(event)
        self._set_margins()

    def _set_margins(self) -> None:
        room = self.width() - self.side.width()
        side = max(32 if room < 820 else 48, (room - COLUMN) // 2)  # noqa: PLR2004 - narrow window
        bar = self.view.verticalScrollBar()
        # The bar takes its room from the margin, so that nothing moves when it comes.
        taken = bar.sizeHint().width() if bar.maximum() > 0 else 0
        self._column.setContentsMargins(side, 36, side - taken, 28)
        footer = self._footer.layout()
        if footer is not None:
            footer.setContentsMargins(side, 14, side, 14)

    # --- wiring ------------------------------------------------------------------------------

    def _wire(self) -> None:
        session, side = self._models.session, self.side
        side.home_wanted.connect(lambda: session.open(None))
        side.steps.chosen.connect(session.go)
        side.mode_wanted.connect(self._set_mode)
        side.scale_wanted.connect(self._set_scale)
        self.back.clicked.connect(self._go_back)
        self.next.clicked.connect(self._go_on)
        self.error.closed.connect(self._error_read)
        self.error.mend_wanted.connect(lambda _code: side.house_wanted.emit())
        self._theme.changed.connect(self._themed)
        self.view.verticalScrollBar().rangeChanged.connect(lambda *_range: self._set_margins())
        session.opening.connect(self._make_steps)
        session.opened.connect(self._opened)
        session.failed.connect(self.show_failure)
        changed(session, "step").connect(lambda _step: self._show_step())
        changed(session, "draft").connect(lambda _draft: self._show_marks())
        computer = self._models.computer
        bind_all(
            computer,
            ("headline", "detail"),
            self,
            to=lambda: side.computer.show_computer(computer.headline, computer.detail),
        )
        for keys, move in (
            (QKeySequence.StandardKey.ZoomIn, 1),
            (QKeySequence.StandardKey.ZoomOut, -1),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(
                lambda move=move: self._zoom(move)
            )

    def _make_steps(self) -> None:
        """Before the first project is opened: what shows one is not needed earlier.

        Nor later: a page made while its model is at work shows parts before they have a place.
        """
        self._models.session.opening.disconnect(self._make_steps)
        for model in self._screens.models.values():
            names = ("title", "subtitle", "next_text", "can_go_on", "why_not", "failure")
            bind_all(model, names, self, to=self._show_model)
        for page in self._screens.pages.values():
            page.setVisible(False)
            self._column.addWidget(page, 1)
        # Put in anew, the footer comes after the pages for the keyboard, as it does on the screen.
        self._footer.setParent(None)
        self._right.addWidget(self._footer)

    def _restore(self) -> None:
        value = self._models.preferences.value.window
        if value:
            self.restoreGeometry(QByteArray.fromBase64(QByteArray(value.encode())))
        else:
            # Title bars and task bars take some of what the screen says it has.
            room = self.screen().availableGeometry().adjusted(0, 0, 0, -40)
            self.resize(min(1180, room.width()), min(800, room.height()))
        self._themed()
        self._opened()

    # --- colours and text size -----------------------------------------------------------------

    def _set_mode(self, mode: Mode) -> None:
        self._models.preferences.set_theme(mode.value)
        self._theme.set_mode(mode)

    def _set_scale(self, percent: int) -> None:
        self._models.preferences.set_text_percent(percent)
        self._theme.set_scale(percent)

    def _zoom(self, move: int) -> None:
        at = min(range(len(SCALES)), key=lambda i: abs(SCALES[i] - self._theme.scale))
        self._set_scale(SCALES[min(max(at + move, 0), len(SCALES) - 1)])

    def _themed(self) -> None:
        self.side.show_look(mode=self._theme.mode, scale=self._theme.scale)
        self._set_margins()

    # --- what is shown -------------------------------------------------------------------------

    def _opened(self) -> None:
        project = self._models.session.project
        self._lost = None
        self.side.show_project(project.folder.name if project else "")
        name = f"{project.folder.name} – zeroapp" if project else "zeroapp"
        self.setWindowTitle(name)
        if project is None:
            self._models.start.refresh()
        self._show_step()

    def _show_step(self) -> None:
        session = self._models.session
        at_start = session.project is None
        step = session.step
        shown = self._screens.start if at_start else self._screens.pages[step]
        for page in (self._screens.start, *self._screens.pages.made.values()):
            page.setVisible(page is shown)
        self._shown = None if at_start else self._screens.models[step]
        self._footer.setVisible(not at_start)
        self.view.verticalScrollBar().setValue(0)
        if self._shown is not None:
            self._shown.entered()
        self._show_marks()
        self._show_model()
        self._focus_next(always=True)

    def _show_marks(self) -> None:
        session = self._models.session
        at_start = session.project is None
        current = Step.examples if at_start else session.step
        for step, made in self.side.steps.buttons.items():
            reason = " ".join(wizard.missing(session.draft, step))
            made.show_mark(wizard.mark(session.draft, step, current=current), reason=reason)

    def _show_model(self) -> None:
        model = self._shown
        if model is None:
            self.eyebrow.setText("WELCOME")
            self.headline.setText("Teach a model your own work")
            self.subtitle.setText(
                "Show it examples of what you would have answered. It learns on this computer."
            )
            self.error.show_failure(self._lost)
            return
        number = list(STEPS).index(self._models.session.step) + 1
        self.eyebrow.setText(f"STEP {number} OF {len(STEPS)}")
        self.headline.setText(model.title)
        self.subtitle.setText(model.subtitle)
        self.subtitle.setVisible(bool(model.subtitle))
        self.error.show_failure(self._lost or model.failure)
        self.next.setText(model.next_text)
        self.next.setAccessibleName(model.next_text.replace("&", ""))
        self.next.setVisible(bool(model.next_text))
        self.next.setEnabled(model.can_go_on)
        self.next.setToolTip(model.why_not)
        self.why_not.setText("" if model.can_go_on else model.why_not)
        self.back.setEnabled(wizard.previous_step(self._models.session.step) is not None)
        self._focus_next()

    def _focus_next(self, *, always: bool = False) -> None:
        """Let Enter mean Continue, unless the user is at something else."""
        at = QApplication.focusWidget()
        idle = always or at is None or not at.isVisible() or not at.isEnabled() or at is self
        if not idle:
            return
        if self._shown is None:
            self._screens.start.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self.next.isEnabled() and self.next.isVisibleTo(self):
            self.next.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- what the user does ----------------------------------------------------------------------

    def _go_on(self) -> None:
        if self._shown is not None and self._shown.can_go_on:
            self._shown.go_on()

    def _go_back(self) -> None:
        self._models.session.backward()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is Continue; the page keys scroll."""
        typing = isinstance(QApplication.focusWidget(), _TYPING)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not typing:
            if self._shown is not None and self._shown.next_text:
                self._go_on()
            return
        bar = self.view.verticalScrollBar()
        moves = {Qt.Key.Key_PageDown: bar.pageStep(), Qt.Key.Key_PageUp: -bar.pageStep()}
        moves |= {Qt.Key.Key_Down: bar.singleStep() * 3, Qt.Key.Key_Up: -bar.singleStep() * 3}
        if event.key() in moves:
            bar.setValue(bar.value() + moves[Qt.Key(event.key())])
            return
        super().keyPressEvent(event)

    def show_first(self, card: QWidget) -> None:
        """Put a card above all else on the start page."""
        self._screens.start.put_first(card)

    def show_failure(self, failure: Failure) -> None:
        """Show something no page took care of, above whatever is shown."""
        self._lost = failure
        self.error.show_failure(failure)
        self.view.verticalScrollBar().setValue(0)

    def try_again(self) -> None:
        """What was in the way is gone: forget the failure, and let the page begin what it needs."""
        self._error_read()
        self._show_step()

    def _error_read(self) -> None:
        self._lost = None
        if self._shown is not None:
            self._shown.failure = None

    def closeEvent(self, event: QCloseEvent) -> None:
        """A training may go on, or stop and save; the window remembers its place."""
        session = self._models.session
        if session.training_alive():
            answer = self._ask(self)
            if answer is Leave.stay:
                event.ignore()
                return
            if answer is Leave.stop:
                session.stop("train")
        session.stop("tryout")
        geometry = self.saveGeometry().toBase64().toStdString()
        self._models.preferences.set_window(geometry)
        super().closeEvent(event)

"""What every page's view-model has in common: headline, Continue, the card for a failure."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.binding import Observable, Property, changed

if TYPE_CHECKING:
    from ui.viewmodels.session import Session
    from zeroapp.errors import Failure


class StepModel(Observable):
    """View-model of one step. The window draws title, subtitle, the failure and the footer.

    next_text: what the primary button says ("" hides it). can_go_on: whether it is enabled.
    why_not: the sentence beside it while it is not.
    """

    title = Property("")
    subtitle = Property("")
    next_text = Property("Co&ntinue")
    can_go_on = Property(default=False)
    why_not = Property("")
    failure: Property["Failure | None"] = Property(None)

    def __init__(self, session: "Session", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        session.opened.connect(self.project_opened)
        changed(session, "draft").connect(lambda _draft: self.draft_changed())

    def project_opened(self) -> None:
        """Another project was opened or closed: forget the old one, show the new one."""

    def draft_changed(self) -> None:
        """What the project has so far changed: set can_go_on and why_not."""

    def entered(self) -> None:
        """The page is shown: start what it needs, unless it is there already."""

    def go_on(self) -> None:
        """The primary button was pressed."""
        self.session.forward()

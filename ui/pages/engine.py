"""The card of the engine: the pack for this computer, on the start page and under “Computer”."""

from ui.binding import bind, bind_all
from ui.dialogs import Ask, ask_paths
from ui.viewmodels.engine import EngineModel
from ui.widgets.error_card import ErrorCard
from ui.widgets.parts import Card, FlowRow, ProgressCard, button, label


class EngineCard(Card):
    """The engine: what is there, what can be had, and getting it."""

    def __init__(self, model: EngineModel) -> None:
        super().__init__()
        self._model = model
        self._title = label(role="heading")
        self._text = label(role="muted")
        self._facts = label(role="small")
        self._error = ErrorCard()
        self._error.closed.connect(lambda: setattr(model, "failure", None))
        self._at_work = ProgressCard(stop_text="Stop")
        self._at_work.stop_wanted.connect(model.stop)
        self.make = button("&Get the pack", kind="primary", icon="download")
        self.folder = button("Choose &folder…", icon="folder")
        self.repair = button("&Repair", icon="wrench")
        self.remove = button("Re&move", icon="x", name="Remove the pack")
        self.make.clicked.connect(lambda _checked=False: model.make())
        self.folder.clicked.connect(self._choose)
        self.repair.clicked.connect(lambda: model.make(anew=True))
        self.remove.clicked.connect(model.remove)
        buttons = FlowRow(self.make, self.folder, self.repair, self.remove, left=True)
        for widget in (self._title, self._text, self._facts, self._error, self._at_work, buttons):
            self.body.addWidget(widget)
        bind_all(model, ("title", "text", "facts"), self, to=self._show)
        bind_all(model, ("busy", "progress", "doing"), self, to=self._show_work)
        buttons_of = ("can_make", "can_choose", "can_repair", "can_remove")
        bind_all(model, buttons_of, self, to=self._show_buttons)
        bind(model, "make_text", self, to=self._name_make)
        bind(model, "failure", self, to=self._error.show_failure)

    def _show(self) -> None:
        self._title.setText(self._model.title)
        self._text.setText(self._model.text)
        self._facts.setText(self._model.facts)
        self._facts.setVisible(bool(self._model.facts))

    def _show_work(self) -> None:
        model = self._model
        self._at_work.setVisible(model.busy)
        done = round(model.progress * 1000)
        known = model.progress >= 0
        self._at_work.tell(
            model.doing or "Getting ready", done=max(done, 0), total=1000 if known else 0
        )
        self._show_buttons()

    def _show_buttons(self) -> None:
        model, idle = self._model, not self._model.busy
        self.make.setVisible(model.can_make and idle)
        self.folder.setVisible(model.can_choose and idle)
        self.repair.setVisible(model.can_repair and idle)
        self.remove.setVisible(model.can_remove and idle)

    def _name_make(self, text: str) -> None:
        self.make.setText(text)
        self.make.setAccessibleName(text.replace("&", ""))

    def _choose(self) -> None:
        for folder in ask_paths(self, Ask.folder, title="Where should the pack go?"):
            self._model.choose_folder(folder)

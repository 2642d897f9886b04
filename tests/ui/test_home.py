"""At home on the desktop: what is handed over, said when training ends, kept and asked."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from support import house_screens
from support.desk import table
from support.wheels import pack
from ui.background import Inline
from ui.home import Home
from ui.theme import Mode
from ui.tray import Tray
from ui.viewmodels import engine as engine_model
from ui.viewmodels.engine import EngineModel, Found
from ui.viewmodels.hub_token import NO_KEYRING, TokenModel
from ui.viewmodels.news import LONG, NewsModel
from ui.viewmodels.updates import WAITING, UpdatesModel
from zeroapp import project_file
from zeroapp.credentials import Credentials
from zeroapp.errors import ResourceError
from zeroapp.packs import offer
from zeroapp.packs.engine import Kind, Managed, System, choose
from zeroapp.packs.offer import Card
from zeroapp.status import Outcome, RunStatus, State

TOKEN = "hf_planted0123456789"
CPU = pack(key="cpu", title="Processor", card="")


@pytest.fixture
def home(desk, qapp):
    return Home(qapp, desk.window, desk.app.models)


def test_a_double_clicked_project_opens_in_the_window(desk, home, tmp_path):
    desk.start.add_files([table(tmp_path)])
    folder = desk.session.project.folder
    desk.session.open(None)
    home.take([folder / project_file.NAME])
    assert desk.session.project.folder == folder
    assert desk.window.isVisible()


def test_a_file_dragged_onto_the_icon_becomes_a_project(desk, home, tmp_path):
    home.take([table(tmp_path, "Shop mail.csv")])
    assert desk.session.project.folder.name == "Shop mail"


def test_a_project_folder_on_the_command_line_opens(desk, home, tmp_path):
    desk.start.add_files([table(tmp_path)])
    folder = desk.session.project.folder
    desk.session.open(None)
    home.take([folder])
    assert desk.session.project.folder == folder


def test_a_second_start_without_files_only_raises(desk, home):
    desk.window.showMinimized()
    home.take([])
    assert not desk.window.isMinimized()
    assert desk.session.project is None


def news(desk, *, took: float, **status):
    """What is told when a training of so many seconds ends like this."""
    now = [0.0]
    model, told = NewsModel(desk.session, clock=lambda: now[0]), []
    model.told.connect(lambda *words: told.append(words))
    desk.session.watcher("train")._handle = object()
    model._changed(RunStatus(state=State.running))
    desk.session.watcher("train")._handle = None
    now[0] = took
    model._ended(RunStatus(state=State.ended, **status))
    return told


def test_a_long_training_that_ended_is_told(desk):
    [(title, text)] = news(desk, took=LONG + 1, outcome=Outcome.failed)
    assert "needs a look" in title
    assert "safe" in text


def test_a_short_one_is_not(desk):
    assert news(desk, took=LONG - 1, outcome=Outcome.failed) == []


def test_without_a_tray_nothing_is_missing(qapp):
    if not Tray.is_there():
        tray = Tray(qapp.windowIcon())
        tray.show_work("Training, step 1 of 2")
        tray.tell("Your model is ready", "Right on 98 of 100.")


# --- the token -----------------------------------------------------------------------------------


class Absent:
    """A computer without a keyring."""

    def __getattr__(self, _name):
        from keyring.errors import NoKeyringError

        def fail(*_):
            raise NoKeyringError

        return fail


@pytest.fixture
def environ():
    return {}


@pytest.fixture
def token(qapp, environ):
    made = TokenModel(Inline(), credentials=Credentials(keyring=Absent, environ=environ))
    made.look()
    return made


def test_without_a_keyring_the_person_is_asked_before_anything_is_kept(token, environ):
    token.keep(TOKEN)
    assert token.choice == NO_KEYRING
    assert environ == {}


def test_this_session_only_keeps_it_in_memory_and_says_so(token, environ):
    token.keep(TOKEN)
    token.use_for_session()
    assert environ["HF_TOKEN"] == TOKEN
    assert "until you close" in token.text
    token.forget()
    assert "HF_TOKEN" not in environ


def test_who_declines_leaves_nothing_behind(token, environ):
    token.keep(TOKEN)
    token.decline()
    token.use_for_session()
    assert environ == {}


def test_no_file_the_app_wrote_holds_the_token(desk, home, zeroapp_home, tmp_path):
    home.open_house()
    home.dialog.token._model._credentials = Credentials(keyring=Absent, environ={})
    home.dialog.token.field.setText(TOKEN)
    home.dialog.token.keep.click()
    home.dialog.token.session.click()
    desk.start.add_files([table(tmp_path)])
    home.dialog.help.report.click()
    home.dialog.help._model.save(tmp_path / "report.zip")
    home.dialog.close()
    written = [p for top in (zeroapp_home, tmp_path) for p in top.rglob("*") if p.is_file()]
    assert len(written) > 5
    assert not [p for p in written if TOKEN.encode() in p.read_bytes()]


# --- newer versions ------------------------------------------------------------------------------


def updates(desk, ask):
    return UpdatesModel(desk.session, desk.app.models.preferences, ask=ask, known=True)


def test_nothing_is_asked_without_leave(desk):
    def ask():
        raise AssertionError("asked without leave")

    model = updates(desk, ask)
    model.look()
    assert not model.allowed


def test_with_leave_it_is_asked_at_once_and_remembered(desk):
    model = updates(desk, lambda: None)
    model.allow(True)
    assert "newest" in model.text
    assert updates(desk, lambda: None).allowed


def test_never_while_a_training_runs_but_afterwards(desk, monkeypatch):
    asked = threading.Event()
    model = updates(desk, asked.set)
    monkeypatch.setattr(type(desk.session), "training_alive", lambda _self: True)
    model.allow(True)
    assert (model.text, asked.is_set()) == (WAITING, False)
    monkeypatch.setattr(type(desk.session), "training_alive", lambda _self: False)
    desk.session.watcher("train").ended.emit(RunStatus())
    assert asked.is_set()


def test_without_a_network_it_is_one_calm_sentence(desk):
    def ask():
        raise ResourceError("no-network", title="We could not ask.", hint="Try again later.")

    model = updates(desk, ask)
    model.allow(True)
    assert model.text == "We could not ask. Try again later."


# --- the pack ------------------------------------------------------------------------------------


def found(**changes) -> Found:
    known = {
        "pack": pack(),
        "problem": None,
        "kind": Kind.bundled,
        "folder": Path("/data/engines"),
        "broken": False,
        "needed": 3000,
        "free": 9000,
    }
    return Found(**{**known, **changes})


@pytest.mark.parametrize(
    ("changes", "words", "buttons"),
    [
        ({}, "can help", (True, False, False)),
        ({"pack": None}, "processor", (False, False, False)),
        ({"pack": None, "lonely": "AMD graphics"}, "yet: AMD graphics", (False, False, False)),
        ({"free": 100}, "too little space", (False, False, False)),
        ({"kind": Kind.managed, "used": pack()}, "card is in use", (False, True, True)),
        ({"kind": Kind.managed, "used": CPU, "pack": CPU}, "engine is here", (False, True, True)),
        ({"kind": Kind.managed, "used": CPU}, "can help", (True, True, True)),
        ({"broken": True}, "made anew", (False, True, True)),
        ({"missing": True, "pack": CPU}, "missing: the engine", (True, False, False)),
        ({"missing": True, "free": 100}, "too little space", (False, False, False)),
        ({"missing": True, "pack": None}, "no engine for this", (False, False, False)),
        ({"missing": True, "broken": True}, "made anew", (False, True, True)),
        ({"pack": None, "gone": "/opt/torch/python"}, "Python that was", (False, False, False)),
    ],
)
def test_every_state_of_the_pack_says_what_can_be_done(desk, monkeypatch, changes, words, buttons):
    monkeypatch.setattr(engine_model, "look_around", lambda _folder=None: found(**changes))
    model = EngineModel(desk.session)
    model.look()
    assert words in model.title
    assert (model.can_make, model.can_repair, model.can_remove) == buttons


def test_where_space_is_short_another_folder_can_be_chosen(home):
    home.open_house()
    card = home.dialog.engine
    card._model._show(found(pack=None))
    assert not card.folder.isVisibleTo(home.dialog)
    card._model._show(found(free=100))
    assert card.folder.isVisibleTo(home.dialog)
    too_old = offer.driver_problem((Card(vendor="nvidia", name="RTX", driver="470"),), pack())
    card._model._show(found(problem=too_old))
    assert not card.folder.isVisibleTo(home.dialog)
    home.dialog.close()


def test_a_chosen_python_that_is_gone_is_not_taken_for_a_pack(tmp_path, zeroapp_home):
    choose(System(tmp_path / "python"))
    around = engine_model.look_around()
    assert (around.gone, around.broken) == (str(tmp_path / "python"), False)
    choose(Managed(tmp_path / "engine"))
    around = engine_model.look_around()
    assert (around.gone, around.broken) == ("", True)


def test_the_real_computer_can_be_looked_at(desk):
    model = EngineModel(desk.session)
    model.look()
    assert model.title != "Looking for a graphics card …"


# --- the dialog ----------------------------------------------------------------------------------


def test_a_report_is_shown_before_it_is_saved(home, qtbot):
    home.open_house()
    help_card = home.dialog.help
    assert not help_card.save.isVisible()
    qtbot.mouseClick(help_card.report, Qt.MouseButton.LeftButton)
    assert help_card.save.isVisibleTo(home.dialog)
    assert help_card.view.files.itemText(0) == "about.json"
    assert '"zeroapp"' in help_card.view.text.toPlainText()
    home.dialog.close()


@pytest.mark.screenshots
@pytest.mark.parametrize("name", house_screens.SCREENS)
def test_picture_of_the_dialog(desk, home, screenshots, qtbot, name):
    desk.window.show()
    dialog = house_screens.SCREENS[name](home)
    dialog.resize(760, 980)
    for mode in (Mode.light, Mode.dark):
        desk.app.theme.set_mode(mode)
        qtbot.wait(150)
        assert dialog.grab().save(str(screenshots / f"{name}-{mode.value}.png"))
    dialog.close()

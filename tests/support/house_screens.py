"""This computer and help, as it can look: pictures of the dialog, without and with a pack."""

from collections.abc import Callable

from ui.home import Home
from ui.pages.house import HouseDialog
from ui.viewmodels.engine import EngineModel, Found
from ui.viewmodels.hub_token import NO_KEYRING
from zeroapp.packs import offer
from zeroapp.packs.engine import Kind
from zeroapp.packs.making import usual_folder


def _shown(home: Home, **changes) -> HouseDialog:
    home.open_house()
    known = {
        "pack": offer.get("nvidia"),
        "problem": None,
        "kind": Kind.bundled,
        "folder": usual_folder(),
        "broken": False,
        "needed": 8 * 10**9,
        "free": 90 * 10**9,
    }
    model = home.dialog.engine._model
    assert isinstance(model, EngineModel)
    model._show(Found(**{**known, **changes}))
    return home.dialog


def pack_offered(home: Home) -> HouseDialog:
    return _shown(home)


def no_card(home: Home) -> HouseDialog:
    dialog = _shown(home, pack=None)
    dialog.token._model.choice = NO_KEYRING
    return dialog


def card_without_pack(home: Home) -> HouseDialog:
    return _shown(home, pack=None, lonely="AMD graphics")


def engine_missing(home: Home) -> HouseDialog:
    return _shown(home, pack=offer.get("cpu"), missing=True)


def report_shown(home: Home) -> HouseDialog:
    dialog = _shown(home, kind=Kind.managed, used=offer.get("nvidia"))
    dialog.help.report.click()
    return dialog


SCREENS: dict[str, Callable[[Home], HouseDialog]] = {
    "house-pack": pack_offered,
    "house-no-card": no_card,
    "house-engine-missing": engine_missing,
    "house-card-without-pack": card_without_pack,
    "house-report": report_shown,
}

"""Licences of data in plain words, and a light that says how freely each may be used. No law."""

from enum import StrEnum

import msgspec


class Light(StrEnum):
    """green: use freely. amber: with conditions. red: not for everything, or not known."""

    green = "green"
    amber = "amber"
    red = "red"


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """key: what is kept, an SPDX name where there is one. url: "" where there is no text."""

    key: str
    title: str
    light: Light
    url: str = ""


LICENCES: tuple[Licence, ...] = (
    Licence(key="own", title="I made these rows, or my business did", light=Light.green),
    Licence(key="permitted", title="Whoever made them allowed me to use them", light=Light.green),
    Licence(
        key="CC0-1.0",
        title="Public domain (CC0)",
        light=Light.green,
        url="https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    Licence(
        key="CC-BY-4.0",
        title="Free with the maker's name (CC BY, MIT, Apache)",
        light=Light.green,
        url="https://creativecommons.org/licenses/by/4.0/",
    ),
    Licence(
        key="CC-BY-SA-4.0",
        title="Free under the same licence again (CC BY-SA, ODbL)",
        light=Light.amber,
        url="https://creativecommons.org/licenses/by-sa/4.0/",
    ),
    Licence(
        key="CC-BY-NC-4.0",
        title="Not for business (CC BY-NC)",
        light=Light.red,
        url="https://creativecommons.org/licenses/by-nc/4.0/",
    ),
    Licence(key="web", title="Found on the web, no licence named", light=Light.red),
    Licence(key="unknown", title="I do not know", light=Light.red),
)

_FREE = ("cc0", "cc-by-", "cc by ", "mit", "apache", "bsd", "pddl", "public domain", "odc-by")
_SAME = ("-sa", " sa", "odbl", "gpl", "cdla-sharing", "share")
_FORBID = ("-nc", " nc", "-nd", " nd", "noncommercial", "non-commercial", "all rights")


def light_of(licence: str) -> Light:
    """The light of one of `LICENCES`, or of a licence's name as people write it."""
    for known in LICENCES:
        if known.key == licence:
            return known.light
    name = f" {licence.casefold()} "
    if any(word in name for word in _FORBID):
        return Light.red
    if any(word in name for word in _SAME):
        return Light.amber
    return Light.green if any(word in name for word in _FREE) else Light.red


def url_of(licence: str) -> str:
    """Where the licence's text is; empty where it has none that is known."""
    return next((known.url for known in LICENCES if known.key == licence), "")

"""Widgets are drawn with the window's own fonts and colours."""

from support.look import _plain_look, look

__all__ = ["_plain_look", "look"]

"""Text on a terminal: how wide it is, and how to keep it from commanding the terminal."""

from __future__ import annotations

import unicodedata

_TAB = 4
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """The text with each character that has no glyph of its own (control characters, marks that
    turn the direction of writing) replaced by a sign for it. Tabs become one space."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_sign, text))


def _sign(char: str) -> str:
    code = ord(char)
    if char == "\t":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return "\ufffd" if unicodedata.category(char) in _UNSEEN else char


def width(char: str) -> int:
    """The number of terminal columns that a visible character takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def columns(line: str) -> tuple[str, tuple[int, ...]]:
    """A source line as shown, tabs as spaces, and the terminal column of each of its characters
    (and of its end)."""
    shown = []
    at = [0]
    for char in line:
        if char == "\t":
            shown.append(" " * _TAB)
            at.append(at[-1] + _TAB)
        else:
            sign = _sign(char)
            shown.append(sign)
            at.append(at[-1] + width(sign))
    return "".join(shown), tuple(at)

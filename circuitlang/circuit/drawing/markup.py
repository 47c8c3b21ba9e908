"""Markup that is safe by construction: only what `element` and `raw` made is not escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from circuitlang.syntax.render.cells import visible


class Markup(str):
    """Text that is markup already. Templates that escape what they are given leave it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


Content = str | Iterable[str]
Attribute = str | float | int | None


def printable(text: str) -> Markup:
    """Markup with a sign for each character that shows nothing itself, such as one that turns the
    direction of writing; line feeds stay."""
    return Markup("\n".join(map(visible, text.split("\n"))))


def element(tag: str, *children: Content, **attributes: Attribute) -> Markup:
    """One element. An attribute's name is written with ``_`` for ``-`` and may end in ``_``
    (``class_``); one that is None is left out. Text and values are escaped, numbers rounded."""
    listed = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{tag}{listed}>{join(*children)}</{tag}>")


def join(*children: Content) -> Markup:
    """Markup and text, one after the other."""
    flat = (part for child in children for part in ((child,) if isinstance(child, str) else child))
    return Markup("".join(p if isinstance(p, Markup) else escape(p) for p in flat))


def _value(value: str | float) -> str:
    # A float's sixth digit is below anything that a screen shows.
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)

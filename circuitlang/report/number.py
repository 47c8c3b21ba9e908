"""Numbers as people read them."""

from __future__ import annotations

import math

from circuitlang.score.verdict import Measured

# What is smaller is written with an exponent: nobody counts zeros.
_SMALL = 1e-6


def show(measured: Measured, *, percent: bool) -> str:
    """An estimate and its interval: ``71.3% [68.9, 73.6]`` or ``3.302 [3.101, 3.498]``."""
    value, (low, high) = measured
    if not all(map(math.isfinite, measured.interval)):
        return f"{number(value, percent=percent)} [unbounded]"
    scale = 100 if percent else 1
    style = _style(max(abs(x) for x in (value, low, high)) * scale, percent)
    unit = "%" if percent else ""

    def text(x: float) -> str:
        return _plain(f"{x * scale:{style}}")

    return f"{text(value)}{unit} [{text(low)}, {text(high)}]"


def number(value: float, *, percent: bool = False) -> str:
    """A single number, to about three significant digits."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else f"{value:g}"
    scaled = value * 100 if percent else value
    return _plain(f"{scaled:{_style(abs(scaled), percent)}}") + ("%" if percent else "")


def confidence(level: float) -> str:
    """A confidence in percent, with as many digits as tell it from 100%."""
    missed = 100 * (1 - level)
    digits = max(1, 1 - math.floor(math.log10(missed))) if missed > 0 else 1
    return f"{100 * level:.{digits}f}".rstrip("0").rstrip(".") + "%"


def duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def _style(size: float, percent: bool) -> str:
    """How to write a number of that size."""
    if size == 0 or (percent and size >= 10):
        return ".1f"
    if size >= 1:
        return ".2f" if percent or size >= 10 else ".3f"
    if size < _SMALL:
        return ".2e"
    # Below one, three digits after the leading zeros.
    return f".{2 + max(1, -math.floor(math.log10(size)))}f"


def _plain(text: str) -> str:
    """Minus zero is zero."""
    return text.lstrip("-") if float(text) == 0 else text

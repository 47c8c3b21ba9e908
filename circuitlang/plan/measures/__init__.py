"""The registry of measures. A module of this package that defines ``MEASURE`` is in it; to add a
measure, add one file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from circuitlang.plan.measures.base import Measure

_HELPERS = ("base",)


def _discover() -> Iterator[Measure]:
    for module in iter_modules(__path__):
        if module.name.startswith("_") or module.name in _HELPERS:
            continue
        measure = import_module(f"{__name__}.{module.name}").MEASURE
        if not isinstance(measure, Measure) or measure.name != module.name:
            raise TypeError(f"{module.name}.py has to define a Measure named {module.name!r}")
        yield measure


MEASURES: Mapping[str, Measure] = MappingProxyType({m.name: m for m in _discover()})

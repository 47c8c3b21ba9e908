from __future__ import annotations

import pytest

from circuitlang.circuit.circuit import Search
from circuitlang.circuit.names import head
from circuitlang.plan.measures import MEASURES
from circuitlang.syntax.diagnostic import Severity
from tests.check.specs import checked, errors, only, spec

ROLE = "role late at REPEAT attending any { head a9.h4 }\n"


def claim(text: str) -> list[str]:
    return errors(spec(f"{ROLE}claim c: {text}"))


def test_defaults_are_filled_in() -> None:
    circuit, _ = checked(spec(ROLE + "claim c: induction(role=late) >= 50% else warn"))
    assert circuit is not None
    (one,) = circuit.claims
    assert one.measure.arguments == {"role": "late", "length": 50, "examples": 32, "over": "min"}
    assert (one.threshold, one.percent, one.severity) == (0.5, True, "warn")


def test_arguments_are_resolved() -> None:
    circuit, found = checked(
        spec(ROLE + "claim c: completeness() <= 30% claim d: effect(of=a9.h4) <= 0.1")
    )
    assert circuit is not None, found
    assert circuit.claims[0].measure.arguments == {"search": Search("roles")}
    assert circuit.claims[1].measure.arguments == {"of": head(9, 4), "direction": "noising"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("accuracy(of=model) >= 95%", []),
        ("accuracy(of=model) >= 0.95", []),
        ("metric(of=model) >= 2", []),
        ("metric(of=model) >= 2%", ["absolute-percentage"]),
        ("equivalence() >= 5%", []),
        ("equivalence() ~= 5% +- 1%", ["unsuitable-comparator"]),
        ("independence() >= 0", ["out-of-bounds"]),
        ("independence() <= 100%", ["out-of-bounds"]),
        ("independence() >= 0.001", []),
        ("independence() >= 0.0009", ["unreachable-level"]),
        ("independence(permutations=98) >= 5%", ["out-of-bounds"]),
        ("independence(examples=1001) >= 5%", ["out-of-bounds"]),
        ("sufficiency(circuits=28) <= 5%", ["out-of-bounds"]),
        ("sufficiency(circuits=29) <= 5%", []),
        ("sufficiency(circuits=29) <= 4%", ["unreachable-level"]),
        ("partial_necessity(circuits=44) <= 1%", []),
        ("partial_necessity(circuits=43) <= 1%", ["unreachable-level"]),
        ("minimality() ~= 5% +- 1%", []),
        ("minimality(test=inflated) >= 5%", []),
        ("minimality(test=inflated(29)) >= 5%", []),
        ("minimality(test=inflated(28)) >= 5%", ["out-of-bounds"]),
        ("minimality(test=inflated) >= 5", ["out-of-bounds"]),
        ("minimality(test=inflated()) >= 5%", []),
        ("minimality(test=none(3)) >= 5%", ["wrong-value"]),
        ("faithfulness(as=gap) <= 10%", ["absolute-percentage"]),
        ("metric(of=model) ~= 3 +- 10%", ["absolute-percentage"]),
        ("accuracy(of=model) ~= 95%", ["missing-tolerance"]),
        ("accuracy(of=model) ~= 95% +- 0", ["out-of-bounds"]),
        ("accuracy(of=model) <= 95% +- 1%", ["unneeded-tolerance"]),
        ("accuracy(of=somebody) >= 95%", ["wrong-value"]),
        ("effect(of=late) <= 10%", []),
        ("effect(of=latest) <= 10%", ["unknown-role"]),
        ("effect(of=m29) <= 10%", []),
        ("effect(of=m30) <= 10%", ["out-of-range"]),
        ("effect(of=logits) <= 10%", ["wrong-value"]),
        ("induction(role=late, length=1) >= 50%", ["out-of-bounds"]),
        ("induction(role=late, length=2.5) >= 50%", ["wrong-value"]),
        ("induction(role=late, length=20%) >= 50%", ["wrong-value"]),
        ("attention(role=late, from=REPEAT, to=REPEAT) >= 50%", []),
        ("attention(role=late, from=late, to=REPEAT) >= 50%", ["unknown-position"]),
        ("copying(role=late, at=REPEAT) >= 50%", []),
        ("copying(role=late) >= 50%", ["missing-argument"]),
        ("copying(role=late, at=SOMEWHERE) >= 50%", ["unknown-position"]),
        ("copying(role=late, at=3) >= 50%", ["wrong-value"]),
        ("copying(role=late, at=REPEAT, sign=minus) >= 50%", ["wrong-value"]),
        ("copying(role=late, at=REPEAT, top=0) >= 50%", ["out-of-bounds"]),
        ("composition(from=a1.h1, to=late, via=k) >= 0.1", []),
        ("composition(from=a1.h1, to=late, via=k) >= 10%", ["absolute-percentage"]),
        ("composition(from=a1.h1, to=late) >= 0.1", ["missing-argument"]),
        ("composition(from=a1.h1, to=late, via=any) >= 0.1", ["wrong-value"]),
        ("composition(from=late, to=a1.h1, via=k) >= 0.1", ["backward-edge"]),
        ("composition(from=a9.h1, to=late, via=k) >= 0.1", ["backward-edge"]),
        ("composition(from=m1, to=late, via=k) >= 0.1", ["not-a-head"]),
        ("composition(from=a1.h1, to=m20, via=k) >= 0.1", ["not-a-head"]),
        ("composition(from=a1.h1, to=late, via=k, draws=38) >= 0.1", ["out-of-bounds"]),
        ("completeness(search=roles(3)) <= 30%", ["wrong-value"]),
        ("completeness(search=random(20)) <= 30%", []),
        ("completeness(search=random) <= 30%", ["wrong-value"]),
        ("completeness(search=random(0)) <= 30%", ["out-of-bounds"]),
        ("completeness(search=random(2.5)) <= 30%", ["wrong-value"]),
        ("completeness(search=random(20%)) <= 30%", ["wrong-value"]),
        ("completeness(search=random(n=20)) <= 30%", ["wrong-value"]),
        ("completeness(search=greedy(10)) <= 30%", []),
        ("completeness(search=greedy(101)) <= 30%", ["out-of-bounds"]),
        ("completeness(search=greedy(999999999999999)) <= 30%", ["out-of-bounds"]),
    ],
)
def test_claims(text: str, expected: list[str]) -> None:
    assert claim(text) == expected


@pytest.mark.parametrize(
    "text", ["copying(role=low, at=REPEAT) >= 50%", "composition(from=low, to=late, via=q) >= 0"]
)
def test_an_mlp_has_no_role_of_a_head(text: str) -> None:
    low = "role low at any { mlp m1 }\n"
    assert errors(spec(f"{ROLE}{low}claim c: {text}")) == ["not-a-head"]


def test_draws_have_to_reach_into_the_tails() -> None:
    body = f"{ROLE}claim c: composition(from=a1.h1, to=late, via=k, draws=39) >= 0"
    assert errors(spec(body)) == []
    found, at = only(spec(body, policy="ablation = zero confidence = 99%"))
    assert (found.code, at) == ("out-of-bounds", "draws=39")
    assert found.help == "write `draws=199`"


def test_a_search_too_large_says_how_large_it_may_be() -> None:
    found, at = only(spec(f"{ROLE}claim c: completeness(search=greedy(101)) <= 30%"))
    assert at == "101"
    assert found.message == "`greedy(n)` is 101, allowed are 1 to 100"


@pytest.mark.parametrize("metric", ["log_prob", "kl"])
def test_a_share_needs_a_metric_that_has_shares(metric: str) -> None:
    task = f"generate repeated_tokens() position REPEAT given metric {metric}() at REPEAT"
    text = spec("claim c: faithfulness(as=ratio) >= 80%", task=task)
    assert errors(text) == ["no-ratio-metric"]
    assert errors(text.replace("ratio) >= 80%", "gap) <= 1")) == []


def test_a_measure_of_heads_refuses_an_mlp() -> None:
    text = spec("role mixed at any attending any { head a1.h2 mlp m3 } claim c: ")
    found, at = only(text.replace("claim c: ", "claim c: induction(role=mixed) >= 50%"))
    assert (found.code, at) == ("not-a-head", "mixed")


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_misspelt_measure_is_recognised(name: str) -> None:
    found, _ = only(spec(f"claim c: {name[:-1]}() >= 0.5"))
    assert (found.code, found.help) == ("unknown-measure", f"did you mean `{name}`?")


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("2026-11-22", []),
        ("2026-11-21", ["expired-waiver"]),
        ("2026-02-30", ["bad-date"]),
        ("20270131", ["bad-date"]),
        ("2027-W05-1", ["bad-date"]),
    ],
)
def test_a_waiver_holds_through_its_last_day(until: str, expected: list[str]) -> None:
    body = f'claim c: accuracy(of=model) >= 90% waive c until "{until}" because "noted"'
    assert errors(spec(body)) == expected


PATHS = """
role early at END attending any { head a1.h0 }
role late at END attending any { head a9.h4 }
role upper at END { mlp m9 }
role elsewhere at S2 attending any { head a2.h0 }
"""
PLACES = "position END last position S2 before END metric accuracy() at END"
TASK = f"generate repeated_tokens() {PLACES}"


@pytest.mark.parametrize(
    ("call", "code", "words"),
    [
        ("path_effect(from=early, to=upper, via=q)", "no-port", "no port `q`"),
        ("path_effect(from=early, to=logits, via=v)", "no-port", "only attention heads"),
        ("path_effect(from=late, to=early, via=q)", "backward-edge", "computed earlier"),
        ("path_effect(from=elsewhere, to=late, via=q)", "position-mismatch", "writes at S2"),
        ("direct_effect(of=elsewhere)", "position-mismatch", "the metric reads"),
        ("effect(of=late, direction=denoising)", "no-corrupt-run", "no run of the model"),
    ],
)
def test_a_path_that_cannot_exist_is_refused(call: str, code: str, words: str) -> None:
    _, found = checked(spec(f"{PATHS} claim c: {call} <= -1%", task=TASK))
    errors = [d for d in found if d.severity is Severity.ERROR]
    assert [d.code for d in errors] == [code]
    assert words in errors[0].message


@pytest.mark.parametrize(
    "call",
    [
        "path_effect(from=early, to=late)",
        "path_effect(from=early, to=late, via=q)",
        "path_effect(from=elsewhere, to=late, via=k)",
        "path_effect(from=m3, to=a9.h4, via=v)",
        "path_effect(from=late, to=logits)",
        "direct_effect(of=late)",
    ],
)
def test_paths_that_exist(call: str) -> None:
    circuit, found = checked(spec(f"{PATHS} claim c: {call} <= -1%", task=TASK))
    assert circuit is not None, found

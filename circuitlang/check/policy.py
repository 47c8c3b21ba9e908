"""The `policy` statement: how parts are removed, and how much is measured."""

from __future__ import annotations

from typing import Any

from circuitlang.check.arguments import arguments_of, bind, settings_of
from circuitlang.check.checked import Checked
from circuitlang.check.scope import Scope
from circuitlang.check.sources import Sources
from circuitlang.check.statements import keyword_span
from circuitlang.check.suggest import listed, suggest
from circuitlang.check.vocabulary import ABLATIONS, COVERS, POLICY_SETTINGS
from circuitlang.circuit.circuit import Ablation, Policy, RandomCover
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label


def check_policy(policy: tree.Policy, scope: Scope, sources: Sources) -> Checked[Policy | None]:
    keyword = tree.Name("policy", keyword_span(policy.span, "policy"))
    given = settings_of(policy.settings)
    values = yield from bind(keyword, given, POLICY_SETTINGS, scope, settings=True)
    setting = next((s for s in policy.settings if s.key.text == "ablation"), None)
    ablation = None
    if setting is not None and isinstance(setting.value, tree.Name | tree.Call):
        ablation = yield from _check_ablation(setting.value, scope)
    cover: RandomCover | None = RandomCover()
    if values is not None:
        yield from _check_examples(policy, int(values["examples"]), sources)
        if isinstance(values["cover"], tree.Name | tree.Call):
            cover = yield from _check_cover(values["cover"], scope)
    if values is None or ablation is None:
        return None
    granularity: Any = values["granularity"]
    positions: Any = values["positions"]
    family: Any = values["family"]
    return Policy(
        granularity=granularity,
        ablation=ablation,
        positions=positions,
        examples=int(values["examples"]),
        seed=int(values["seed"]),
        confidence=float(values["confidence"]),
        resamples=int(values["resamples"]),
        cover=cover,
        family=family,
    )


def _check_ablation(value: tree.Name | tree.Call, scope: Scope) -> Checked[Ablation | None]:
    name = value if isinstance(value, tree.Name) else value.name
    signature = ABLATIONS.get(name.text)
    if signature is None:
        yield Diagnostic(
            "unknown-ablation",
            f"there is no ablation `{name}`",
            name.span,
            help=suggest(name.text, ABLATIONS, "ablations"),
        )
        return None
    values = yield from bind(name, arguments_of(value), signature, scope, settings=False)
    if values is None:
        return None
    kind: Any = name.text
    return Ablation(kind, values.get("corrupt"), values.get("by", "prompt"))


def _check_cover(value: tree.Name | tree.Call, scope: Scope) -> Checked[RandomCover | None]:
    """The cover; None where there is to be none, and after a finding."""
    name = value if isinstance(value, tree.Name) else value.name
    signature = COVERS.get(name.text)
    if signature is None:
        yield Diagnostic(
            "wrong-value",
            f"`cover` takes one of {listed(COVERS)}, not `{name}`",
            name.span,
            help=suggest(name.text, COVERS, "covers"),
        )
        return None
    values = yield from bind(name, arguments_of(value), signature, scope, settings=False)
    return RandomCover(values["circuits"], values["examples"]) if values else None


def _check_examples(policy: tree.Policy, examples: int, sources: Sources) -> Checked[None]:
    available = sources.available
    if available is None or examples <= available:
        return
    setting = next((s for s in policy.settings if s.key.text == "examples"), None)
    span = setting.value.span if setting else keyword_span(policy.span, "policy")
    written = "" if setting else ", the default"
    yield Diagnostic(
        "not-enough-examples",
        f"{examples:,} examples are asked for{written}, but only {available:,} different ones "
        "exist",
        span,
        secondary=(Label(sources.span, f"allows {available:,}"),),
        help=f"write `examples = {available}`" if available else None,
    )

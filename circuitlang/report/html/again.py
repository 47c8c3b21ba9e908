"""What the numbers of a page depend on, and what gives them again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from circuitlang.report.looks import looks_lines
from circuitlang.report.number import duration
from circuitlang.report.record import Report


def facts(report: Report) -> Mapping[str, str]:
    """What the numbers depend on, in the order in which one asks."""
    circuit, policy = report.circuit, report.circuit.policy
    model = circuit.model.source
    if circuit.model.revision:
        model += f" at {circuit.model.revision}"
    kept = ", MLPs kept" if circuit.keep_mlps else ""
    return {
        "model": f"{model}, {circuit.model.dtype}",
        "examples": f"{report.examples}, seed {policy.seed}",
        "policy": f"granularity {policy.granularity}, ablation {policy.ablation}, "
        f"{policy.positions} positions{kept}",
        "intervals": f"{policy.confidence * 100:g}%, {policy.resamples:,} resamples; "
        f"family {policy.family}; cover {policy.cover or 'none'}",
        "ran on": f"{report.device}, {report.executor} executor, in {duration(report.seconds)}",
        "preflight": "; ".join(report.preflight),
        "growing data": "; ".join(line.strip() for line in looks_lines(report)).replace(":;", ":"),
    }


def digests(report: Report) -> Mapping[str, str]:
    listed = {
        "spec": report.circuit.digest,
        "model": report.model_digest,
        "data": report.data_digest,
    }
    return {name: digest for name, digest in listed.items() if digest}


def commands(report: Report) -> tuple[str, ...]:
    """What gives this report's numbers again, on the same files."""
    policy = report.circuit.policy
    first = report.looks[0].examples if report.looks else policy.examples
    words = ["circuitlang", "verify", report.path]
    words += ["--examples", str(first), "--seed", str(policy.seed)]
    if report.looks:
        words += ["--decide", "--max-examples", str(report.looks[-1].examples)]
    if len(report.verdicts) != len(report.circuit.claims):
        for verdict in report.verdicts:
            words += ["--claim", verdict.claim.name]
    if report.sensitivity is not None:
        shares = all(one.claim.measure.name == "faithfulness" for one in report.sensitivity)
        words.append("--sensitivity" if shares else "--sensitivity=all")
    if report.executor != "sparse":
        words += ["--executor", report.executor]
    if not report.device.startswith("cpu"):
        words += ["--device", report.device]
    # A local version such as 2.13.0+cpu is on no index; the number is the same code.
    packages = [
        f"{name}=={version.partition('+')[0]}"
        for name, version in sorted(report.versions.items())
        if name not in ("python", "circuitlang")
    ]
    own = report.versions.get("circuitlang")
    install = shlex.join(["pip", "install", f"circuitlang[run]=={own}", *packages])
    verify = shlex.join(words)
    return (install, verify) if own else (verify,)

"""Claims as tests: pytest collects `*.circuit`, one item a claim.

A file is verified once in a process, in one planned run of the claims that are selected. torch is
not imported before one runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from circuitlang.model.opened import Models
    from circuitlang.pipeline.dry_run import Options
    from circuitlang.report.blocked import Blocked
    from circuitlang.report.record import Report
    from circuitlang.score.verdict import Verdict
    from circuitlang.syntax.diagnostic import Findings


class ClaimWarning(UserWarning):
    """A claim under `else warn` that does not hold, or what a file is to be read with."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("circuitlang", "claims of .circuit files")
    group.addoption(
        "--circuit-skip-missing-models",
        action="store_true",
        help="skip the claims of a file whose model is not at hand, instead of an error",
    )
    group.addoption("--circuit-device", metavar="DEVICE", help="cpu, cuda, cuda:1 or auto")
    group.addoption(
        "--circuit-examples",
        type=int,
        metavar="N",
        help="use this many examples, not the policy's number",
    )
    parser.addini(
        "circuit_files", "patterns of the files to collect", type="args", default=["*.circuit"]
    )
    parser.addini("circuit_device", "as --circuit-device", default="cpu")
    parser.addini("circuit_examples", "as --circuit-examples", default="")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RUNS] = _Runs(config, _examples(config))


def _examples(config: pytest.Config) -> int | None:
    """Raises pytest.UsageError for a number of examples that is none, or that is too large."""
    from circuitlang.circuit.circuit import MOST_EXAMPLES

    asked = config.getoption("--circuit-examples")
    written = config.getini("circuit_examples") if asked is None else str(asked)
    if written and not (written.isdecimal() and 1 <= int(written) <= MOST_EXAMPLES):
        raise pytest.UsageError(f"circuit examples are 1 to {MOST_EXAMPLES:,}, not {written}")
    return int(written) if written else None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    patterns = parent.config.getini("circuit_files")
    if any(file_path.match(pattern) for pattern in patterns):
        collected: CircuitFile = CircuitFile.from_parent(parent, path=file_path)
        return collected
    return None


class CircuitFile(pytest.File):
    """A file; its claims are its items. One that does not compile is an error of collection."""

    def collect(self) -> Iterator[ClaimItem]:
        from circuitlang.pipeline.compile import compile_file
        from circuitlang.report.claim import NO_CLAIMS
        from circuitlang.syntax.render import render

        compiled = compile_file(self.path)
        findings = under(self.shown, compiled.findings)
        if compiled.circuit is None:
            raise self.CollectError(render(findings))
        if not compiled.circuit.claims:
            raise self.CollectError(f"{self.shown}: {NO_CLAIMS}")
        for claim in compiled.circuit.claims:
            line, _ = findings.source.location(claim.span.start)
            yield ClaimItem.from_parent(self, name=claim.name, line=line)

    @property
    def shown(self) -> str:
        """The path as pytest names the file, and not that of wherever a test may have gone."""
        return self.nodeid


class ClaimItem(pytest.Item):
    """A claim: measured in its set-up, judged in its call."""

    def __init__(self, *, line: int, **others: Any) -> None:
        super().__init__(**others)
        self.line = line
        self.result: Report | None = None
        if self.config.pluginmanager.hasplugin("xdist"):
            # For `--dist loadgroup`: one worker measures all of a file.
            self.add_marker(pytest.mark.xdist_group(self.path.as_posix()))

    def setup(self) -> None:
        from circuitlang.report.blocked import SKIPPED, Blocked, blocked_text

        found = self.config.stash[_RUNS].of(self)
        if not isinstance(found, Blocked):
            verdict, text = _judged(found, self.name)
            if verdict.blocking and verdict.outcome == "error":
                pytest.fail(text, pytrace=False)
            self.result = found
            return
        if found.model_missing and self.config.getoption("--circuit-skip-missing-models"):
            pytest.skip(SKIPPED)
        pytest.fail(blocked_text(found), pytrace=False)

    def runtest(self) -> None:
        from circuitlang.report.claim import noteworthy, waiver_line

        assert self.result is not None
        verdict, text = _judged(self.result, self.name)
        if verdict.blocking:
            pytest.fail(text, pytrace=False)
        if verdict.outcome == "waived":
            pytest.xfail(f"waived {waiver_line(verdict)}")
        if noteworthy(verdict):
            self.warn(ClaimWarning(text))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line - 1, self.name


def _judged(report: Report, name: str) -> tuple[Verdict, str]:
    """A claim's verdict, and its block of the report."""
    from circuitlang.report.claim import block

    (verdict,) = (v for v in report.verdicts if v.claim.name == name)
    return verdict, "\n".join(block(report, verdict))


@dataclass
class _Runs:
    """What has been verified in this process, by path, and the models opened for it."""

    config: pytest.Config
    examples: int | None
    results: dict[Path, Report | Blocked] = field(default_factory=dict)
    models: Models | None = None

    def of(self, item: ClaimItem) -> Report | Blocked:
        """Verifies the selected claims of the item's file, if that has not been done yet."""
        if item.path not in self.results:
            self.results[item.path] = self._verify(item)
        return self.results[item.path]

    def _warn(self, item: ClaimItem, findings: Findings) -> None:
        from circuitlang.syntax.render import render

        if findings.diagnostics:
            item.warn(ClaimWarning(render(findings)))

    def _verify(self, item: ClaimItem) -> Report | Blocked:
        from circuitlang.report.record import Report
        from circuitlang.syntax.diagnostic import Findings

        verify_file = _needed("circuitlang.pipeline.verify").verify_file
        if self.models is None:
            self.models = _needed("circuitlang.model.opened").Models()
        selected = [i for i in item.session.items if isinstance(i, ClaimItem)]
        claims = tuple(dict.fromkeys(i.name for i in selected if i.path == item.path))
        options = self._options(claims)
        result: Report | Blocked = verify_file(item.path, options, models=self.models)
        shown = item.parent.nodeid if item.parent is not None else str(item.path)
        if isinstance(result, Report):
            self._warn(item, under(shown, Findings(result.circuit.source, result.warnings)))
            return replace(result, path=shown)
        return replace(result, path=shown, findings=under(shown, result.findings))

    def _options(self, claims: tuple[str, ...]) -> Options:
        from circuitlang.pipeline.dry_run import Options

        config = self.config
        device = config.getoption("--circuit-device") or config.getini("circuit_device")
        return Options(claims, device, self.examples)


_RUNS = pytest.StashKey[_Runs]()


def under(path: str, findings: Findings) -> Findings:
    """The same findings in a source of that name."""
    return replace(findings, source=replace(findings.source, name=path))


def _needed(module: str) -> ModuleType:
    """A module that runs models; fails the test where its packages are missing."""
    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        needed = f"verification needs the package {missing.name}: `pip install 'circuitlang[run]'`"
        pytest.fail(needed, pytrace=False)

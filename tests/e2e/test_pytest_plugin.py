"""Claims as tests, in a project of their own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from circuitlang.pipeline import verify
from circuitlang.pipeline.dry_run import Options
from circuitlang.report import render
from circuitlang.report.blocked import Blocked
from circuitlang.store.place import CACHE_DIR
from tests.e2e.tiny_project import save_model, write_spec

pytest_plugins = ["pytester"]

# Where the package is installed, pytest has found the plugin already, under its other name.
PLUGIN = ("-p", "no:circuitlang", "-p", "circuitlang.pytest_plugin")
ENDS = {"passed": 2, "failed": 3, "xfailed": 1}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def project(pytester: pytest.Pytester, model: Path) -> Path:
    specs = pytester.mkdir("specs")
    shutil.copytree(model, specs / "model")
    write_spec(specs)
    return specs


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The options of each verification that there was."""
    seen: list[Options] = []
    original = verify.verify_file

    def noting(path: Path, options: Options, **others: Any) -> Any:
        seen.append(options)
        return original(path, options, **others)

    monkeypatch.setattr(verify, "verify_file", noting)
    return seen


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*PLUGIN, "--color=no", *arguments)


def outcomes(done: pytest.RunResult) -> dict[str, int]:
    return {key: n for key, n in done.parseoutcomes().items() if "warning" not in key}


def test_every_claim_is_an_item_and_all_are_measured_in_one_run(
    pytester: pytest.Pytester, project: Path, asked: Sequence[Options]
) -> None:
    done = run(pytester, "-rA")
    assert outcomes(done) == ENDS
    done.stdout.fnmatch_lines(
        [
            "PASSED specs/tiny.circuit::looks",
            "XFAIL specs/tiny.circuit::fixed - waived until 2099-01-31, because known to look away",
            "FAILED specs/tiny.circuit::stares*",
        ],
        consecutive=False,
    )
    assert [len(options.claims) for options in asked] == [6]


def test_a_failure_is_the_terminal_reports_own_block(
    pytester: pytest.Pytester, project: Path
) -> None:
    shown = run(pytester, "specs/tiny.circuit").stdout.str()
    report = verify.verify_file(project / "tiny.circuit")
    assert not isinstance(report, Blocked)
    blocks = render(replace(report, path="specs/tiny.circuit")).split("\n\n")
    for word in ("fail", "inconclusive", "vacuous"):
        (block,) = [one for one in blocks if one.startswith(f"{word}[claim]")]
        assert block in shown
    assert "ClaimFailedError" not in shown


def test_a_claim_under_else_warn_is_a_warning(pytester: pytest.Pytester, project: Path) -> None:
    done = run(pytester, "-k", "glances")
    assert outcomes(done) == {"passed": 1, "deselected": 5}
    assert "ClaimWarning: warning[claim]: `glances` is" in done.stdout.str()


@pytest.mark.parametrize(
    ("arguments", "claims", "expected"),
    [
        (["-k", "looks or stares"], ("looks", "stares"), {"passed": 1, "failed": 1}),
        (["specs/tiny.circuit::looks"], ("looks",), {"passed": 1}),
        (
            ["specs/tiny.circuit::looks", "specs/tiny.circuit::model_is"],
            ("looks", "model_is"),
            {"passed": 1, "failed": 1},
        ),
    ],
)
def test_only_what_is_selected_is_measured(
    pytester: pytest.Pytester,
    project: Path,
    asked: Sequence[Options],
    arguments: list[str],
    claims: tuple[str, ...],
    expected: dict[str, int],
) -> None:
    ended = outcomes(run(pytester, *arguments))
    assert {key: n for key, n in ended.items() if key != "deselected"} == expected
    assert [options.claims for options in asked] == [claims]


def test_x_stops_at_the_first_claim_that_fails(pytester: pytest.Pytester, project: Path) -> None:
    assert outcomes(run(pytester, "-x")) == {"passed": 1, "failed": 1}


def test_what_could_not_be_measured_is_an_error(
    pytester: pytest.Pytester, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = verify.verify_file

    def broken(*arguments: Any, **others: Any) -> Any:
        report = original(*arguments, **others)
        assert not isinstance(report, Blocked)
        (verdict,) = report.verdicts
        worse = replace(verdict, outcome="error", judged="error", reasons=("not a number",))
        return replace(report, verdicts=(worse,))

    monkeypatch.setattr(verify, "verify_file", broken)
    done = run(pytester, "-k", "looks")
    assert outcomes(done) == {"errors": 1, "deselected": 5}
    assert "error[claim]: `looks` could not be measured" in done.stdout.str()


def test_a_missing_model_is_an_error_or_skipped_if_you_say_so(pytester: pytest.Pytester) -> None:
    write_spec(pytester.path)
    done = run(pytester)
    assert outcomes(done) == {"errors": 6}
    assert "error[model-not-found]" in done.stdout.str()
    assert "pytest_plugin.py" not in done.stdout.str()
    done = run(pytester, "--circuit-skip-missing-models", "-rs")
    assert outcomes(done) == {"skipped": 6}
    assert "its model is not at hand" in done.stdout.str()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("edition 1\n\ncircuit x {\n", "error["),
        ("edition 1\n\ncircuit x {\n}\n", "error[missing-statement]: circuit `x` has no `model`"),
    ],
)
def test_an_invalid_file_is_an_error_of_collection(
    pytester: pytest.Pytester, text: str, said: str
) -> None:
    (pytester.path / "bad.circuit").write_text(text)
    done = run(pytester)
    assert outcomes(done) == {"errors": 1}
    assert said in done.stdout.str()
    assert "--> bad.circuit:" in done.stdout.str()
    assert "Traceback" not in done.stdout.str()


def test_a_file_without_claims_is_not_green(pytester: pytest.Pytester) -> None:
    path = write_spec(pytester.path)
    kept = [line for line in path.read_text().splitlines() if not re.match("  (claim|waive)", line)]
    path.write_text("\n".join([*kept, ""]))
    done = run(pytester)
    assert outcomes(done) == {"errors": 1}
    assert "no claim was judged: nothing is verified" in done.stdout.str()


def test_examples_and_files_from_the_project_file(
    pytester: pytest.Pytester, project: Path, asked: Sequence[Options]
) -> None:
    pytester.makeini("[pytest]\ncircuit_files = *_ci.circuit\ncircuit_examples = 8\n")
    write_spec(project, name="small_ci.circuit")
    shown = run(pytester, "--collect-only", "-q").stdout.str()
    assert "small_ci.circuit::looks" in shown
    assert "tiny.circuit" not in shown
    run(pytester, "-k", "looks")
    run(pytester, "-k", "looks", "--circuit-examples", "4")
    assert [options.examples for options in asked] == [8, 4]


@pytest.mark.parametrize("number", ["0", "-5", "1000000"])
def test_a_number_of_examples_that_is_none_is_refused_once(
    pytester: pytest.Pytester, project: Path, number: str
) -> None:
    done = run(pytester, f"--circuit-examples={number}")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"ERROR: circuit examples are 1 to 100,000, not {number}"])


def test_switched_off_it_collects_nothing(pytester: pytest.Pytester, project: Path) -> None:
    done = pytester.runpytest_subprocess("-p", "no:circuitlang", "specs")
    assert done.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_collecting_needs_no_torch(
    pytester: pytest.Pytester, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    heavy = {'torch', 'transformers', 'numpy', 'scipy', 'networkx'}\n"
        "    print('heavy:', sorted(sys.modules.keys() & heavy))\n"
    )
    plugin = ("-p", "circuitlang.pytest_plugin")
    done = pytester.runpytest_subprocess(*plugin, "--collect-only", "-q", "-s")
    assert done.ret == 0
    done.stdout.fnmatch_lines(["*tiny.circuit::circuit_is", "heavy: [[][]]"])


def test_the_claims_of_a_file_are_one_group_of_xdist(
    pytester: pytest.Pytester, project: Path
) -> None:
    items, _ = pytester.inline_genitems(*PLUGIN)
    marks = [item.get_closest_marker("xdist_group") for item in items]
    assert {mark.args for mark in marks if mark} == {((project / "tiny.circuit").as_posix(),)}
    assert len(marks) == 6


@pytest.mark.parametrize("distribution", ["loadfile", "load"])
def test_spread_over_two_workers_the_verdicts_are_the_same(
    pytester: pytest.Pytester,
    project: Path,
    distribution: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv(CACHE_DIR, str(tmp_path / "cache"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    done = pytester.runpytest_subprocess(*PLUGIN, "-n", "2", "--dist", distribution, "-v")
    assert outcomes(done) == ENDS
    workers = set(re.findall(r"\[(gw\d)\]", done.stdout.str()))
    assert len(workers) == (2 if distribution == "load" else 1)
    assert "fail[claim]: `stares` is" in done.stdout.str()

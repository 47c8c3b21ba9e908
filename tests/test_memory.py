"""`--memory`: amounts, and what a batch makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from circuitlang.cli import cli

SPEC = str(Path(__file__).parents[1] / "specs" / "ioi_smollm2.circuit")


def dry_run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["verify", "--dry-run", *arguments, SPEC])
    return done.exit_code, " ".join(done.output.split())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("4GiB", "4,096 MiB for a batch: 32 examples"),
        ("64MiB", "64 MiB for a batch: 7 examples"),
        ("1 mib", "1 MiB for a batch: not one example fits"),
        ("0.5GB", "476.8 MiB for a batch: 32 examples"),
        ("2048KiB", "2 MiB for a batch: not one example fits"),
    ],
)
def test_the_dry_run_shows_the_budget_and_the_batch(text: str, shown: str) -> None:
    code, out = dry_run("--memory", text)
    assert (code, shown in out) == (0, True), out


def test_a_budget_of_its_own() -> None:
    assert "512 MiB for a batch: 32 examples" in dry_run()[1]


@pytest.mark.parametrize("text", ["4", "GiB", "4 gigs", "-1GiB", "1e9MB", "٤GiB", "0x10MB", ""])
def test_nonsense_is_refused_with_the_units(text: str) -> None:
    code, out = dry_run("--memory", text)
    assert code == 2
    assert "is no amount of memory" in out
    assert "4GiB" in out


@pytest.mark.parametrize("text", ["0MiB", "1KiB", "999999999999999TB"])
def test_amounts_without_sense_are_refused(text: str) -> None:
    code, out = dry_run("--memory", text)
    assert (code, "is not between" in out) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [("--memory", "1GiB", "--executor", "reference"), ("--explain", "--no-cache")],
    ids=["memory of the reference", "explaining no cache"],
)
def test_options_that_contradict_each_other(arguments: tuple[str, ...]) -> None:
    code, out = dry_run(*arguments)
    assert (code, "Error: --" in out) == (2, True)

"""What the data leave possible of a sensitivity matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.dry_run import Options
from circuitlang.plan.sensitivity import ESTIMATORS, Matrix, Which, matrix_of
from circuitlang.run.feasible import without_donor
from circuitlang.task.dataset import Dataset


def matrix_for(circuit: Circuit, dataset: Dataset, options: Options) -> Matrix | None:
    """The matrix that was asked for; None where none was.

    Clean and corrupt prompts of a pair match token by token in every data set that could be built,
    so a counterfactual value is to be had wherever there is a corruption.
    """
    if options.sensitivity is None:
        return None
    alone = without_donor(dataset)
    return matrix_of(
        circuit,
        options.sensitivity,
        options.claims or None,
        {} if alone is None else {"resample": alone},
    )


def matrix_again(circuit: Circuit, recorded: Sequence[Mapping[str, Any]] | None) -> Matrix | None:
    """The matrix that a record holds, made anew from the circuit; None where the record has none.

    Whether values can be resampled is known only where the prompts are, so that, and why not, is
    taken from the record. Raises ShapeNeededError as `make_plan` does.
    """
    if recorded is None:
        return None
    which = which_of(circuit, recorded)
    matrix = matrix_of(circuit, which)
    obstacle = _obstacle(matrix, recorded)
    return matrix if obstacle is None else matrix_of(circuit, which, None, {"resample": obstacle})


def which_of(circuit: Circuit, recorded: Sequence[Mapping[str, Any]]) -> Which:
    """Which claims a record has a matrix of."""
    faithful = [one.name for one in circuit.claims if one.measure.name == "faithfulness"]
    return "faithfulness" if [one["claim"] for one in recorded] == faithful else "all"


def _obstacle(matrix: Matrix, recorded: Sequence[Mapping[str, Any]]) -> str | None:
    """Why values could not be resampled, where the text alone would have let them."""
    if matrix.circuit.policy.ablation.kind == "resample":
        # Then nothing could have been run at all.
        return None
    told = {
        (cell["granularity"], cell["positions"]): cell["reason"]
        for cell in (recorded[0]["cells"] if recorded else ())
        if (cell["ablation"], cell["estimator"]) == ("resample", ESTIMATORS[0])
        and cell["verdict"] is None
    }
    for setting in matrix.settings:
        reason: str | None = told.get((setting.granularity, setting.positions))
        if setting.ablation == "resample" and reason not in (None, setting.reason):
            return reason
    return None

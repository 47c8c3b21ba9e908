"""What the data leave possible of a sensitivity matrix."""

from __future__ import annotations

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.dry_run import Options
from circuitlang.plan.sensitivity import Matrix, matrix_of
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

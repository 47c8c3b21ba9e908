"""A verification's use of the store: what it finds there, what it adds, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from circuitlang.circuit.circuit import Circuit
from circuitlang.pipeline.measure import Measuring, Run, Use
from circuitlang.plan.observations import Keep, Observations
from circuitlang.plan.plan import selected
from circuitlang.plan.request import Request
from circuitlang.report.reuse import Reuse
from circuitlang.store.explain import Basis, basis_of, listed, read_basis, reasons
from circuitlang.store.keys import Engine, Filing
from circuitlang.store.place import store_folder
from circuitlang.store.store import Store
from circuitlang.task.build import digest_of
from circuitlang.task.dataset import Dataset, Tokens


class Cache:
    """The store beside a spec, opened for one verification of the claims named in ``only``."""

    def __init__(
        self,
        path: Path,
        circuit: Circuit,
        only: Collection[str] | None,
        engine: Engine,
        dataset: Dataset,
    ) -> None:
        self.store = Store(store_folder(path))
        self._circuit, self._dataset, self._engine = circuit, dataset, engine
        self._spec = _name(path, self.store.folder)
        self._now = {
            claim.name: basis_of(
                circuit, claim, engine, dataset.digest, len(dataset), finished=True
            )
            for claim in selected(circuit, only)
        }
        self._before = {name: self._last(name) for name in self._now}
        self._started = False

    def measuring(
        self,
        run: Run,
        donors: Callable[[], Sequence[int]],
        sequences: Callable[[int, int], Sequence[Tokens]],
    ) -> Measuring:
        """``run`` with the store before and behind it; see `Filing` for the other two."""

        def noted(
            requests: Sequence[Request], only: Collection[int] | None, keep: Keep | None
        ) -> Observations:
            if not self._started:
                self._write(finished=False)
                self._started = True
            return run(requests, only, keep)

        filing = Filing(
            self._engine, self._dataset, self._circuit.policy.ablation, donors, sequences
        )
        return Measuring(self.store, filing, self._dataset.templates, noted)

    def finish(self) -> None:
        """Notes that the claims have been measured."""
        if self._started or self._before != self._now:
            self._write(finished=True)

    def reuse(
        self, needs: Mapping[str, Mapping[str, Request]], uses: Mapping[Request, Use]
    ) -> Mapping[str, Reuse]:
        """What of each claim's numbers was found. ``needs`` are the requests that it reads, by
        label."""
        return {name: self._reuse(name, reads, uses) for name, reads in needs.items()}

    def _reuse(
        self, claim: str, reads: Mapping[str, Request], uses: Mapping[Request, Use]
    ) -> Reuse:
        of_claim = [uses[request] for request in dict.fromkeys(reads.values())]
        found, needed = sum(use.found for use in of_claim), sum(use.needed for use in of_claim)
        if found == needed:
            return Reuse(found, needed)
        before = self._before[claim]
        why = list(reasons(before, self._now[claim], self._prefix))
        if any(use.spoilt for use in of_claim):
            why.append("an entry was damaged")
        new = [label for label, request in reads.items() if not uses[request].found]
        if before is not None and found and new:
            why.append(f"new: {listed(new)}")
        return Reuse(found, needed, tuple(why or ["its numbers were no longer there"]))

    def _prefix(self, examples: int) -> str:
        return digest_of(self._dataset.examples[:examples], self._dataset.metric)

    def _last(self, claim: str) -> Basis | None:
        text = self.store.basis(self._spec, claim)
        return None if text is None else read_basis(text)

    def _write(self, *, finished: bool) -> None:
        bases = {
            name: replace(basis, finished=finished).to_text() for name, basis in self._now.items()
        }
        self.store.set_bases(self._spec, bases)


def _name(path: Path, folder: Path) -> str:
    """The spec's path from the folder that the store is in, so that a project can be moved."""
    spec = path.resolve()
    project = folder.resolve().parent
    return str(spec.relative_to(project) if spec.is_relative_to(project) else spec)

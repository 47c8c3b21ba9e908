"""What a stored number is filed under: everything that it depends on, and nothing else.

A number is the answer of one request on one example. Its key has two halves.

*The request*: what computes (model, dtype, device, executor, versions, the source code of the rooms
that compute), the request's canonical text, and the ablation where the request removes anything.

*The example*: the tokens, the named positions and the targets, and, where the request removes
anything, the tokens from which the ablated values come: the example's own corrupt prompt, its
donor's, or all those that its mean is taken over.

So a change of the ablation measures no attention again, and more examples measure only those that
are new (unless a mean is taken over them). Neither half holds the seed where what it draws is
tokens; a random pair of matrices is its seed and the number of its draw.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from circuitlang.circuit.circuit import Ablation
from circuitlang.plan.canonical import Canon
from circuitlang.plan.request import (
    Attention,
    Composition,
    Copying,
    Evaluation,
    RepeatedTokens,
    Request,
)
from circuitlang.plan.sharing import reading_of
from circuitlang.plan.variant import removes
from circuitlang.task.dataset import Dataset, Tokens

# Of the meaning of keys and of the layout of parcels: a higher number leaves all older ones behind.
VERSION = 1

_COMPUTING = ("circuit", "model", "plan", "run")
# A folder of these that only draws: to draw better changes no number.
_DRAWING = "circuit/drawing"

Key = bytes  # 32 bytes: a SHA-256


@dataclass(frozen=True)
class Engine:
    """What computes. ``versions`` are those of the distributions that numbers come from."""

    model: str
    dtype: str
    device: str
    executor: str
    versions: Mapping[str, str]
    code: str

    @cached_property
    def key(self) -> Key:
        return _sha(json.dumps([VERSION, asdict(self)], sort_keys=True))


def code_digest() -> str:
    """SHA-256 of the source of the rooms that numbers come from, in hexadecimal. A mended executor
    answers anew, whether or not anybody thought of a version."""
    total = hashlib.sha256()
    for room in _COMPUTING:
        for name, source in sorted(_sources(files("circuitlang").joinpath(room), room)):
            total.update(f"{name}\0".encode() + hashlib.sha256(source).digest())
    return total.hexdigest()


def _sources(folder: Traversable, name: str) -> Iterable[tuple[str, bytes]]:
    for entry in folder.iterdir():
        inner = f"{name}/{entry.name}"
        if entry.is_dir() and entry.name != "__pycache__" and inner != _DRAWING:
            yield from _sources(entry, inner)
        elif entry.name.endswith(".py"):
            yield inner, entry.read_bytes()


class Filing:
    """The keys of one verification: of its requests, and of the examples that each asks for.

    ``donors`` gives each example's donor, for an ablation that resamples; ``sequences`` the random
    tokens for a length and a number of examples.
    """

    def __init__(
        self,
        engine: Engine,
        dataset: Dataset,
        ablation: Ablation,
        donors: Callable[[], Sequence[int]],
        sequences: Callable[[int, int], Sequence[Tokens]],
    ) -> None:
        self._engine, self._dataset, self._ablation = engine, dataset, ablation
        self._donors, self._sequences = donors, sequences
        self._canon = Canon()
        self._under: dict[Ablation, tuple[Key, ...]] = {}
        self._repeated: dict[tuple[int, int], tuple[Key, ...]] = {}
        self._draws: dict[int, tuple[Key, ...]] = {}

    def request(self, request: Request) -> Key:
        """Which examples are asked for is no part of the key: a number belongs to its example."""
        removed: str | None = None
        match request:
            case Evaluation(variant=variant):
                reading = reading_of(request, self._dataset.metric)
                text = f"{reading} of {self._canon.text(variant)}"
                removed = str(self._of(request)) if removes(variant) else None
            case RepeatedTokens():
                text = self._canon.text(request._replace(examples=0))
            case Composition():
                text = self._canon.text(request._replace(draws=0))
            case Attention() | Copying():
                text = self._canon.text(request)
        return _sha(self._engine.key.hex() + json.dumps([text, removed]))

    def examples(self, request: Request) -> tuple[Key, ...]:
        """One key for each of the dataset's examples, in its order, for each sequence or draw."""
        match request:
            case Composition(draws=count):
                if count not in self._draws:
                    self._draws[count] = tuple(_sha(f"draw {i}") for i in range(count))
                return self._draws[count]
            case RepeatedTokens(length=length, examples=count):
                if (length, count) not in self._repeated:
                    made = self._sequences(length, count)
                    self._repeated[length, count] = tuple(_sha(json.dumps(ids)) for ids in made)
                return self._repeated[length, count]
            case Evaluation(variant=variant) if removes(variant):
                return self._ablated(self._of(request))
            case _:
                return self._clean

    @cached_property
    def _clean(self) -> tuple[Key, ...]:
        return tuple(
            _sha(
                json.dumps(
                    [
                        example.clean,
                        sorted(example.positions.items()),
                        [asdict(target) for target in example.targets],
                    ],
                    sort_keys=True,
                )
            )
            for example in self._dataset.examples
        )

    def _of(self, request: Evaluation) -> Ablation:
        return request.ablation or self._ablation

    def _ablated(self, ablation: Ablation) -> tuple[Key, ...]:
        if ablation not in self._under:
            pairs = zip(self._clean, self._origins(ablation), strict=True)
            self._under[ablation] = tuple(
                hashlib.sha256(clean + origin).digest() for clean, origin in pairs
            )
        return self._under[ablation]

    def _origins(self, ablation: Ablation) -> Sequence[Key]:
        """For each example a digest of the tokens that its ablated values come from."""
        examples = self._dataset.examples
        if ablation.kind == "zero" or ablation.corrupt is None:
            return [b""] * len(examples)
        corrupt = [_sha(json.dumps(one.corrupt.get(ablation.corrupt))) for one in examples]
        match ablation.kind:
            case "counterfactual":
                return corrupt
            case "resample":
                return [corrupt[donor] for donor in self._donors()]
            case "mean":
                groups = [one.template if ablation.by == "prompt" else "" for one in examples]
                joined = {group: hashlib.sha256() for group in groups}
                for group, tokens in zip(groups, corrupt, strict=True):
                    joined[group].update(tokens)
                return [joined[group].digest() for group in groups]


def _sha(text: str) -> Key:
    return hashlib.sha256(text.encode()).digest()

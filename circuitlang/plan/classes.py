"""Position classes: tokens that no variant of a plan tells apart.

What an edge carries at a token depends on the named positions that the token bears. So tokens
are sorted into classes by the names they bear, and by the names borne before them: a token in
front of every named position sees nothing of a change at one. A plan then speaks of classes, and
holds for every example.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from circuitlang.circuit.positions import Positions

# Beyond this many classes, what stands before a token no longer tells classes apart.
_MOST = 64

Bits = int  # a set of classes: bit c is class c


class Layout(NamedTuple):
    """An example as the planner sees it: how long it is, where its named positions are, and the
    token positions that the metric reads."""

    length: int
    positions: Mapping[str, Sequence[int]]
    read: Sequence[int]


class _Signature(NamedTuple):
    """What a token bears."""

    names: frozenset[str]
    read: bool

    def __str__(self) -> str:
        return "&".join(sorted(self.names)) or ("read" if self.read else "rest")


@dataclass(frozen=True)
class Classes:
    """``labels`` name the classes, such as ``END`` or ``rest.2``. ``bears`` holds the names that a
    class's tokens bear. ``before[c]`` are the classes with a token at or before one of class c in
    some example: what can influence c through causal attention. ``read`` are the classes that the
    metric reads. ``tokens`` gives the class of every token of every example.
    """

    labels: tuple[str, ...]
    bears: tuple[frozenset[str], ...]
    before: tuple[Bits, ...]
    read: Bits
    tokens: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.labels)

    def mask(self, at: Positions) -> Bits:
        """The classes whose tokens are in ``at``."""
        found = 0
        for c, names in enumerate(self.bears):
            if bool(names & at.names) != at.complement:
                found |= 1 << c
        return found

    def seen_by(self, classes: Bits) -> Bits:
        """Everything that can influence one of these classes, themselves included."""
        seen = 0
        for c in bits(classes):
            seen |= self.before[c]
        return seen

    def counts(self) -> tuple[int, ...]:
        """How many tokens each class has over all examples."""
        total = [0] * len(self)
        for tokens in self.tokens:
            for c in tokens:
                total[c] += 1
        return tuple(total)


def bits(classes: Bits) -> Iterator[int]:
    """The members of a set of classes, ascending."""
    while classes:
        lowest = classes & -classes
        yield lowest.bit_length() - 1
        classes ^= lowest


def classes_of(layouts: Sequence[Layout], names: Collection[str]) -> Classes:
    """Sorts the tokens of all examples by those of ``names`` that they bear.

    Raises KeyError where an example lacks one of the names.
    """
    signatures = [_signatures(layout, names) for layout in layouts]
    kinds = [_kinds(row) for row in signatures]
    if len({kind for row in kinds for kind in row}) > _MOST:
        kinds = [[(signature, frozenset()) for signature in row] for row in signatures]
    index: dict[tuple[_Signature, frozenset[_Signature]], int] = {}
    tokens = tuple(tuple(index.setdefault(kind, len(index)) for kind in row) for row in kinds)

    before = [0] * len(index)
    for row in tokens:
        seen = 0
        for c in row:
            seen |= 1 << c
            before[c] |= seen
    return Classes(
        labels=_labels([signature for signature, _ in index]),
        bears=tuple(signature.names for signature, _ in index),
        before=tuple(before),
        read=sum(1 << c for (signature, _), c in index.items() if signature.read),
        tokens=tokens,
    )


def _signatures(layout: Layout, names: Collection[str]) -> list[_Signature]:
    borne: list[set[str]] = [set() for _ in range(layout.length)]
    for name in names:
        for position in layout.positions[name]:
            borne[position].add(name)
    read = set(layout.read)
    return [_Signature(frozenset(own), i in read) for i, own in enumerate(borne)]


def _kinds(row: Sequence[_Signature]) -> list[tuple[_Signature, frozenset[_Signature]]]:
    """Each token's signature with the other marked signatures that stand before it."""
    plain = _Signature(frozenset(), False)
    seen: frozenset[_Signature] = frozenset()
    kinds = []
    for signature in row:
        kinds.append((signature, seen - {signature}))
        if signature != plain and signature not in seen:
            seen |= {signature}
    return kinds


def _labels(signatures: Sequence[_Signature]) -> tuple[str, ...]:
    """The signature's name, numbered where several classes share it."""
    texts = [str(signature) for signature in signatures]
    used: dict[str, int] = {}
    labels = []
    for text in texts:
        used[text] = used.get(text, 0) + 1
        labels.append(f"{text}.{used[text]}" if texts.count(text) > 1 else text)
    return tuple(labels)

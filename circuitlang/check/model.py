"""The `model` statement: where the model comes from, and its shape as far as that is known."""

from __future__ import annotations

import json
from pathlib import Path

from circuitlang.check.arguments import bind, settings_of
from circuitlang.check.checked import Checked
from circuitlang.check.files import inside
from circuitlang.check.scope import Scope
from circuitlang.check.suggest import suggest
from circuitlang.check.vocabulary import MODEL_SCHEMES, MODEL_SETTINGS
from circuitlang.circuit.circuit import ModelRef
from circuitlang.circuit.shape import ModelShape
from circuitlang.circuit.shapes import known_shape, shape_from_config
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Severity
from circuitlang.syntax.source import Span

_MOST_CONFIG_BYTES = 1 << 20


def check_model(
    model: tree.Model, root: Path
) -> Checked[tuple[ModelRef | None, ModelShape | None]]:
    """The model that is meant, and its shape; None for a shape that only its files would tell."""
    keyword = tree.Name("model", Span(model.span.start, model.span.start + len("model")))
    values = yield from bind(
        keyword, settings_of(model.settings), MODEL_SETTINGS, Scope(), settings=True
    )
    source = model.source.value
    scheme, colon, rest = source.partition(":")
    if not colon or scheme not in MODEL_SCHEMES or not rest.strip():
        yield Diagnostic(
            "unknown-model-source",
            f'"{source[:80]}" does not say where the model comes from',
            model.source.span,
            help=_source_help(source),
        )
        return None, None
    if scheme == "path" and (yield from inside(root, rest, model.source.span)) is None:
        return None, None
    shape = _local_shape(root / rest) if scheme == "path" else known_shape(source)
    if values is None:
        return None, shape
    if scheme == "hf" and values.get("revision") is None:
        yield Diagnostic(
            "unpinned-model",
            f"`{rest}` can change on the hub without the spec changing",
            model.source.span,
            help='pin it in the braces of the model: `revision = "<commit>"`',
            severity=Severity.WARNING,
        )
    if shape is None:
        yield Diagnostic(
            "unknown-shape",
            f"the shape of `{source[:80]}` is known only from its files; heads and layers are "
            "checked when it is loaded",
            model.source.span,
            severity=Severity.WARNING,
        )
    return ModelRef(source, values.get("revision"), str(values["dtype"]), model.span), shape


def _source_help(source: str) -> str:
    scheme, colon, _ = source.partition(":")
    if not colon:
        return f'write "hf:{source}" for a model of the hub, "path:{source}" for a folder'
    return suggest(scheme, MODEL_SCHEMES, "sources") or f'write "{scheme}:" and a name'


def _local_shape(folder: Path) -> ModelShape | None:
    """The shape that a folder's `config.json` states; None where there is none to be had."""
    try:
        with (folder / "config.json").open("rb") as file:
            content = file.read(_MOST_CONFIG_BYTES + 1)
        config = json.loads(content) if len(content) <= _MOST_CONFIG_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None
    return shape_from_config(config) if isinstance(config, dict) else None

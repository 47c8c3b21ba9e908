"""Model folders on disk, as a user would have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from circuitlang.circuit.circuit import ModelRef
from circuitlang.model.family import Config
from circuitlang.model.load import open_model
from circuitlang.syntax.diagnostic import Diagnostic
from tests.model.tiny import byte_tokenizer, random_model


def save(folder: Path, config: Config, **options: Any) -> Path:
    """A folder with safetensors, configuration and tokenizer, and the folder's path."""
    random_model(config, dtype=torch.float32).save_pretrained(str(folder), **options)
    byte_tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>"}))
    return folder


def refused(source: str, root: Path, **options: Any) -> Diagnostic:
    """The one diagnostic with which the model is refused."""
    decoder, problems = open_model(ModelRef(source), root, **options)
    assert decoder is None
    (problem,) = problems
    return problem


def edit_config(folder: Path, **changes: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))

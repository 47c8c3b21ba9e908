"""From a model reference to a `Decoder`: weights of a known architecture, and no code but our own.

`trust_remote_code` is off, pickles are refused, and a configuration that asks for far more than its
weight files hold is refused before anything is allocated. Attention is transformers' `eager`
implementation: the one whose arithmetic is written out, and so can be taken apart and compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers.utils import logging as chatter

from circuitlang.circuit.circuit import ModelRef
from circuitlang.circuit.shape import ModelShape
from circuitlang.model.decoder import Decoder
from circuitlang.model.double import lift
from circuitlang.model.family import Config, Family, Model, family, supported
from circuitlang.model.gguf import remembered
from circuitlang.model.refusal import RefusedError, first_line, listed
from circuitlang.model.source import Files, locate
from circuitlang.model.tokenizer import from_folder, from_gguf
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.task.tokenizer import Tokenizer

Diagnostics = tuple[Diagnostic, ...]

DTYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.bfloat16}

# The densest GGUF types spend 1.5 bits on a weight; nothing real gets near eight weights a byte.
_WEIGHTS_PER_BYTE = 8
_MOST_LAYERS = 1_000


@dataclass(frozen=True, eq=False)
class Prospect:
    """A model whose files have been found and understood, and whose weights have not been loaded.

    ``digest`` is that of the `Decoder` that `load_model` makes of it. ``hardware`` names what it is
    to run on: `cpu`, or the GPU's model.
    """

    ref: ModelRef
    files: Files
    device: torch.device
    family: Family
    config: Config
    shape: ModelShape
    tokenizer: Tokenizer
    digest: str

    @property
    def hardware(self) -> str:
        if self.device.type == "cuda":
            return torch.cuda.get_device_name(self.device)
        return self.device.type


def survey_model(
    ref: ModelRef, root: Path, device: str = "cpu"
) -> tuple[Prospect | None, Diagnostics]:
    """Everything about the model that ``ref`` names but its weights.

    ``root`` is the spec's folder; ``device`` is `cpu`, `cuda`, `cuda:N` or `auto`. Never raises for
    what the reference, its files or the device say.

    Codes: model-not-found, unsafe-path, pickle-checkpoint, bad-checkpoint, bad-tokenizer,
    unsupported-architecture, unknown-device.
    """
    try:
        place = _device(device)
        with _quiet(), remembered():
            files = locate(ref, root)
            tokenizer = _tokenizer(ref, files)
            record, config, shape = _architecture(ref, files)
    except RefusedError as refusal:
        return None, (refusal.diagnostic(ref),)
    return Prospect(ref, files, place, record, config, shape, tokenizer, _digest(files)), ()


def load_model(prospect: Prospect) -> tuple[Decoder | None, Diagnostics]:
    """The model, ready to run, in the dtype of its reference.

    Codes: bad-checkpoint, not-enough-memory.
    """
    ref, record = prospect.ref, prospect.family
    try:
        with _quiet(), remembered():
            model = _model(ref, prospect.files, prospect.config, prospect.device)
            if ref.dtype == "float64":
                lift(model, record)
    except RefusedError as refusal:
        return None, (refusal.diagnostic(ref),)
    return Decoder(model, record, prospect.shape, prospect.tokenizer, prospect.digest), ()


def open_model(
    ref: ModelRef, root: Path, device: str = "cpu"
) -> tuple[Decoder | None, Diagnostics]:
    """The model that ``ref`` names, with its tokenizer, ready to run: `survey_model`, then
    `load_model`, with the codes of both."""
    with remembered():
        prospect, problems = survey_model(ref, root, device)
        return (None, problems) if prospect is None else load_model(prospect)


def open_tokenizer(ref: ModelRef, root: Path) -> tuple[Tokenizer | None, Diagnostics]:
    """The tokenizer alone; of `hf:` models no weights are downloaded.

    Codes: model-not-found, unsafe-path, bad-tokenizer.
    """
    try:
        with _quiet():
            return _tokenizer(ref, locate(ref, root, weights=False)), ()
    except RefusedError as refusal:
        return None, (refusal.diagnostic(ref),)


def _device(name: str) -> torch.device:
    there = ["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]
    if name == "auto":
        return torch.device(there[1] if len(there) > 1 else "cpu")
    if name == "cuda" and len(there) > 1:
        return torch.device(there[1])
    if name in there:
        return torch.device(name)
    advice = f"choose among {listed([*there, 'auto'])}"
    raise RefusedError("unknown-device", f"this machine has no device `{name}`", advice)


def _tokenizer(ref: ModelRef, files: Files) -> Tokenizer:
    try:
        found = from_gguf(files.gguf) if files.gguf else from_folder(files.folder)
    except Exception as error:  # a damaged file breaks its parser in any way there is
        message = f"the tokenizer of `{ref.source}` cannot be read: {first_line(error)}"
        raise RefusedError("bad-tokenizer", message) from error
    if found is None:
        raise RefusedError(
            "bad-tokenizer",
            f"`{ref.source}` has no `tokenizer.json`, the only kind of tokenizer that is read",
            "`AutoTokenizer.from_pretrained(...).save_pretrained(folder)` writes one",
        )
    return found


def _architecture(ref: ModelRef, files: Files) -> tuple[Family, Config, ModelShape]:
    """Reads the configuration alone; nothing of the model's size is allocated yet."""

    def unsupported(reason: str) -> RefusedError:
        message = f"`{ref.source}` cannot be taken apart into components: {reason}"
        advice = f"supported families: {listed(list(supported()))}"
        return RefusedError("unsupported-architecture", message, advice)

    where: dict[str, Any] = {"gguf_file": files.gguf.name} if files.gguf else {}
    try:
        config: Config = transformers.AutoConfig.from_pretrained(
            str(files.folder), local_files_only=True, trust_remote_code=False, **where
        )
    except Exception as error:  # as above
        raise unsupported(f"its configuration is not understood: {first_line(error)}") from error
    record = family(str(config.model_type))
    if record is None:
        raise unsupported(f"it is of the family `{config.model_type}`")
    for setting in ("quantization_config", "transformers_weights"):
        if getattr(config, setting, None) is not None:
            raise unsupported(f"its configuration sets `{setting}`")
    if (files.folder / "adapter_config.json").exists():
        raise unsupported("it is an adapter to another model")
    try:
        objection, shape = record.objection(config), record.shape(config)
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
        raise unsupported(f"its configuration makes no sense: {first_line(error)}") from error
    if objection:
        raise unsupported(objection)
    asked, held = _weight_count(shape), sum(file.stat().st_size for file in files.weights)
    if shape.n_layers > _MOST_LAYERS or asked > _WEIGHTS_PER_BYTE * held:
        raise _bad(
            ref,
            f"its configuration asks for {asked:,} weights in {shape.n_layers:,} layers, "
            f"its files hold {held:,} bytes",
        )
    return record, config, shape


def _weight_count(shape: ModelShape) -> int:
    """How many weights the matrices of a model of that shape hold at the least."""
    attention = 2 * shape.d_model * shape.d_head * (shape.n_heads + shape.n_kv_heads)
    mlp = 2 * shape.d_model * shape.d_mlp
    return shape.vocab_size * shape.d_model + shape.n_layers * (attention + mlp)


def _model(ref: ModelRef, files: Files, config: Config, device: torch.device) -> Model:
    """The Hugging Face model on ``device``, in evaluation mode."""
    form: dict[str, Any] = {"use_safetensors": True}
    if files.gguf:
        form = {"gguf_file": files.gguf.name}
    loader: Any = transformers.AutoModelForCausalLM
    try:
        model, report = loader.from_pretrained(
            str(files.folder),
            config=config,
            dtype=DTYPES[ref.dtype],
            attn_implementation="eager",
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
            **form,
        )
        model.to(device)
    except Exception as error:  # as above
        if isinstance(error, (MemoryError, torch.OutOfMemoryError)) or "Allocator" in str(error):
            message = f"`{ref.source}` in {ref.dtype} does not fit into the memory of `{device}`"
            raise RefusedError("not-enough-memory", message) from error
        raise _bad(ref, f"it cannot be read: {first_line(error)}") from error
    # transformers fills what a checkpoint lacks with random numbers and goes on.
    if missing := sorted(map(str, (*report["missing_keys"], *report["mismatched_keys"]))):
        raise _bad(ref, f"its files lack `{missing[0]}`")
    model.eval().requires_grad_(False)
    return model


def _digest(files: Files) -> str:
    """SHA-256 over name, size and content of each weight file, and of `config.json`: settings such
    as the rotary base change every number without touching a weight."""
    total = hashlib.sha256()
    config = files.folder / "config.json"
    for file in (*files.weights, *(() if files.gguf else (config,))):
        total.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                total.update(chunk)
    return total.hexdigest()


@contextmanager
def _quiet() -> Iterator[None]:
    """transformers without progress bars and chatter; what goes wrong it says in exceptions."""
    settings: Any = chatter
    verbosity, bars = settings.get_verbosity(), settings.is_progress_bar_enabled()
    settings.set_verbosity(settings.CRITICAL)
    settings.disable_progress_bar()
    try:
        # The GGUF reader has a progress bar of its own that no setting reaches.
        with redirect_stderr(StringIO()):
            yield
    finally:
        settings.set_verbosity(verbosity)
        if bars:
            settings.enable_progress_bar()


def _bad(ref: ModelRef, reason: str) -> RefusedError:
    return RefusedError("bad-checkpoint", f"`{ref.source}` is no usable checkpoint: {reason}")

"""Where a model's files are: `hf:`, `path:`, `pkg:` and `builtin:` references to one folder.

Nothing is opened here but JSON, and nothing is imported from what is found. Weights are
safetensors or GGUF; a checkpoint that only unpickling could read is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path, PurePosixPath

from circuitlang.circuit.circuit import ModelRef
from circuitlang.model.hub import fetch, root_files
from circuitlang.model.refusal import RefusedError, listed, not_found

BUILTIN = Path(__file__).parent / "builtin"

_INDEX = "model.safetensors.index.json"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_DISTRIBUTION = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\Z")
_SCHEMES = "`hf:org/name`, `path:folder`, `pkg:distribution` or `builtin:name`"


@dataclass(frozen=True)
class Files:
    """A model's folder.

    ``weights`` are sorted by name, and empty where they were not asked for. ``gguf`` is the one
    file that holds configuration, tokenizer and weights, where the model comes as such.
    """

    folder: Path
    weights: tuple[Path, ...] = ()
    gguf: Path | None = None


def locate(ref: ModelRef, root: Path, *, weights: bool = True) -> Files:
    """The files that ``ref`` names.

    ``root`` is the spec's folder, which `path:` references may not leave. With ``weights`` false
    only configuration and tokenizer are looked up (and downloaded, for `hf:`).

    Refused: model-not-found, unsafe-path, pickle-checkpoint, bad-checkpoint.
    """
    scheme, _, rest = ref.source.partition(":")
    match scheme:
        case "hf":
            folder = fetch(rest, ref.revision, weights=weights)
            return _in_folder(ref, folder, weights, lambda: root_files(rest, ref.revision))
        case "path":
            return _in_folder(ref, _project_folder(rest, root), weights)
        case "pkg":
            return _in_folder(ref, _distribution_folder(rest), weights)
        case "builtin":
            return _in_folder(ref, _builtin_folder(rest), weights)
    raise not_found(f"`{ref.source}` names no model source", f"write {_SCHEMES}")


def builtin_names() -> tuple[str, ...]:
    """The models that this installation ships, by name."""
    return tuple(sorted(path.parent.name for path in BUILTIN.glob("*/config.json")))


def _builtin_folder(name: str) -> Path:
    names = builtin_names()
    if name in names:
        return BUILTIN / name
    if near := get_close_matches(name, names, n=1):
        advice = f"did you mean `builtin:{near[0]}`?"
    elif names:
        advice = "there are " + ", ".join(f"`builtin:{known}`" for known in names)
    else:
        advice = "this version ships no models; use `hf:`, `path:` or `pkg:`"
    raise not_found(f"no built-in model is named `{name}`", advice)


def _project_folder(text: str, root: Path) -> Path:
    pure = PurePosixPath(text)
    project = root.resolve()
    folder = project / pure
    if pure.is_absolute() or ".." in pure.parts or not folder.resolve().is_relative_to(project):
        raise _unsafe(f"`{text}` leads out of the spec's own folder")
    if not folder.is_dir():
        holds = "a Hugging Face folder holds `config.json`, `tokenizer.json`, `model.safetensors`"
        raise not_found(f"there is no folder `{text}` beside the spec", holds)
    for file in sorted(folder.iterdir()):
        if not file.resolve().is_relative_to(project):
            raise _unsafe(f"`{text}/{file.name}` is a link that leads out of the spec's own folder")
    return folder


def _distribution_folder(name: str) -> Path:
    if not _DISTRIBUTION.match(name):
        raise not_found(f"`{name}` is no name of a distribution")
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError as error:
        advice = f"if you trust it: `pip install --no-deps {name}`"
        raise not_found(f"the distribution `{name}` is not installed here", advice) from error
    shipped = [Path(str(distribution.locate_file(file))) for file in distribution.files or ()]
    folders = {file.parent for file in shipped if file.suffix in (".gguf", ".safetensors")}
    if len(folders) == 1:
        return folders.pop()
    if folders:
        names = listed(sorted(folder.name for folder in folders))
        raise not_found(f"`{name}` ships weights in several folders: {names}")
    if pickles := _pickles(file.name for file in shipped):
        raise _pickled(f"pkg:{name}", pickles)
    raise not_found(f"`{name}` is installed, but ships no .gguf or .safetensors file")


def _in_folder(
    ref: ModelRef, folder: Path, weights: bool, elsewhere: Callable[[], Iterable[str]] = tuple
) -> Files:
    """``elsewhere`` lists names that the folder's origin holds besides, to recognise a pickle."""
    names = sorted(file.name for file in folder.iterdir() if file.is_file())
    tensors = [name for name in names if name.endswith(".safetensors")]
    ggufs = [name for name in names if name.endswith(".gguf")]
    if ggufs and not tensors:
        if len(ggufs) > 1:
            raise not_found(f"several .gguf files and no way to choose: {listed(ggufs)}")
        return Files(folder, (folder / ggufs[0],), folder / ggufs[0])
    if not weights:
        return Files(folder)
    if not tensors:
        if pickles := _pickles([*names, *elsewhere()]):
            raise _pickled(ref.source, pickles)
        raise not_found(f"`{ref.source}` holds no .safetensors or .gguf file")
    if "config.json" not in names:
        raise not_found(f"`{ref.source}` holds weights but no `config.json`")
    return Files(folder, tuple(folder / name for name in _shards(folder, tensors)))


def _shards(folder: Path, tensors: list[str]) -> list[str]:
    """The files that make up the checkpoint."""
    if "model.safetensors" in tensors:
        return ["model.safetensors"]
    index = folder / _INDEX
    if not index.is_file():
        raise RefusedError("bad-checkpoint", f"there is neither `model.safetensors` nor `{_INDEX}`")
    try:
        named = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"`{_INDEX}` is not a map of tensors to files"
        raise RefusedError("bad-checkpoint", message) from error
    # An index comes from a stranger: a name with a folder in it could lead anywhere.
    if strange := [str(name) for name in named if name not in tensors]:
        message = f"`{_INDEX}` names `{strange[0]}`, which does not lie beside it"
        raise RefusedError("bad-checkpoint", message)
    return named


def _pickles(names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name.endswith(_PICKLES)})


def _pickled(source: str, pickles: list[str]) -> RefusedError:
    return RefusedError(
        "pickle-checkpoint",
        f"`{source}` has its weights in {listed(pickles[:3])}, which only unpickling can read",
        "convert them once, where you trust them, with `save_pretrained`, "
        "which writes `model.safetensors`",
    )


def _unsafe(message: str) -> RefusedError:
    advice = "a model folder lies inside the project: a relative path without `..`"
    return RefusedError("unsafe-path", message, advice)

"""The Hugging Face hub and its local cache; the only place that may use the network."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from huggingface_hub import constants, list_repo_files, snapshot_download
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

from circuitlang.model.refusal import first_line, not_found

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?\Z", re.ASCII)
_SMALL_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json")
_WEIGHT_FILES = ("*.safetensors", "model.safetensors.index.json", "*.gguf")
_NOT_WANTED = ("*/*", "consolidated*", "adapter_*")


def fetch(name: str, revision: str | None, *, weights: bool) -> Path:
    """The snapshot folder of repository ``name``.

    Downloads what the cache lacks; without a network the cache alone is used. Pickles are never
    asked for. Refused: model-not-found.
    """
    if not _REPOSITORY.match(name):
        raise not_found(f"`{name}` is no repository name", "write `hf:org/name`")
    at = f" at revision `{revision}`" if revision else ""
    try:
        folder = snapshot_download(
            name,
            revision=revision,
            allow_patterns=[*_SMALL_FILES, *(_WEIGHT_FILES if weights else ())],
            ignore_patterns=list(_NOT_WANTED),
            etag_timeout=10,
            local_files_only=not _reachable(),
        )
    except RevisionNotFoundError as error:
        raise not_found(f"the hub has no `{name}`{at}") from error
    except RepositoryNotFoundError as error:
        advice = "check the name; a gated model needs `hf auth login`"
        raise not_found(f"the hub shows no model `{name}`", advice) from error
    except (OSError, ValueError) as error:
        raise not_found(
            f"`{name}`{at} is not in the local Hugging Face cache, and the hub did not answer",
            f"download it where there is a network: `hf download {name}`",
            f"tried the hub, then the cache: {first_line(error)}",
        ) from error
    return Path(folder)


def root_files(name: str, revision: str | None) -> tuple[str, ...]:
    """The names at the top of the repository; none where the hub does not answer."""
    if not _reachable():
        return ()
    try:
        files = list_repo_files(name, revision=revision)
    except (OSError, ValueError):
        return ()
    return tuple(file for file in files if "/" not in file)


def _reachable() -> bool:
    """Whether the hub's host has an address here. Without a network the client would retry for half
    a minute before it looked into the cache. Behind a proxy, the proxy resolves names."""
    if getproxies():
        return True
    try:
        socket.getaddrinfo(urlsplit(constants.ENDPOINT).hostname, 443)
    except OSError:
        return False
    return True

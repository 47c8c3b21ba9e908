"""A peer's worker: `python -m bench.peers.worker PEER MODEL_FOLDER THREADS`.

Imports one peer only, so that a process's memory is that peer's.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import torch

from bench.protocol import serve

PEERS = {"lens": "Lens", "paths": "Paths", "auto": "Auto", "eap": "Eap"}


def main() -> None:
    peer, folder, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.set_grad_enabled(False)
    loaded = getattr(import_module(f"bench.peers.{peer}"), PEERS[peer])(Path(folder))
    serve(loaded.operations())


if __name__ == "__main__":
    main()

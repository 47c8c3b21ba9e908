"""What a result was taken on."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch


def hardware(threads: int) -> dict[str, Any]:
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "threads": threads,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "torch": version("torch"),
        "transformers": version("transformers"),
    }


def peak_flops(size: int = 1536, tries: int = 8) -> float:
    """FLOP/s of the best of a few square matrix products in float32."""
    a, b = torch.randn(size, size), torch.randn(size, size)

    def seconds() -> float:
        started = time.perf_counter()
        a @ b
        return time.perf_counter() - started

    return float(2 * size**3 / min(seconds() for _ in range(tries)))


def load_average() -> float:
    """Over the last minute. The benchmark's own work is in it."""
    return round(os.getloadavg()[0], 2)


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()

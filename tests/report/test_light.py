from __future__ import annotations

import subprocess
import sys


def test_reading_and_writing_reports_loads_nothing_heavy() -> None:
    code = "import sys, circuitlang.report, circuitlang.report.write; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"numpy", "torch", "networkx"}.isdisjoint(done.stdout.split())

"""How long `circuitlang check` takes on a sound spec of 1,000 lines, as a whole process.

    python -m bench.check_speed

Prints the median of several runs, and the ratio to a Python process that does nothing: the part
that no program written in Python can save.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 9

HEAD = """edition 1

circuit large {
  model "hf:openai-community/gpt2" {
    revision = "607a30d783dfa663caf39e06633721c8d4cfcd7e"
  }

  task {
    generate repeated_tokens(length=50, copies=2)
    corrupt unrepeated given
    position REPEAT given
    metric log_prob() at REPEAT
  }

  policy {
    ablation = mean(corrupt=unrepeated)
  }

  role all at any attending any {
"""


def large_spec(lines: int = 1_000) -> str:
    """Every head of GPT-2 small, then edges between heads of ever later layers, then one claim."""
    text = HEAD + "".join(f"    head a{i}.h{h}\n" for i in range(12) for h in range(12)) + "  }\n\n"
    ports = iter(
        f"  edge a{layer}.h{a} -> a{layer + 1}.h{b} via {port}\n"
        for layer in range(11)
        for a in range(12)
        for b in range(12)
        for port in "qkv"
    )
    end = ["  edge input -> all\n", "  edge all -> logits\n"]
    end += ["  claim faithful: faithfulness(as=normalized) >= 50%\n", "}\n"]
    missing = lines - len((text + "".join(end)).splitlines())
    return text + "".join(next(ports) for _ in range(missing)) + "".join(end)


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder) / "large.circuit"
        spec.write_text(large_spec())
        check = [sys.executable, "-m", "circuitlang.cli", "check", str(spec)]
        nothing = [sys.executable, "-c", "pass"]
        rounds = [(seconds(check), seconds(nothing)) for _ in range(ROUNDS + 1)][1:]
    ours = statistics.median(a for a, _ in rounds)
    ratio = statistics.median(a / b for a, b in rounds)
    print(f"check of 1,000 lines: {ours:.3f} s, {ratio:.1f} times an empty Python process")
    print(f"median of {ROUNDS} rounds, interleaved")


if __name__ == "__main__":
    main()

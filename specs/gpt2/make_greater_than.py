"""Writes `greater_than.jsonl`: 128 pairs in the form of Hanna et al. 2023 (arXiv:2305.00586).

Centuries and two-digit suffixes are those that GPT-2's tokenizer splits into exactly two tokens;
multiples of ten are left out because it joins some of them. Same output on every run:

    python specs/gpt2/make_greater_than.py
"""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
PAIRS = 128
CENTURIES = range(12, 18)
SUFFIXES = [suffix for suffix in range(11, 90) if suffix % 10]
NOUNS = (HERE / "words" / "events.txt").read_text(encoding="utf-8").split()


def pair(index: int) -> dict[str, object]:
    """One pair; steps coprime to the lists' lengths spread nouns, centuries and years evenly."""
    noun = NOUNS[index * 7 % len(NOUNS)]
    century = CENTURIES[index % len(CENTURIES)]
    start = SUFFIXES[index * 5 % len(SUFFIXES)]
    prompt = f"The {noun} lasted from the year {century}{start} to {century}"
    corrupt = f"The {noun} lasted from the year {century}01 to {century}"
    at = prompt.index(f"{century}{start}") + len(str(century))
    return {
        "clean": prompt,
        "corrupt": {"yy01": corrupt},
        "answer": [f"{year:02}" for year in range(start + 1, 100)],
        "against": [f"{year:02}" for year in range(start + 1)],
        "positions": {"YY": [at, at + 2]},
    }


if __name__ == "__main__":
    lines = (json.dumps(pair(index)) + "\n" for index in range(PAIRS))
    (HERE / "greater_than.jsonl").write_text("".join(lines), encoding="utf-8")

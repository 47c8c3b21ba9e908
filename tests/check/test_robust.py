"""No text makes the checker raise, and none makes it slow."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.check import check
from circuitlang.syntax.diagnostic import has_errors, in_order
from circuitlang.syntax.parse import parse
from circuitlang.syntax.source import Source
from tests.check.specs import SPECS, TODAY, checked, spec

ROOT = SPECS / "gpt2"
LINES = (ROOT / "ioi.circuit").read_text(encoding="utf-8").split("\n")
WORDS = sorted({word for line in LINES for word in line.split()})


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_damaged_spec_gives_a_circuit_or_an_error(data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        words = lines[at].split() or [""]
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(st.sampled_from(WORDS))
        lines[at] = data.draw(st.sampled_from(["", lines[at] + "\n" + lines[at], " ".join(words)]))
    source = Source("\n".join(lines))
    file, problems = parse(source)
    for partial in (False, True):
        circuit, found = check(file, source, ROOT, TODAY, partial=partial)
        assert found == in_order(found)
        assert circuit is None or not has_errors(found)
        assert circuit is not None or partial or has_errors((*found, *problems))


def test_what_was_not_read_is_not_called_missing() -> None:
    source = Source(spec("role late at REPEAT atending any { head a9.h4 }\nedge input -> late"))
    file, problems = parse(source)
    assert problems
    assert check(file, source, Path(), TODAY, partial=True) == (None, ())


def long_spec() -> str:
    """A sound file of a thousand lines: 96 roles of three heads in the 48 layers of GPT-2 XL."""
    body = []
    for i in range(96):
        heads = (f"head a{i // 2}.h{3 * (i % 2) + j}" for j in range(3))
        body += [f"role r{i} at any attending any {{", *heads, "}"]
        body += [f"edge input -> r{i}", f"edge r{i} -> logits"]
        body += [f"edge r{i} -> r{j}" for j in (i + 2, i + 5) if j < 96]
    body += [f"claim c{i}: induction(role=r{i % 96}) >= 50%" for i in range(150)]
    return spec("\n".join(body), model='model "hf:gpt2-xl" { revision = "1" }')


def test_a_thousand_lines_are_checked_in_a_moment() -> None:
    """In 0.07 s or so; the bound is for what grows with the square. See bench/check_speed.py."""
    source = Source(long_spec())
    file, problems = parse(source)
    assert not problems
    assert source.line_count >= 1000

    def seconds() -> float:
        start = time.process_time()
        circuit, _ = check(file, source, Path(), TODAY)
        assert circuit is not None
        return time.process_time() - start

    assert min(seconds() for _ in range(3)) < 1


def test_a_file_of_mistakes_is_given_up_in_time() -> None:
    claims = "\n".join(f"claim c{i}: measure{i}(x={i}) >= 1" for i in range(5_000))
    start = time.process_time()
    _, found = checked(spec(claims))
    assert len(found) == 1000
    assert time.process_time() - start < 10


def test_checking_imports_nothing_heavy() -> None:
    code = (
        "import sys; from datetime import date; from pathlib import Path;"
        "from circuitlang.check import check; from circuitlang.syntax.parse import parse;"
        "from circuitlang.syntax.source import Source;"
        f"path = Path({str(ROOT / 'ioi.circuit')!r}); source = Source(path.read_text());"
        "circuit, _ = check(parse(source)[0], source, path.parent, date.today());"
        "assert circuit is not None;"
        "heavy = {'torch', 'transformers', 'numpy', 'scipy', 'networkx'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

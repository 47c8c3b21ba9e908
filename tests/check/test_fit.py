from __future__ import annotations

from circuitlang.check.fit import misfits
from circuitlang.circuit.shape import ModelShape
from tests.check.specs import checked, spec

SMALL = ModelShape("tiny", 2, 2, 2, 8, 4, 32, 100, 64)


def test_what_the_opened_model_lacks_is_found() -> None:
    body = """
      role late at any attending any { head a1.h1 head a1.h2 mlp m1 mlp m2 }
      claim c: effect(of=a5.h0) <= 0.1
    """
    circuit, _ = checked(spec(body, model='model "hf:someone/else" { revision = "1" }'))
    assert circuit is not None
    found = misfits(circuit, SMALL)
    assert [d.code for d in found] == ["out-of-range"] * 3
    assert [circuit.source.slice(d.span) for d in found] == ["a1.h2", "m2", "c"]

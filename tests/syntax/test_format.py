"""The formatter moves white space and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.syntax.format import format_source
from circuitlang.syntax.parse import parse_tokens
from circuitlang.syntax.source import Source
from tests.syntax.examples import GENERATED, IOI, inside, parsed

MESSY = """\
# top


# second
edition   1 # ed
circuit x{ # c
# own

doc    "x"  task { bos=true
data "x"


} keep mlps # k
  claim a:f( a = 1 , # why
    # own mid
    b=g(2) )>=80 %+-3   %
role q at END,X {


  # inside
  head a1.h2


  # last

  }


# end
}

  # after

"""

NEAT = """\
# top

# second
edition 1  # ed
circuit x {  # c
  # own

  doc "x"
  task {
    bos = true
    data "x"
  }
  keep mlps  # k
  claim a: f(a=1,  # why
    # own mid
    b=g(2)) >= 80% +- 3%
  role q at END, X {
    # inside
    head a1.h2

    # last
  }

  # end
}

# after
"""


def formatted(text: str) -> str:
    result, found = format_source(Source(text))
    assert found == ()
    assert result is not None
    return result


def test_a_messy_file() -> None:
    assert formatted(MESSY) == NEAT


@pytest.mark.parametrize("text", [IOI, GENERATED, NEAT])
def test_a_neat_file_stays(text: str) -> None:
    assert formatted(text) == text


def test_line_endings_of_windows_become_plain() -> None:
    assert formatted(IOI.replace("\n", "\r\n")) == IOI


def test_a_file_with_a_mistake_is_refused() -> None:
    text = inside("rle r at A {}")
    assert format_source(Source(text)) == (None, parsed(text)[1])


GAP = st.sampled_from([" ", "\n", "\n\n", "\n\n\n\n", "\t", " # note\n", "\n# own line \n\n", "  "])


@st.composite
def respaced(draw: st.DrawFn) -> str:
    """A sound text with other white space and comments between its words."""
    tokens = parse_tokens(Source(draw(st.sampled_from([IOI, GENERATED])))).tokens
    gaps = draw(st.lists(GAP, min_size=len(tokens) + 1, max_size=len(tokens) + 1))
    words = [str(token.value) for token in tokens]
    return gaps[0] + "".join(map(str.__add__, words, gaps[1:]))


@settings(max_examples=60, deadline=None)
@given(respaced())
def test_every_word_and_comment_is_kept_and_twice_is_once(text: str) -> None:
    once = formatted(text)
    assert formatted(once) == once
    assert parsed(once) == parsed(text)
    assert once.count("#") == text.count("#")
    assert "\n\n\n" not in once
    assert all(line == line.rstrip() for line in once.split("\n"))

from __future__ import annotations

from circuitlang.report.excerpt import excerpt
from circuitlang.syntax.source import Source, Span


def test_the_name_is_underlined_at_its_column() -> None:
    source = Source("one\n  claim a: b() >= 1\n")
    start = source.text.index("a: b")
    assert excerpt(source, Span(start, start + 1), "x.circuit", "no") == (
        "  --> x.circuit:2:9",
        "  |",
        "2 |   claim a: b() >= 1",
        "  |         ^ no",
    )


def test_tabs_keep_the_marker_in_place() -> None:
    shown = excerpt(Source("\tclaim a"), Span(7, 8), "x.circuit", "")
    assert shown[2].rindex("a") == shown[3].index("^")


def test_a_span_over_lines_is_marked_to_the_end_of_its_first() -> None:
    shown = excerpt(Source("abc\ndef"), Span(1, 6), "x.circuit", "")
    assert shown[3] == "  |  ^^"


def test_a_circuit_without_text_has_a_place_only() -> None:
    assert excerpt(Source(""), Span(0, 0), "x.circuit", "no") == ("  --> x.circuit",)

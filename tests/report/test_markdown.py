"""Markdown, read back by markdown-it with GitHub's tables."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from circuitlang.report import render, render_all
from circuitlang.report.markdown import LIMIT
from circuitlang.report.record import Report
from tests.report.reports import CLAIMS, invalid, nasty, report, vacuous, without_model

READER = MarkdownIt("gfm-like", {"linkify": False})


def shown(inline: Token) -> str:
    """What a reader sees of it."""
    html = READER.renderer.render(inline.children or [], READER.options, {})
    return unescape(re.sub("<[^>]*>", "", html))


def rows(text: str) -> list[list[str]]:
    """The cells of all tables."""
    found: list[list[str]] = []
    for token, inside in pairwise(READER.parse(text)):
        if token.type == "tr_open":
            found.append([])
        if token.type in ("td_open", "th_open"):
            found[-1].append(shown(inside))
    return found


def test_a_table_of_verdicts() -> None:
    head, *claims = rows(render(report(), "markdown"))
    assert head == ["verdict", "claim", "estimate", "claimed", "n", "measure"]
    assert claims[1] == [
        *("fail", "faithful", "90.0% [89.9, 90.1]", ">= 95%", "20", "faithfulness(as=ratio)")
    ]
    assert [row[0] for row in claims] == [
        *("pass", "fail", "pass", "warning", "inconclusive", "waived")
    ]


def test_the_evidence_is_folded_away() -> None:
    text = render(report(), "markdown")
    assert text.count("<details>") == text.count("</details>") == 6
    blocks = [token.content for token in READER.parse(text) if token.type == "fence"]
    assert "4 |   claim faithful: faithfulness(as=ratio) >= 95%" in blocks[0]
    assert "formula: F(C) / F(M), with F(M) = 4.000" in blocks[0]
    assert "cover: nothing kept gives 0%" in blocks[0]
    assert any("about 240 examples would decide it" in block for block in blocks)
    assert any("1 random circuit of this size" in block for block in blocks)


def test_what_is_red_is_unfolded_first() -> None:
    order = re.findall("<summary><b>([a-z]+)", render(report(), "markdown"))
    assert order == ["fail", "warning", "inconclusive", "waived", "pass", "pass"]
    assert "<b>vacuous</b>" in render(vacuous(), "markdown")


def test_blocked_specs_have_a_section_and_their_diagnostics() -> None:
    text = render_all([report(), invalid(), without_model()], "markdown")
    tokens = pairwise(READER.parse(text))
    headings = [shown(inside) for token, inside in tokens if token.type == "heading_open"]
    assert headings == [
        "circuitlang: fail: specs/tiny.circuit",
        "circuitlang: invalid: specs/bad.circuit",
        "circuitlang: error: specs/far.circuit",
    ]
    assert "error[missing-model]" in text


def test_a_strangers_text_is_text() -> None:
    text = render(nasty(), "markdown")
    assert {len(row) for row in rows(text)} == {6}
    tokens = READER.parse(text)
    kinds = {child.type for token in tokens for child in token.children or []}
    assert kinds <= {"text", "text_special", "html_inline", "strong_open", "strong_close"}
    tags = {
        child.content
        for token in tokens
        for child in token.children or []
        if child.type == "html_inline"
    }
    assert tags == {"<code>", "</code>"}
    blocks = "".join(token.content for token in tokens if token.type == "html_block")
    assert set(re.findall(r"</?[a-z]+", blocks)) == {
        *("<details", "</details", "<summary", "</summary", "<code", "</code", "<b", "</b")
    }
    # GitHub makes links and mentions of these wherever they stand as they are.
    outside = re.sub("```text\n.*?\n```\n", "", text, flags=re.DOTALL)
    assert not re.search(r"@all|http:|www\.", outside)


def test_a_fence_is_longer_than_what_is_in_it() -> None:
    waiver = replace(nasty().circuit.waivers[0], because="````` </details>")
    verdicts = tuple(
        replace(v, waiver=waiver) if v.waiver is not None else v for v in nasty().verdicts
    )
    text = render(replace(nasty(), verdicts=verdicts), "markdown")
    (block,) = [t.content for t in READER.parse(text) if t.type == "fence" and "`````" in t.content]
    assert block.endswith("because ````` </details>\n")


def test_a_comment_stays_within_what_github_takes() -> None:
    verdict = report().verdicts[1]
    many = tuple(replace(verdict, claim=replace(CLAIMS[1], name=f"claim{i}")) for i in range(2000))
    whole: Report = replace(report(), verdicts=many)
    text = render(whole, "markdown")
    assert LIMIT - 1000 < len(text) <= LIMIT
    assert text.endswith("it is in the other reports.*\n")
    assert {len(row) for row in rows(text)} == {6}

"""What is in the page, read without a browser."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from circuitlang.circuit.circuit import Member, Role
from circuitlang.circuit.drawing.markup import Markup
from circuitlang.report.blocked import Blocked
from circuitlang.report.html.page import Section, page, report_fragment, to_html
from circuitlang.report.number import show
from circuitlang.report.record import Report
from circuitlang.report.table import roles_of
from circuitlang.syntax.diagnostic import Diagnostic, Findings
from circuitlang.syntax.source import NOWHERE, Source
from tests.plan.circuits import END, MOVER
from tests.plan.circuits import S as AT_S
from tests.report.html.samples import PICTURES, PROMPT, full
from tests.report.reports import CLAIMS, TINY, vacuous

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}'"


class Elements(HTMLParser):
    """Every start tag, and the text outside of styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self._in_style = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_style = tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.said.append(data)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def classed(self, word: str) -> list[dict[str, str | None]]:
        return [a for _, a in self.tags if word in (a.get("class") or "").split()]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


@pytest.fixture(scope="module")
def html() -> str:
    return to_html([full()])


@pytest.fixture(scope="module")
def elements(html: str) -> Elements:
    return Elements(html)


def test_every_claim_has_its_picture_and_its_word(elements: Elements) -> None:
    assert len(elements.of("article")) == len(CLAIMS)
    charts = [a for a in elements.classed("chart") if a.get("role") == "img"]
    titled = [a for a in charts if "aria-labelledby" in a]
    assert len(titled) == len(CLAIMS)
    for word in ("pass", "fail", "warning", "inconclusive", "waived"):
        assert elements.classed(word), word


def test_the_drawing_has_every_member_and_every_claimed_edge(elements: Elements) -> None:
    nodes = elements.classed("node")
    assert {a["href"] for a in nodes} == {f"#s1-circuit-{node}" for node in TINY.members}
    drawn = {a["data-edge"] for _, a in elements.tags if "data-edge" in a}
    assert drawn == {str(edge) for edge in TINY.claimed_edges}


def test_links_lead_to_elements_of_the_page(elements: Elements) -> None:
    ids = [a["id"] for _, a in elements.tags if a.get("id")]
    assert len(ids) == len(set(ids))
    targets = {(a["href"] or "").removeprefix("#") for a in elements.of("a")}
    assert targets <= set(ids)
    named = {
        part
        for _, a in elements.tags
        for key in ("aria-labelledby", "aria-describedby")
        for part in (a.get(key) or "").split()
    }
    assert named <= set(ids)


def test_a_node_is_told_of_by_its_role_and_by_every_claim_of_it(elements: Elements) -> None:
    assert "strong: effect(of=mover) = -70.0% [" in elements.text
    (minimal,) = [v for v in full().verdicts if v.claim.name == "minimal"]
    for part in minimal.parts:
        shown = f"minimal: {show(part.estimate, percent=True)}, {part.category}"
        assert f"{part.name}: {roles_of(TINY, part.name)}" in elements.text
        assert shown in elements.text


def test_prompts_attention_and_sensitivity_are_there(elements: Elements) -> None:
    assert len(elements.classed("look")) == len(PICTURES.patterns)
    assert "from “to” (END): “Mary” 50%, “When” 20%, “John” (S) 10%" in elements.text
    assert len(elements.classed("changed")) == 3
    assert "the metric compares “Mary” against “John”" in elements.text
    assert len(elements.classed("cell")) == 32
    assert len(elements.classed("own")) == 1
    assert "flips in 4 of 16 cells (4 pass)" in elements.text


def test_what_it_takes_to_run_it_again(elements: Elements) -> None:
    assert (
        "circuitlang verify specs/tiny.circuit --examples 20 --seed 0 --sensitivity"
        in elements.text
    )
    for digest in ("d1", "ab12", "cd34"):
        assert digest in elements.text


def test_a_claim_left_out_of_the_run_is_left_out_of_the_command() -> None:
    whole = full()
    some = replace(whole, verdicts=whole.verdicts[:2], path="a b.circuit")
    said = Elements(to_html([some])).text
    assert "verify 'a b.circuit' --examples 20 --seed 0 --claim behaves --claim faithful" in said


def test_nothing_is_fetched_and_nothing_runs(html: str, elements: Elements) -> None:
    assert not elements.of("script")
    assert not any(name.startswith("on") for _, a in elements.tags for name in a)
    assert not any("style" in a for _, a in elements.tags)
    assert [a["href"] for a in elements.of("link")] == ["data:,"]
    assert "url(" not in html
    assert "@import" not in html
    assert not re.search(r"""(src|href)=["'](?!#|data:,)""", html)


def test_the_policy_allows_this_style_and_nothing_else(html: str, elements: Elements) -> None:
    (policy,) = [a["content"] for a in elements.of("meta") if a.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    style = html[html.index("<style>") + len("<style>") : html.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy


def test_no_text_of_a_stranger_becomes_markup() -> None:
    whole = full()
    roles = {HOSTILE: Role(HOSTILE, END, AT_S, (Member(MOVER, HOSTILE),))}
    circuit = replace(
        whole.circuit, name=HOSTILE, doc=HOSTILE, roles=roles, source=Source(HOSTILE, HOSTILE)
    )
    prompt = replace(PROMPT, template=HOSTILE, clean=(HOSTILE,) * 10, answer=(HOSTILE,))
    verdicts = tuple(
        replace(
            v,
            claim=replace(v.claim, name=f"{i}{HOSTILE}"),
            reasons=(HOSTILE,),
            parts=tuple(replace(part, name=HOSTILE, category=HOSTILE) for part in v.parts),
        )
        for i, v in enumerate(whole.verdicts)
    )
    hostile = replace(
        whole,
        path=HOSTILE,
        circuit=circuit,
        verdicts=verdicts,
        versions={HOSTILE: HOSTILE},
        pictures=replace(PICTURES, prompts={3: prompt}, worst={f"1{HOSTILE}": {3: {HOSTILE: 1.0}}}),
    )
    findings = Findings(
        Source(HOSTILE, HOSTILE), (Diagnostic("bad-name", HOSTILE, NOWHERE, help=HOSTILE),)
    )
    for text in (
        to_html([hostile, Blocked(HOSTILE, findings, 2)]),
        report_fragment(hostile),
        circuit._repr_html_(),
    ):
        found = Elements(text)
        assert not found.of("script")
        assert not found.of("img")
        assert not any("onerror" in a for _, a in found.tags)
        assert "{{ 7 * 7 }}" in found.text


def test_a_style_cannot_close_itself() -> None:
    with pytest.raises(ValueError, match="markup"):
        page([Section("s1", "x", "pass", Markup(""), rules="</style><script>")])


def test_several_specs_share_a_page() -> None:
    blocked = Blocked("bad.circuit", Findings(Source("edition 1", "bad.circuit"), ()), 2)
    found = Elements(to_html([full(), vacuous(), blocked]))
    ids = [a["id"] for _, a in found.tags if a.get("id")]
    assert len(ids) == len(set(ids))
    assert [a["href"] for a in found.of("a")][:3] == ["#s1", "#s2", "#s3"]
    assert "nothing was measured" in found.text


def test_a_report_without_claims_says_so() -> None:
    nothing: Report = replace(full(), verdicts=(), sensitivity=None, pictures=None)
    assert "nothing is verified" in Elements(to_html([nothing])).text


def test_notebooks_get_a_fragment_with_a_style_of_its_own() -> None:
    for text in (full()._repr_html_(), TINY._repr_html_()):
        found = Elements(text)
        assert not found.of("html")
        assert not found.of("body")
        assert found.tags[0] == ("div", {"class": "circuitlang notebook"})
        style = text[text.index("<style>") + 7 : text.index("</style>")]
        selectors = re.findall(r"^\s*(?!@)([^{}@;]+)\{", style, re.MULTILINE)
        strays = [s for s in selectors if not re.search(r"circuitlang|^#[cr]", s.strip())]
        assert strays == []


def test_neither_templates_nor_drawings_are_loaded_with_the_package() -> None:
    code = (
        "import sys, circuitlang, circuitlang.report\n"
        "print(*[m for m in ('jinja2', 'circuitlang.circuit.drawing') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []


def test_templates_ship_with_the_package() -> None:
    import circuitlang.report.html as package

    folder = Path(str(package.__file__)).parent
    assert (folder / "templates" / "page.html").is_file()
    assert (folder / "page.css").is_file()

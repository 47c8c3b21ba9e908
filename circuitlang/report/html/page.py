"""The whole page: templates filled in, with a content policy that forbids all that is not in it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from circuitlang.circuit.drawing import fragment, sheet
from circuitlang.circuit.drawing.markup import Markup, element, join, printable
from circuitlang.report.blocked import Blocked
from circuitlang.report.html import again, claims, prompts, since
from circuitlang.report.html.matrix import matrix
from circuitlang.report.html.told import of_nodes
from circuitlang.report.record import Report
from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.render import render

if TYPE_CHECKING:
    from jinja2 import Environment


class Section(NamedTuple):
    """A spec's part of a page, and the ``rules`` that its drawing needs. ``title`` and ``outcome``
    are its line in the contents."""

    id: str
    title: str
    outcome: str
    body: Markup
    rules: str = ""


def to_html(results: Sequence[Report | Blocked]) -> str:
    """One page for one spec or several, a section each, ending in a line feed.

    It holds no script and fetches nothing: its content policy allows its own style by hash and
    nothing else. Every name and text of a spec is escaped.
    """
    return page([_section(result, f"s{i}") for i, result in enumerate(results, start=1)])


def page(sections: Sequence[Section]) -> str:
    """A page of sections under one style."""
    style = "\n".join((sheet(), page_style(), *(section.rules for section in sections)))
    if "<" in style:
        raise ValueError("a style cannot hold markup")
    # The browser hashes what stands between the tags, line feeds included.
    digest = base64.b64encode(hashlib.sha256(f"\n{style}\n".encode()).digest()).decode()
    return fill("page.html", sections=sections, style=Markup(style), digest=digest)


def report_fragment(report: Report) -> str:
    """The claims and the drawing for a notebook: a fragment under a style of its own."""
    name = f"r{report.circuit.digest[:8]}"
    picture, rules = fragment(report.circuit, name=name, told=of_nodes(report))
    return fill(
        "notebook.html",
        report=report,
        claims=claims.views(report, name),
        style=Markup("\n".join((sheet(), page_style(), rules))),
        picture=picture,
    )


@cache
def page_style() -> str:
    """The style of everything on a page but the drawings."""
    return files("circuitlang.report.html").joinpath("page.css").read_text("utf-8")


def fill(template: str, **context: object) -> Markup:
    """A template filled in: everything that it is given is escaped, but what is `Markup`, and
    characters that show nothing are replaced by signs."""
    return printable(_templates().get_template(template).render(signs=claims.SIGNS, **context))


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("circuitlang.report.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["prose"] = _prose
    return made


def _prose(text: str) -> Markup:
    """A sentence in which what stands between backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return join(text)
    return join(element("code", part) if i % 2 else part for i, part in enumerate(parts))


def _section(result: Report | Blocked, name: str) -> Section:
    if isinstance(result, Blocked):
        findings = render(result.findings, "full")
        body = fill("blocked.html", blocked=result, findings=findings, id=name)
        return Section(name, result.path, result.outcome, body)
    picture, rules = fragment(result.circuit, name=f"{name}-circuit", told=of_nodes(result))
    warnings = ""
    if result.warnings:
        warnings = render(Findings(result.circuit.source, result.warnings), "full")
    views = claims.views(result, name)
    body = fill(
        "report.html",
        id=name,
        report=result,
        claims=views,
        words=claims.by_word(views),
        facts=again.facts(result),
        changes=since.changes(result, name),
        digests=again.digests(result),
        attention=prompts.attention(result),
        matrices=[matrix(found) for found in result.sensitivity or ()],
        commands=again.commands(result),
        warnings=warnings,
        picture=picture,
    )
    return Section(name, result.path, result.outcome, body, rules)

"""The whole page: templates filled in, with a content policy that forbids all that is not in it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from circuitlang.circuit.drawing import fragment, sheet
from circuitlang.circuit.drawing.markup import Markup
from circuitlang.report.blocked import Blocked
from circuitlang.report.html import view
from circuitlang.report.html.matrix import matrix
from circuitlang.report.html.told import of_nodes
from circuitlang.report.record import Report
from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.render import render

if TYPE_CHECKING:
    from jinja2 import Environment


def to_html(results: Sequence[Report | Blocked]) -> str:
    """One page for one spec or several, a section each, ending in a line feed.

    It holds no script and fetches nothing: its content policy allows its own style by hash and
    nothing else. Every name and text of a spec is escaped.
    """
    styles, sections = [sheet(), page_style()], []
    for i, result in enumerate(results, start=1):
        section, rules = _section(result, f"s{i}")
        sections.append(section)
        styles.append(rules)
    return page(
        ", ".join(_title(result) for result in results),
        sections,
        styles,
        [_Entry(f"s{i}", _title(r), _outcome(r)) for i, r in enumerate(results, start=1)],
    )


def page(
    title: str, sections: Sequence[str], styles: Sequence[str], contents: Sequence[Any] = ()
) -> str:
    """A page of sections that are markup already, under one style."""
    style = "\n".join(part for part in styles if part)
    if "<" in style:
        raise ValueError("a style cannot hold markup")
    # The browser hashes what stands between the tags, line feeds included.
    digest = base64.b64encode(hashlib.sha256(f"\n{style}\n".encode()).digest()).decode()
    return (
        _templates()
        .get_template("page.html")
        .render(
            title=title,
            style=Markup(style),
            digest=digest,
            sections=[Markup(section) for section in sections],
            contents=contents if len(contents) > 1 else (),
            signs=view.SIGNS,
        )
    )


def report_fragment(report: Report) -> str:
    """The claims and the drawing for a notebook: a fragment under a style of its own."""
    name = f"r{report.circuit.digest[:8]}"
    picture, rules = fragment(report.circuit, name=name, told=of_nodes(report))
    return (
        _templates()
        .get_template("notebook.html")
        .render(
            report=report,
            claims=view.claims(report, name),
            style=Markup("\n".join((sheet(), page_style(), rules))),
            picture=picture,
            signs=view.SIGNS,
        )
    )


@cache
def page_style() -> str:
    return files("circuitlang.report.html").joinpath("page.css").read_text("utf-8")


class _Entry:
    """A line of the contents of a page of several specs."""

    def __init__(self, id_: str, title: str, outcome: str) -> None:
        self.id, self.title, self.outcome = id_, title, outcome


def _section(result: Report | Blocked, name: str) -> tuple[str, str]:
    """A spec's part of the page, and the style that its drawing needs."""
    if isinstance(result, Blocked):
        template = _templates().get_template("blocked.html")
        findings = render(result.findings, "full")
        return template.render(blocked=result, findings=findings, id=name, signs=view.SIGNS), ""
    picture, rules = fragment(result.circuit, name=f"{name}-circuit", told=of_nodes(result))
    warnings = ""
    if result.warnings:
        warnings = render(Findings(result.circuit.source, result.warnings), "full")
    claims = view.claims(result, name)
    section = (
        _templates()
        .get_template("report.html")
        .render(
            id=name,
            report=result,
            claims=claims,
            words=view.by_word(claims),
            facts=view.facts(result),
            digests=view.digests(result),
            attention=view.attention(result),
            matrices=[matrix(found) for found in result.sensitivity or ()],
            commands=view.commands(result),
            warnings=warnings,
            picture=picture,
            signs=view.SIGNS,
        )
    )
    return section, rules


def _title(result: Report | Blocked) -> str:
    return result.path


def _outcome(result: Report | Blocked) -> str:
    return result.outcome


@cache
def _templates() -> Environment:
    """Everything that a template is given is escaped, but what is `Markup`."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("circuitlang.report.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

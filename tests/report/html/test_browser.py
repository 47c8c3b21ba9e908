"""The page in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from circuitlang import load
from circuitlang.report.html.page import to_html
from tests.e2e.commands import SPECS, circuitlang
from tests.model.real import needs_model
from tests.report.html.browser import Browser, accessible, chromium, needs_browser
from tests.report.html.samples import full
from tests.report.reports import vacuous

pytestmark = [needs_browser, pytest.mark.xdist_group("browser")]

WIDTHS = (1280, 400)
SCHEMES = ("light", "dark")


class Page(NamedTuple):
    path: Path
    claims: int
    nodes: int
    edges: int


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """Two specs; everything that a page can show is in the first."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(to_html([full(), vacuous()]), "utf-8")
    return Page(path, claims=7, nodes=6, edges=8)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """Claims of the IOI spec in SmolLM2, measured."""
    path = tmp_path_factory.mktemp("real") / "report.html"
    claims = ("behaves", "suppressor_matters", "movers_read_io", "previous")
    done = circuitlang(
        *("verify", SPECS / "ioi_smollm2.circuit", "--examples", 16, "--no-cache"),
        *(word for claim in claims for word in ("--claim", claim)),
        *("--format", "html", "--output", path),
    )
    assert path.is_file(), done.err
    spec = load(SPECS / "ioi_smollm2.circuit")
    return Page(path, len(claims), len(spec.members), len(spec.claimed_edges))


@pytest.fixture(
    params=["by_hand", pytest.param("real", marks=[pytest.mark.real_model, needs_model])]
)
def page(request: pytest.FixtureRequest) -> Page:
    found: Page = request.getfixturevalue(request.param)
    return found


def test_it_opens_without_a_complaint_and_asks_for_nothing_else(
    browser: Browser, page: Page
) -> None:
    browser.open(page.path)
    assert browser.requests() == [page.path.as_uri()]
    assert browser.run("return performance.getEntriesByType('resource').length") == 0
    assert browser.complaints() == []


def test_its_policy_stops_a_script_and_a_picture_from_elsewhere(
    browser: Browser, by_hand: Page, tmp_path: Path
) -> None:
    text = by_hand.path.read_text("utf-8")
    spoilt = tmp_path / "spoilt.html"
    harm = '<script>document.title = "harmed"</script><img src="http://127.0.0.1:9/x.png" alt="">'
    spoilt.write_text(text.replace("</main>", f"{harm}</main>"), "utf-8")
    browser.open(spoilt)
    assert browser.run("return document.title") != "harmed"
    assert len(browser.complaints()) >= 2


def test_claims_and_drawing_are_shown(browser: Browser, page: Page) -> None:
    browser.open(page.path)

    def shown(selector: str) -> int:
        script = """return [...document.querySelectorAll(arguments[0])]
            .filter(e => e.getBoundingClientRect().width > 0).length"""
        count: int = browser.run(script, selector)
        return count

    assert shown("article.claim") == page.claims
    assert shown("article.claim .plot svg[role=img]") == page.claims
    assert shown("svg.drawing .node") == page.nodes
    assert shown("svg.drawing .edge[data-edge]") == page.edges
    assert shown("figure.look") > 0


@pytest.mark.parametrize(("width", "scheme"), list(product(WIDTHS, SCHEMES)))
def test_nothing_runs_over_the_side(browser: Browser, page: Page, width: int, scheme: str) -> None:
    browser.open(page.path, width, scheme)
    browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    # What is wider than the page scrolls in a frame of its own, and the keyboard can reach that.
    script = """return [...document.querySelectorAll('*')]
        .filter(e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
            && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0).map(e => e.className)"""
    assert browser.run(script) == []


def test_dark_is_dark_and_light_is_light(browser: Browser, by_hand: Page) -> None:
    found = {}
    for scheme in SCHEMES:
        browser.open(by_hand.path, scheme=scheme)
        script = "return getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g)"
        found[scheme] = sum(map(int, browser.run(script)[:3]))
    assert found["light"] > 3 * 200
    assert found["dark"] < 3 * 50


@pytest.mark.parametrize(("width", "scheme"), list(product(WIDTHS, SCHEMES)))
def test_axe_finds_nothing_to_mend(browser: Browser, page: Page, width: int, scheme: str) -> None:
    browser.open(page.path, width, scheme)
    browser.run("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert accessible(browser) == []


def test_the_keyboard_reaches_the_nodes_from_the_input_up(browser: Browser, by_hand: Page) -> None:
    browser.open(by_hand.path)
    browser.run("document.querySelector('#s1-drawing').scrollIntoView()")
    browser.run("document.querySelector('#s1-circuit .frame').focus()")
    names = []
    for _ in range(3):
        browser.press_tab()
        names.append(browser.run("return document.activeElement.getAttribute('aria-label')"))
    assert names == ["a0.h0, early, at S", "a0.h1, early, at S", "a1.h1, mover, at END"]


def test_a_node_in_focus_shows_what_was_measured_of_it(browser: Browser, by_hand: Page) -> None:
    browser.open(by_hand.path)
    told = """return [...document.querySelectorAll('#s1-circuit .told')]
        .filter(e => e.getBoundingClientRect().height > 0).map(e => e.querySelector('h3').innerText)
        """
    hint = "return document.querySelector('#s1-circuit .hint').getBoundingClientRect().height > 0"
    assert browser.run(told) == []
    assert browser.run(hint)
    browser.run("document.querySelector('#s1-circuit .frame').focus()")
    browser.press_tab()
    assert browser.run(told) == ["a0.h0"]
    assert not browser.run(hint)
    # Its own edges show, the others fade.
    faded = """return [...document.querySelectorAll('#s1-circuit .edges .edge')]
        .map(e => [e.dataset.edge, getComputedStyle(e).transitionProperty])"""
    assert len(browser.run(faded)) == 4
    opacity = """await new Promise(go => setTimeout(go, 300));
        return Object.fromEntries([...document.querySelectorAll('#s1-circuit .edges .edge')]
        .map(e => [e.dataset.edge, +getComputedStyle(e).opacity]))"""
    seen = browser.run(f"return (async () => {{ {opacity} }})()")
    assert seen["input->a0.h0<v>"] == seen["a0.h0->a1.h1<v>"] == 1
    assert seen["a0.h1->a1.h1<v>"] < 0.2
    # A link that was followed keeps it there.
    browser.run("location.hash = 's1-circuit-a1.h1'; document.activeElement.blur()")
    assert browser.run(told) == ["a1.h1"]


def test_everything_is_named(browser: Browser, page: Page) -> None:
    browser.open(page.path)
    nameless = """return [...document.querySelectorAll(
        'a, summary, [role=img], [role=group], [tabindex]')]
        .filter(e => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby')
            || e.textContent.trim())).map(e => e.outerHTML.slice(0, 80))"""
    assert browser.run(nameless) == []
    headless = """return [...document.querySelectorAll('table')]
        .filter(e => !e.querySelector('th[scope=col]') || !e.querySelector('th[scope=row]'))
        .length"""
    assert browser.run(headless) == 0


def test_on_paper_everything_is_open(browser: Browser, by_hand: Page) -> None:
    browser.open(by_hand.path, media="print")
    closed = """return [...document.querySelectorAll('details:not([open]) > dl, .told')]
        .filter(e => e.getBoundingClientRect().height === 0).length"""
    assert browser.run(closed) == 0

"""Hypothesis strategies for syntax trees that have a spelling."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from circuitlang.syntax import tree
from circuitlang.syntax.complaints import TAKEN
from circuitlang.syntax.tree import Name, Number, Text


def _several(strategy: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(strategy, min_size=least, max_size=3).map(tuple)


def _word(*words: str) -> st.SearchStrategy[Name]:
    return st.sampled_from(words).map(Name)


def _words(pattern: str) -> st.SearchStrategy[Name]:
    return st.from_regex(pattern, fullmatch=True).map(Name)


keys = _words(r"[a-z][a-z0-9_]{0,6}").filter(
    lambda n: not (n.text[0] == "m" and n.text[1:].isdigit())
)
names = keys.filter(lambda name: name.text not in TAKEN)
heads = _words(r"a(0|[1-9][0-9]{0,2})\.h(0|[1-9][0-9]{0,2})")
mlps = _words(r"m(0|[1-9][0-9]{0,2})")
positions = _words(r"[A-Z][A-Z0-9_]{0,4}([+-][0-9]{1,2})?")
texts = st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=12).map(
    Text
)
numbers = st.builds(
    Number,
    st.from_regex(r"[+-]?[0-9]{1,4}(\.[0-9]{1,3})?", fullmatch=True),
    st.booleans(),
)
values: st.SearchStrategy[Any] = st.recursive(
    keys | positions | heads | mlps | texts | numbers,
    lambda inner: st.builds(
        tree.Call, keys, _several(st.builds(tree.Argument, st.none() | keys, inner))
    ),
    max_leaves=6,
)


calls = st.builds(tree.Call, keys, _several(st.builds(tree.Argument, st.none() | keys, values)))
free_keys = keys.filter(lambda name: name.text not in TAKEN)
setting = st.builds(tree.Setting, free_keys, values)
digest = st.none() | texts
disputed = st.none() | _word("disputed")
places = _several(positions, least=1) | st.just((Name("any"),))

corrupts = st.one_of(
    st.builds(tree.Corrupt, names, _word("resample", "swap"), _several(positions, least=1)),
    st.builds(tree.Corrupt, names, _word("set"), positions.map(lambda p: (p,)), texts),
    st.builds(tree.Corrupt, names, _word("given")),
)
position_rules = st.one_of(
    st.builds(tree.PositionRule, positions, _word("last", "first", "given")),
    st.builds(tree.PositionRule, positions, _word("after", "before"), positions),
)
task_statements = st.one_of(
    st.builds(tree.Words, names, texts, digest),
    st.builds(tree.Prompt, names, texts),
    st.builds(tree.Data, texts, digest),
    st.builds(tree.Generate, calls),
    corrupts,
    position_rules,
    st.builds(tree.Metric, calls, positions),
    setting,
)
members = st.builds(tree.Member, _word("head"), heads, disputed) | st.builds(
    tree.Member, _word("mlp"), mlps, disputed
)
ends = keys | heads | mlps
statements = st.one_of(
    st.builds(tree.Doc, texts),
    st.builds(tree.Cite, texts),
    st.builds(tree.Model, texts, _several(setting)),
    st.builds(tree.Task, _several(task_statements)),
    st.builds(tree.Policy, _several(setting)),
    st.builds(tree.Keep, _word("mlps")),
    st.builds(tree.Role, names, places, st.just(()) | places, _several(members)),
    st.builds(tree.Edge, ends, ends, _several(_word("q", "k", "v")), disputed),
    st.builds(
        tree.Claim,
        names,
        calls,
        _word(">=", "<=", "~="),
        numbers,
        st.none() | numbers,
        st.none() | _word("warn"),
    ),
    st.builds(tree.Waive, names, texts, texts),
)
files = st.builds(
    tree.File,
    st.just(Number("1")),
    st.builds(tree.Circuit, names, st.lists(statements, max_size=6).map(tuple)),
)

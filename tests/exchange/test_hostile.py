"""Every reader, whatever it is given: a circuit or diagnostics, never an exception."""

from __future__ import annotations

import io
import json
import pickle
import time
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.exchange.formats import READ, read
from circuitlang.syntax.format import format_source
from circuitlang.syntax.parse import parse
from circuitlang.syntax.source import Source
from tests.exchange.samples import LAYOUTS, SAMPLES

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["m0", "a0.h0", "input", "logits", "feature", "\ud800", "x" * 200])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def sound(content: bytes, name: str) -> None:
    imported, problems = read(content, name)
    if imported is None:
        assert problems
        assert all(problem.message.isprintable() for problem in problems)
        return
    file, found = parse(Source(imported.text))
    assert not found
    assert file.circuit is not None
    assert format_source(Source(imported.text))[0] == imported.text
    imported.text.encode()


@pytest.mark.parametrize("name", READ)
@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200))
def test_bytes(name: str, content: bytes) -> None:
    sound(content, name)


@pytest.mark.parametrize(("name", "content"), LAYOUTS, ids=range(len(LAYOUTS)))
@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_sound_file_with_one_value_changed(
    name: str, content: bytes, data: st.DataObject
) -> None:
    """Replaces, removes or doubles something anywhere in a file that is right."""
    lines = content.decode().splitlines() if name == "automechinterp" else [content.decode()]
    values = [json.loads(line) for line in lines]
    holder: Any = values
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        inner = holder[key]
        if isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
            holder = inner
            continue
        change = data.draw(st.sampled_from(["replace", "remove", "double"]))
        if change == "replace":
            holder[key] = data.draw(JSON)
        elif change == "remove":
            del holder[key]
        elif isinstance(holder, list):
            holder.append(inner)
        break
    sound("\n".join(json.dumps(value) for value in values).encode("utf-8", "replace"), name)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_pickle_with_some_bytes_changed(data: st.DataObject) -> None:
    content = bytearray(pickle.dumps(json.loads(SAMPLES["acdc"]), data.draw(st.integers(2, 5))))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(2, len(content) - 1))] = data.draw(st.integers(0, 255))
    sound(bytes(content), "acdc")


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_an_archive_with_some_bytes_changed(data: st.DataObject) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", data.draw(st.sampled_from([0, 8, 12, 14]))) as archive:
        archive.writestr("x/data.pkl", pickle.dumps(json.loads(SAMPLES["acdc"]), 2))
    content = bytearray(file.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(2, len(content) - 1))] = data.draw(st.integers(0, 255))
    sound(bytes(content), "acdc")


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b"[" + b"9" * 100_000 + b"]",
        b'{"nodes": 1, "nodes": 2}',
        b"\xff\xfe\x00",
        b"null",
        b'{"metadata": NaN}',
        b"\x80\x04" + b"(" * 1_000_000 + b".",
        b"PK\x03\x04" + b"\x00" * 50,
    ],
    ids=range(10),
)
def test_hostile_files_are_refused_in_no_time(name: str, content: bytes) -> None:
    start = time.process_time()
    imported, problems = read(content, name)
    assert time.process_time() - start < 5
    if imported is None:
        assert problems
    else:
        assert not imported.text.count("edge")


@pytest.mark.parametrize(("name", "content"), LAYOUTS, ids=range(len(LAYOUTS)))
def test_the_samples_are_sound(name: str, content: bytes) -> None:
    imported, problems = read(content, name)
    assert imported is not None, problems
    sound(content, name)
    assert "edition 1" in imported.text

"""What the gate lets pass, commit by commit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from circuitlang.pipeline.gate import PATTERNS, gate
from circuitlang.pipeline.git import Repository, RevisionError
from circuitlang.report.gate.record import Gate
from tests.check.specs import NAMES, TODAY, spec
from tests.pipeline.bare import Bare, Content, Files, Link, Submodule

WORDS = "\n".join(NAMES.split()) + "\n"
DIGEST = hashlib.sha256(WORDS.encode()).hexdigest()
TASK = (
    f'words name from "words/names.txt" sha256 "{DIGEST}" '
    'prompt p "When {A:name} met {B:name}, {C=B} saw" '
    "position END last metric logit_diff(answer=A, against=B) at END"
)
ROLE = "role r at END attending any { head a1.h0 } "
ZEROS = "0" * 40


def claiming(bound: str, *more: str, name: str = "right") -> str:
    return spec(f"claim {name}: accuracy(of=model) >= {bound} " + " ".join(more))


STRONG, WEAK, BROKEN = claiming("90%"), claiming("80%"), claiming("90%").replace("claim", "clam")
WITH_WORDS = spec(
    f"{ROLE} claim right: accuracy(of=model) >= 90%",
    task=TASK,
    policy="ablation = zero examples = 20",
)
LISTED: Mapping[str, Content] = {"s/a.circuit": WITH_WORDS, "s/words/names.txt": WORDS}

Outcomes = dict[str, tuple[str, str]]


def outcomes(found: Gate) -> Outcomes:
    return {one.path: (one.change, one.outcome) for one in found.files}


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    return Bare(tmp_path / "repository.git")


@pytest.fixture
def judged(bare: Bare) -> Callable[..., Gate]:
    """The gate between a commit of some files and one of others upon it."""

    def between(before: Files, after: Files, patterns: Sequence[str] = PATTERNS) -> Gate:
        base = bare.commit(before)
        head = bare.commit(after, base)
        return gate(base, head, patterns=patterns, repository=Repository(bare.folder), today=TODAY)

    return between


Judge = Callable[..., Gate]


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        (STRONG, WEAK, ("changed", "weaker")),
        (WEAK, STRONG, ("changed", "sound")),
        (None, WEAK, ("new", "sound")),
        (None, BROKEN, ("new", "invalid")),
        (STRONG, BROKEN, ("changed", "invalid")),
        (STRONG, b"\xff", ("changed", "invalid")),
        (STRONG, b"x" * (1 << 20), ("changed", "invalid")),
        (STRONG, None, ("gone", "weaker")),
        (BROKEN, None, ("gone", "weaker")),
        (STRONG, Link("b.circuit"), ("gone", "invalid")),
        (None, Link("/etc/passwd"), ("new", "invalid")),
        (Link("b"), Link("b"), ("new", "invalid")),
        (Link("b"), WEAK, ("new", "sound")),
        (STRONG, Submodule("1" * 40), ("gone", "invalid")),
        (Submodule("1" * 40), WEAK, ("new", "sound")),
    ],
)
def test_what_becomes_of_a_spec(
    judged: Judge, before: Content | None, after: Content | None, outcome: tuple[str, str]
) -> None:
    there: list[dict[str, Content]] = [
        {} if one is None else {"s/a.circuit": one} for one in (before, after)
    ]
    found = judged(*({**files, "s/other.circuit": STRONG} for files in there))
    assert outcomes(found) == {"s/a.circuit": outcome}
    assert found.unchanged == 1
    assert found.exit_code == {"sound": 0, "weaker": 1, "invalid": 2}[outcome[1]]


@pytest.mark.parametrize("before", [Link("b"), Submodule("1" * 40)])
def test_a_link_that_goes_away_takes_nothing_along(judged: Judge, before: Content) -> None:
    assert judged({"a.circuit": before}, {"b": "x"}).files == ()


def test_the_worst_of_all_files_counts(judged: Judge) -> None:
    before = {"a.circuit": STRONG, "b.circuit": STRONG, "c.circuit": STRONG}
    found = judged(before, {"a.circuit": WEAK, "b.circuit": BROKEN, "c.circuit": STRONG})
    assert [one.outcome for one in found.files] == ["weaker", "invalid"]
    assert (found.exit_code, found.unchanged) == (2, 1)


def test_a_folder_in_a_spec_s_place_is_no_spec(judged: Judge) -> None:
    found = judged({"a.circuit": STRONG}, {"a.circuit/readme": "moved"})
    assert outcomes(found) == {"a.circuit": ("gone", "weaker")}


@pytest.mark.parametrize(
    ("files", "code", "problem"),
    [
        ({"s/words/names.txt": WORDS, "s/readme": "new"}, None, ""),
        ({"s/readme": "new"}, "missing-file", "there is no file"),
        ({"s/words/names.txt": WORDS + "Zoe\n"}, "digest-mismatch", "not the file that was pinned"),
        ({"s/words/names.txt": Link("/etc/passwd")}, "missing-file", "there is no file"),
        ({"s/words": Link("../w"), "w/names.txt": WORDS}, "missing-file", "there is no file"),
        ({"s/words/names.txt": Submodule("1" * 40)}, "missing-file", "there is no file"),
    ],
)
@pytest.mark.parametrize("folder", ["s/", ""])
def test_a_spec_is_what_it_names_too(
    judged: Judge, files: Mapping[str, Content], code: str | None, problem: str, folder: str
) -> None:
    """Its own text is as it was each time; it lies in a folder, or in the root."""

    def moved(path: str) -> str:
        return path.replace("s/", folder, 1) if path.startswith("s/") else path

    after = {"s/a.circuit": WITH_WORDS, **files}
    found = judged(*({moved(k): v for k, v in side.items()} for side in (LISTED, after)))
    if code is None:
        assert found.files == ()
        return
    (one,) = found.files
    assert (one.change, one.outcome) == ("changed", "invalid")
    assert [d.code for d in one.findings.diagnostics] == [code]
    assert problem in one.findings.diagnostics[0].message
    links = [moved(name) for name, content in files.items() if isinstance(content, Link)]
    assert one.notes == tuple(f"`{n}` is a symbolic link, which is not followed" for n in links)


def test_words_that_are_not_pinned_may_change(judged: Judge) -> None:
    """And the same file may be meant in several ways."""
    loose = WITH_WORDS.replace(f' sha256 "{DIGEST}"', "").replace("words/", "./words//")
    before = {"s/a.circuit": loose, "s/words/names.txt": WORDS}
    found = judged(before, {**before, "s/words/names.txt": WORDS + "Zoe\n"})
    (one,) = found.files
    assert (one.change, one.outcome) == ("changed", "sound")
    assert one.difference is not None
    assert one.difference.count("re-measures") == 1


def test_the_shape_of_a_model_beside_a_spec_is_looked_at(judged: Judge) -> None:
    text = spec(f"{ROLE} claim right: accuracy(of=model) >= 90%", model='model "path:m"').replace(
        "at END", "at REPEAT"
    )
    config = (
        '{"model_type": "gpt2", "n_layer": %d, "n_head": 2, "n_embd": 8, "vocab_size": 9, '
        '"n_positions": 999}'
    )
    before = {"s/a.circuit": text, "s/m/config.json": config % 2}
    found = judged(before, {**before, "s/m/config.json": config % 1})
    (one,) = found.files
    assert (one.change, one.outcome) == ("changed", "invalid")
    assert [d.code for d in one.findings.diagnostics] == ["out-of-range"]


@pytest.mark.parametrize("before", [BROKEN, b"\xff", b"x" * (2 << 20)])
def test_what_was_invalid_can_be_mended(judged: Judge, before: Content) -> None:
    found = judged({"a.circuit": before}, {"a.circuit": WEAK})
    (one,) = found.files
    assert (one.change, one.outcome, one.difference) == ("changed", "sound", None)
    (note,) = one.notes
    assert note.startswith(f"taken as new, for in {found.base.commit and found.base.commit[:12]} ")


def test_words_that_were_missing_do_not_make_a_spec_new(judged: Judge) -> None:
    weaker = {**LISTED, "s/a.circuit": WITH_WORDS.replace("90%", "80%")}
    found = judged({"s/a.circuit": WITH_WORDS}, weaker)
    assert outcomes(found) == {"s/a.circuit": ("changed", "weaker")}
    assert "missing-file" in found.files[0].notes[0]


def test_a_waiver_that_has_expired_is_an_error_where_it_is_written_only(bare: Bare) -> None:
    waiver = 'waive right until "{}" because "of a reason"'
    old = claiming("90%", waiver.format("2020-01-01"))
    base = bare.commit({"a.circuit": old})
    mended = bare.commit({"a.circuit": claiming("95%")}, base)
    longer = bare.commit({"a.circuit": claiming("90%", waiver.format("2099-01-01"))}, base)
    kept = bare.commit({"a.circuit": old.replace("90%", "95%")}, base)
    codes = [
        gate(base, head, repository=Repository(bare.folder), today=TODAY).exit_code
        for head in (base, mended, longer, kept)
    ]
    assert codes == [0, 0, 1, 2]
    same_day = gate(base, kept, repository=Repository(bare.folder), today=date(2020, 1, 1))
    assert same_day.exit_code == 0


def test_only_what_a_pattern_matches_is_looked_at(judged: Judge) -> None:
    before = {"s/a.circuit": STRONG, "s/deep/b.circuit": STRONG, "t/c.circuit": STRONG}
    weak = dict.fromkeys(before, WEAK)
    assert list(outcomes(judged(before, weak))) == sorted(before)
    assert list(outcomes(judged(before, weak, ["t/*", "*.spec"]))) == ["t/c.circuit"]
    assert list(outcomes(judged(before, weak, ["s/*.circuit"]))) == [
        "s/a.circuit",
        "s/deep/b.circuit",
    ]


# --- names -------------------------------------------------------------------------------------

ODD = (
    b"with space",
    b"--help",
    b"-",
    b"*",
    b":(glob)**",
    b'"quoted"',
    b"$(touch broken)",
    b"line\nfeed",
    b"tab\tand\rreturn",
    b"caf\xe9",
    "café\u202e".encode(),
    b"\xf0\x9f\xa6\x89",
    b"n" * 240,
)


@pytest.mark.parametrize("folder", [b"", b"a folder\n\xff/"])
def test_odd_names_are_names(bare: Bare, judged: Judge, folder: bytes) -> None:
    names = [folder + name + b".circuit" for name in ODD]
    found = judged(dict.fromkeys(names, STRONG), dict.fromkeys(names, WEAK))
    assert {one.path for one in found.files} == {
        name.decode("utf-8", "backslashreplace") for name in names
    }
    assert {one.outcome for one in found.files} == {"weaker"}
    for one in found.files:
        assert one.difference is not None
        assert one.difference.b.path == one.path


PARTS = st.binary(min_size=1, max_size=8).filter(
    # What git itself refuses to have in a commit.
    lambda part: (
        not set(part) & set(b"\0/")
        and part != b"."
        and b".." not in part + b"."
        and b"git" not in part.lower()
    )
)
TEXTS = st.sampled_from([STRONG, WEAK, BROKEN, None])


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.lists(PARTS, max_size=2), TEXTS, TEXTS), max_size=5))
def test_each_spec_is_judged_by_its_own_past(
    bare: Bare, specs: list[tuple[list[bytes], str | None, str | None]]
) -> None:
    before: dict[bytes, Content] = {}
    after: dict[bytes, Content] = {}
    expected: Outcomes = {}
    for number, (parts, was, now) in enumerate(specs):
        # Each in a folder of its own: no name is both a file and a folder.
        path = b"/".join([b"%d" % number, *parts, b"x.circuit"])
        before |= {} if was is None else {path: was}
        after |= {} if now is None else {path: now}
        name = path.decode("utf-8", "backslashreplace")
        if now is None and was is not None:
            expected[name] = ("gone", "weaker")
        elif was != now:
            worse = "weaker" if (was, now) == (STRONG, WEAK) else "sound"
            expected[name] = ("changed" if was else "new", "invalid" if now == BROKEN else worse)
    base = bare.commit(before)
    head = bare.commit(after, base)
    found = gate(base, head, repository=Repository(bare.folder), today=TODAY)
    assert outcomes(found) == expected
    assert found.unchanged == len(before.keys() | after.keys()) - len(expected)


# --- revisions ---------------------------------------------------------------------------------


def refusal(bare: Bare, *revisions: str, exactly: bool = False) -> RevisionError:
    with pytest.raises(RevisionError) as caught:
        gate(*revisions, exactly=exactly, repository=Repository(bare.folder))
    return caught.value


def test_others_work_since_the_branch_is_not_held_against_it(bare: Bare) -> None:
    start = bare.commit({"a.circuit": WEAK})
    main = bare.commit({"a.circuit": STRONG}, start)
    branch = bare.commit({"a.circuit": WEAK, "b.circuit": WEAK}, start)
    assert gate(main, branch, repository=Repository(bare.folder)).exit_code == 0
    exactly = gate(main, branch, exactly=True, repository=Repository(bare.folder))
    assert outcomes(exactly) == {"a.circuit": ("changed", "weaker"), "b.circuit": ("new", "sound")}


def test_zeros_are_no_commit(bare: Bare) -> None:
    commit = bare.commit({"a.circuit": STRONG})
    first, last = (
        gate(*sides, exactly=True, repository=Repository(bare.folder))
        for sides in ((ZEROS, commit), (commit, ZEROS))
    )
    assert outcomes(first) == {"a.circuit": ("new", "sound")}
    assert outcomes(last) == {"a.circuit": ("gone", "weaker")}
    assert "--exactly" in str(refusal(bare, ZEROS, commit).fix)


def test_histories_that_part_in_two_commits_are_refused(bare: Bare) -> None:
    """Of two bases, git would choose one, which may be the weaker."""
    start = bare.commit({"a.circuit": WEAK})
    one = bare.commit({"a.circuit": WEAK, "b": "1"}, start)
    other = bare.commit({"a.circuit": STRONG}, start)
    main = bare.commit({"a.circuit": STRONG, "b": "1"}, other, one)
    head = bare.commit({"a.circuit": WEAK, "b": "2"}, one, other)
    error = refusal(bare, main, head)
    assert str(error).endswith("part in 2 commits")
    merged = bare.commit({"a.circuit": WEAK, "b": "2"}, head, main)
    assert gate(main, merged, repository=Repository(bare.folder)).exit_code == 1


def test_histories_with_nothing_in_common(bare: Bare) -> None:
    one, other = bare.commit({}), bare.commit({"a.circuit": STRONG})
    error = refusal(bare, one, other)
    assert "have no history in common" in str(error)
    assert "--exactly" in str(error.fix)


def test_a_replaced_object_is_not_what_was_pushed(bare: Bare) -> None:
    """Whoever may push may push `refs/replace`, and take it away again."""
    base = bare.commit({"a.circuit": STRONG})
    head = bare.commit({"a.circuit": WEAK}, base)
    bare.git("replace", *(bare.git("rev-parse", f"{one}:a.circuit") for one in (head, base)))
    assert bare.git("cat-file", "blob", f"{head}:a.circuit").endswith(STRONG.strip())
    assert gate(base, head, repository=Repository(bare.folder)).exit_code == 1


def test_a_commit_that_is_not_whole_is_not_taken_for_an_empty_one(bare: Bare) -> None:
    base = bare.commit({"a.circuit": STRONG})
    head = bare.commit({"a.circuit": WEAK}, base)
    lost = bare.git("rev-parse", f"{base}:a.circuit")
    (bare.folder / "objects" / lost[:2] / lost[2:]).unlink()
    assert str(refusal(bare, base, head)).startswith(f"git cannot read {lost[:12]}")


def test_a_commit_with_two_files_of_one_name_is_refused(bare: Bare) -> None:
    base = bare.commit({"a.circuit": STRONG})
    blobs = [bytes.fromhex(bare.blob(text.encode())) for text in (WEAK, STRONG)]
    raw = b"".join(b"100644 a.circuit\0" + blob for blob in blobs)
    literally = ("hash-object", "-t", "tree", "--literally", "-w", "--stdin")
    head = bare.commit_of(bare.git(*literally, given=raw), base)
    assert "`a.circuit` twice" in str(refusal(bare, base, head))


def test_a_commit_of_more_files_than_can_be_listed_is_refused(bare: Bare) -> None:
    """Ten trees, each of which holds the one before ten times over: ten thousand million files."""
    tree = bare.git("rev-parse", bare.commit({"x" * 200: "x"}) + "^{tree}")
    for _ in range(10):
        entries = b"".join(b"040000 tree %s\t%d\0" % (tree.encode(), n) for n in range(10))
        tree = bare.git("mktree", "-z", given=entries)
    head = bare.commit_of(tree)
    assert "too many to be read" in str(refusal(bare, ZEROS, head, exactly=True))


def test_one_large_file_under_many_names_is_not_written_as_often(bare: Bare) -> None:
    large, names = b"\0" * (64 << 20), [f"w{n}.txt" for n in range(5)]
    words = " ".join(f'words w{n} from "{name}"' for n, name in enumerate(names))
    text = spec("claim right: accuracy(of=model) >= 90%", task=f"{words} {TASK}")
    blob = bare.blob(large)
    entries = [f"100644 blob {blob}\t{name}" for name in names]
    entries.append(f"100644 blob {bare.blob(text.encode())}\ta.circuit")
    head = bare.commit_of(bare.git("mktree", given="\n".join(entries).encode()))
    assert "more data than would be read" in str(refusal(bare, ZEROS, head, exactly=True))


def test_a_name_that_cannot_be_written_is_said(bare: Bare) -> None:
    """Git keeps names that are longer than those of most file systems."""
    long = "n" * 300
    text = WITH_WORDS.replace("words/names.txt", long)
    head = bare.commit({"a.circuit": text, long: WORDS})
    assert "cannot be laid out" in str(refusal(bare, ZEROS, head, exactly=True))

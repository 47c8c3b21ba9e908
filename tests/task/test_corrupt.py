from __future__ import annotations

from pathlib import Path

from circuitlang.task.build import build_dataset
from tests.task.tiny import NAMES, TASK, compiled, word_level

SLOTS = ("IO", "S1", "S2")
RESAMPLE = "corrupt abc resample IO, S1, S2"


def pairs(folder: Path, corruption: str) -> list[tuple[dict[str, str], dict[str, str]]]:
    """The words at IO, S1 and S2, clean and corrupt, of forty examples."""
    tokenizer = word_level()
    circuit = compiled(folder, TASK.replace(RESAMPLE, corruption))
    dataset, problems = build_dataset(circuit.task, tokenizer, 40, 5)
    assert dataset is not None, problems

    def words(ids: tuple[int, ...], at: dict[str, int]) -> dict[str, str]:
        return {slot: tokenizer.token(ids[i]) for slot, i in at.items()}

    found = []
    for example in dataset.examples:
        at = {slot: example.positions[slot][0] for slot in SLOTS}
        (corrupt,) = example.corrupt.values()
        rest = [i for i in range(len(corrupt)) if i not in at.values()]
        assert [corrupt[i] for i in rest] == [example.clean[i] for i in rest]
        found.append((words(example.clean, at), words(corrupt, at)))
    return found


def test_resampled_words_are_new_and_differ(tmp_path: Path) -> None:
    for clean, corrupt in pairs(tmp_path, RESAMPLE):
        assert len(set(corrupt.values())) == 3
        assert not set(corrupt.values()) & set(clean.values())


def test_resampling_uses_the_whole_list(tmp_path: Path) -> None:
    drawn = {corrupt["IO"] for _, corrupt in pairs(tmp_path, RESAMPLE)}
    assert drawn == set(NAMES)


def test_a_repetition_that_is_not_named_keeps_its_word(tmp_path: Path) -> None:
    for clean, corrupt in pairs(tmp_path, "corrupt x resample S1"):
        assert corrupt["S1"] not in clean.values()
        assert (corrupt["S2"], corrupt["IO"]) == (clean["S2"], clean["IO"])


def test_a_swap_moves_words_round(tmp_path: Path) -> None:
    for clean, corrupt in pairs(tmp_path, "corrupt x swap IO, S1, S2"):
        assert corrupt == {"IO": clean["S1"], "S1": clean["S2"], "S2": clean["IO"]}


def test_set_puts_the_word_there(tmp_path: Path) -> None:
    for clean, corrupt in pairs(tmp_path, 'corrupt x set S2 "word"'):
        assert corrupt == {**clean, "S2": "word"}

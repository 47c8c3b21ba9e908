"""Where a task's examples come from: prompts with word lists, a data file, or a generator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from circuitlang.check.arguments import arguments_of, bind
from circuitlang.check.checked import Checked
from circuitlang.check.files import MOST_DATA_BYTES, MOST_WORD_BYTES, check_words, read_pinned
from circuitlang.check.names import unique
from circuitlang.check.scope import Scope
from circuitlang.check.statements import keyword_span, of_kind, once
from circuitlang.check.suggest import suggest
from circuitlang.check.templates import Template, parse_template
from circuitlang.check.vocabulary import GENERATORS, Generator
from circuitlang.circuit.circuit import FileData, GeneratedData, PromptData, WordList
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label
from circuitlang.syntax.source import Source, Span


class Sources(NamedTuple):
    """``data`` is None after an error. ``available`` counts the different examples that there are,
    where that is limited. ``brings_own`` is true for data and generators: answers, corrupt prompts
    and positions come along. ``known`` is false where there is no source, or more than one."""

    data: PromptData | FileData | GeneratedData | None
    templates: tuple[Template, ...] = ()
    brings_own: bool = False
    generator: Generator | None = None
    available: int | None = None
    span: Span = Span(0, 0)
    known: bool = True


def check_sources(task: tree.Task, root: Path, source: Source) -> Checked[Sources]:
    prompts = of_kind(tree.Prompt, task.statements)
    lists = of_kind(tree.Words, task.statements)
    data = yield from once("data", of_kind(tree.Data, task.statements))
    generate = yield from once("generate", of_kind(tree.Generate, task.statements))
    words = yield from _check_lists(lists, root)
    found: list[tuple[str, tree.Prompt | tree.Data | tree.Generate]] = [
        *(("prompt", prompt) for prompt in prompts[:1]),
        *((("data", data),) if data else ()),
        *((("generate", generate),) if generate else ()),
    ]
    if not found:
        yield Diagnostic(
            "missing-statement",
            "the task has no examples: no `prompt`, `data` or `generate`",
            keyword_span(task.span, "task"),
            help='add `prompt NAME "..."`, `data "file.jsonl"` or `generate repeated_tokens()`',
        )
        return Sources(None, known=False)
    keyword, first = found[0]
    for other, statement in found[1:]:
        yield Diagnostic(
            "mixed-data",
            f"examples come from one source; this task has `{keyword}` and `{other}`",
            keyword_span(statement.span, other),
            secondary=(Label(keyword_span(first.span, keyword), "the first source"),),
        )
    if len(found) > 1:
        return Sources(None, known=False)
    match first:
        case tree.Prompt():
            return (yield from _check_prompts(prompts, lists, words, source))
        case tree.Data():
            return (yield from _check_file(first, root))
        case _:
            return (yield from _check_generate(first))


def _check_lists(lists: Sequence[tree.Words], root: Path) -> Checked[Mapping[str, WordList]]:
    yield from unique("word list", (entry.name for entry in lists))
    words: dict[str, WordList] = {}
    for entry in lists:
        found = yield from read_pinned(root, entry.path, entry.sha256, MOST_WORD_BYTES)
        if found is None:
            continue
        path, content, digest = found
        listed = yield from check_words(content, entry.path)
        if listed:
            words[entry.name.text] = WordList(entry.name.text, path, listed, digest, entry.span)
    return MappingProxyType(words)


def _check_prompts(
    prompts: Sequence[tree.Prompt],
    lists: Iterable[tree.Words],
    words: Mapping[str, WordList],
    source: Source,
) -> Checked[Sources]:
    yield from unique("prompt", (prompt.name for prompt in prompts))
    declared = frozenset(entry.name.text for entry in lists)
    templates: list[Template] = []
    for prompt in prompts:
        templates.append((yield from parse_template(prompt, declared, source)))
    available = yield from _count(templates, words)
    data = PromptData(tuple(template.value for template in templates), words)
    span = keyword_span(prompts[0].span, "prompt")
    return Sources(data, tuple(templates), available=available, span=span)


def _count(templates: Iterable[Template], words: Mapping[str, WordList]) -> Checked[int | None]:
    """How many different prompts there are: slots that draw from one list draw different words."""
    total = 0
    for template in templates:
        draws = Counter(s.slot.words for s in template.slots if s.slot.words is not None)
        ways = 1
        for name, count in draws.items():
            if name not in words:
                return None
            size = len(words[name].words)
            if size < count:
                yield Diagnostic(
                    "not-enough-words",
                    f"`{template.value.name}` draws {count} different words from `{name}`, which "
                    f"holds {size}",
                    template.prompt.template.span,
                    secondary=(Label(words[name].span, f"{size} words"),),
                )
                return None
            for drawn in range(count):
                ways *= size - drawn
        total += ways
    return total


def _check_file(data: tree.Data, root: Path) -> Checked[Sources]:
    found = yield from read_pinned(root, data.path, data.sha256, MOST_DATA_BYTES)
    if found is None:
        return Sources(None, brings_own=True, span=data.path.span)
    path, content, digest = found
    lines = sum(1 for line in content.split(b"\n") if line.strip())
    file = FileData(path, digest, data.span)
    return Sources(file, brings_own=True, available=lines, span=data.path.span)


def _check_generate(generate: tree.Generate) -> Checked[Sources]:
    call = generate.call
    generator = GENERATORS.get(call.name.text)
    if generator is None:
        yield Diagnostic(
            "unknown-generator",
            f"there is no generator `{call.name}`",
            call.name.span,
            help=suggest(call.name.text, GENERATORS, "generators"),
        )
        return Sources(None, brings_own=True)
    values = yield from bind(
        call.name, arguments_of(call), generator.arguments, Scope(), settings=False
    )
    data = None
    if values is not None:
        data = GeneratedData(call.name.text, MappingProxyType(dict(values)), generate.span)
    return Sources(data, brings_own=True, generator=generator, span=call.name.span)

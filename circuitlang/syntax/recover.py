"""What the parser does about a mistake: report it once, then find the next sound statement.

A wrong statement is dropped, the statements around it are kept. Where the author's intention is
plain (a misspelt keyword, a missing colon), the mistake is reported and the statement read as
meant, so that nothing that follows is blamed for it.
"""

from __future__ import annotations

import re

from lark import Token

from circuitlang.syntax import complaints
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.explain import explain
from circuitlang.syntax.grammar import HEADS, KEYWORDS, RESERVED, STARTERS, STATEMENTS, terminal
from circuitlang.syntax.layout import Layout
from circuitlang.syntax.machine import END, INVALID, Machine
from circuitlang.syntax.situation import Situation
from circuitlang.syntax.source import Source, Span
from circuitlang.syntax.tree import File

MOST = 100  # diagnostics a file; after so many the rest is not read
DEEPEST = 16  # nested calls

_EQUAL = re.compile(r"\s*=(?![=])")
_OPENERS = ("EQUAL", "LPAR", "COMMA", "COLON", "ARROW")


class Reader:
    """One pass over one text. Its parts change while it reads; what it returns does not."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.machine = Machine(source.text)
        self.layout = Layout(source.text)
        self.tokens: list[Token] = []
        self.found: list[Diagnostic] = []
        self._suspect = False  # the statement being read has been reported already
        self._full = False
        self._no_edition = False
        self._no_circuit = False
        self._closing: Token | None = None  # the brace that ended the circuit
        self._forgiven = False  # the circuit's closing brace is no longer asked for
        self._slanted: Token | None = None  # an opening brace whose partner stands further left
        self._excess: int | None = None
        self._depth = 0
        self._strayed: set[tuple[int, str]] = set()

    def read(self) -> File:
        """Read the whole text."""
        machine = self.machine
        while not self._full:
            token = machine.next()
            if token.type == END:
                break
            if self._out_of_place(token) or not self._take(token):
                self._recover(token)
        return self._finish()

    # --- the way that has no mistakes --------------------------------------------------------

    def _take(self, token: Token) -> bool:
        kind = token.type
        if kind == "RBRACE":
            self._before_closing(token)
        elif kind == "LPAR":
            self._depth += 1
            if self._depth > DEEPEST:
                self._report(complaints.too_deep(token, DEEPEST))
                self._skip(token)
                return True
        elif kind == "NAME" and self.tokens and token.value in complaints.TAKEN:
            self._report_taken(token)
        if not self.machine.feed(token):
            return False
        if kind in STARTERS or kind in ("LBRACE", "RBRACE"):
            self._suspect = False
            self._depth = 0
        elif kind == "RPAR":
            self._depth -= 1
        self.tokens.append(token)
        return True

    def _report_taken(self, token: Token) -> None:
        if self.tokens[-1].type in complaints.NAMING and self.machine.looks_up("NAME"):
            self._report(complaints.taken_name(token))

    def _before_closing(self, token: Token) -> None:
        blocks = self.machine.blocks()
        if not blocks:
            return
        opening = blocks[-1][1]
        if self._slanted is None and self.layout.leads(token):
            here = self.layout.indent(token)
            if here < self.layout.indent(opening):
                self._slanted = opening
        if len(blocks) == 1 and self.machine.may("RBRACE"):
            self._closing = token

    def _out_of_place(self, token: Token) -> bool:
        """Whether a keyword that could be read as a name here was meant to begin a statement."""
        machine = self.machine
        if token.type != "NAME" or token.value not in complaints.TAKEN:
            return False
        if not machine.looks_up("NAME"):
            return False
        if machine.looks_up("RBRACE"):  # a setting's key could stand here
            return not _EQUAL.match(self.source.text, token.end_pos or 0)
        around = {"circuit"}.union(*(STATEMENTS[word] for word, _ in machine.blocks()))
        return not self._depth and token.value in around and self.layout.leads(token)

    # --- the end -----------------------------------------------------------------------------

    def _finish(self) -> File:
        machine = self.machine
        end = machine.token(END, "", len(self.source.text), len(self.source.text))
        if not self.tokens and not self.found:
            self._report(complaints.empty_file(self.source))
            return File(None, None)
        if machine.may(END):
            return self._built()
        inside = not machine.may("RBRACE")
        if inside and not (self._full or self._suspect):
            self._report(explain(self._situation(end)))
        if inside:
            machine.cut()
        if machine.may("EDITION"):
            self._enter_edition(end)
        if machine.may("CIRCUIT"):
            self.machine.enter("circuit", end)
            self._no_circuit = True
        elif not (self._forgiven or self._full or (inside and not machine.blocks())):
            word, opening = machine.blocks()[-1]
            if self._slanted is not None:
                word, opening = complaints.block_of(self._slanted, self.tokens), self._slanted
            last = len(self.source.text.rstrip())
            at = machine.token(END, "", last, last)
            self._report(complaints.unclosed_brace(word, opening, at))
        while machine.may("RBRACE"):
            machine.feed(machine.token("RBRACE", "}", end.start_pos or 0, end.start_pos or 0))
        return self._built()

    def _built(self) -> File:
        file = self.machine.finish()
        return File(
            None if self._no_edition else file.edition,
            None if self._no_circuit else file.circuit,
            file.span,
        )

    # --- recovery ----------------------------------------------------------------------------

    def _recover(self, token: Token) -> None:
        situation = self._situation(token)
        accepts = situation.accepts
        if "EDITION" in accepts or (situation.word == "edition" and "CIRCUIT" not in accepts):
            self._at_the_top(token)
        elif "CIRCUIT" in accepts:
            self._before_the_circuit(token)
        elif accepts == {END}:
            self._after_the_circuit(token)
        elif situation.boundary and self._begins(token):
            self._wrong_statement(situation)
        else:
            self._wrong_token(situation)

    def _at_the_top(self, token: Token) -> None:
        guess = complaints.closest(token.value, ("edition",))
        if guess:
            self._report(complaints.misspelt(token, guess))
            self._suspect = True
            self.machine.feed(Machine.reread(token, "EDITION"))
            return
        if self.machine.statement() is None:
            self._report(complaints.missing_edition(token))
        elif not self._suspect:
            self._report(explain(self._situation(token)))
            self.machine.cut()
        self._enter_edition(token)
        self._skip_to_circuit(token)

    def _enter_edition(self, token: Token) -> None:
        start = token.start_pos or 0
        self.machine.cut()
        self.machine.feed(self.machine.token("EDITION", "edition", start, start))
        self.machine.feed(self.machine.token("NUMBER", "1", start, start))
        self._no_edition = True

    def _before_the_circuit(self, token: Token) -> None:
        if token.value == "edition":
            self._report(complaints.duplicate_edition(token, self._edition()))
            self._skip_to_circuit(self.machine.next())
            return
        guess = complaints.closest(token.value, ("circuit",))
        if guess:
            self._report(complaints.misspelt(token, guess))
            self._suspect = True
            self.machine.feed(Machine.reread(token, "CIRCUIT"))
            return
        if token.value in RESERVED:
            self._report(complaints.reserved(token))
            self._skip_to_circuit(token)
            return
        if not self._suspect:
            self._report(explain(self._situation(token)))
        self._suspect = True
        if token.value in STATEMENTS["circuit"]:
            self.machine.enter("circuit", token)
            self._forgiven = True
            self.machine.back_to(token.start_pos or 0)
        else:
            self._skip_to_circuit(token)

    def _skip_to_circuit(self, token: Token) -> None:
        """Go on at the word `circuit`, or else at the first statement of one."""
        wanted = {"circuit", "edition", *STATEMENTS["circuit"]}
        first = token
        while token.type != END:
            leads = token is first or self.layout.leads(token)
            near = complaints.closest(token.value, ("circuit",)) and leads
            if (token.value in wanted and leads) or near:
                break
            token = self.machine.next()
        self._suspect = token.type == END
        self.machine.back_to(token.start_pos or 0)

    def _after_the_circuit(self, token: Token) -> None:
        if token.value == "circuit":
            self._report(complaints.second_circuit(token, self._circuit_word()))
            self._stop()
        elif token.value == "edition":
            self._report(complaints.duplicate_edition(token, self._edition()))
            self.machine.next()
        elif token.value in STATEMENTS["circuit"] and self._closing is not None:
            self._report(complaints.outside(token, self._closing))
            self.machine.reopen()
            self._forgiven = True
            self.machine.back_to(token.start_pos or 0)
        elif token.type == "RBRACE":
            self._report(complaints.unmatched_brace(token))
        else:
            self._report(explain(self._situation(token)))
            words = {"circuit", "edition", *STATEMENTS["circuit"]}
            token = self.machine.next()
            while token.type not in (END, "RBRACE") and token.value not in words:
                token = self.machine.next()
            self.machine.back_to(token.start_pos or 0)

    def _wrong_statement(self, situation: Situation) -> None:
        token = situation.token
        word = str(token.value)
        blocks = self.machine.blocks()
        block = blocks[-1][0]
        if word in RESERVED:
            self._report(complaints.reserved(token))
        elif word == "edition":
            self._report(complaints.duplicate_edition(token, self._edition()))
        elif word in KEYWORDS:
            outer = {"circuit"}.union(*(STATEMENTS[name] for name, _ in blocks[:-1]))
            if word in outer and self._open_braces() > 0:
                self._close(*blocks[-1], token)
                return
            if word == "circuit":
                self._report(complaints.second_circuit(token, self._circuit_word()))
            else:
                self._report_misplaced(token, *blocks[-1])
        elif "LBRACE" in situation.accepts and _EQUAL.match(self.source.text, token.end_pos or 0):
            self._report(explain(situation))
            self._open_here(token)
            return
        elif guess := complaints.closest(word, STATEMENTS[block]):
            self._report(complaints.misspelt(token, guess))
            self._suspect = True
            self.machine.feed(Machine.reread(token, terminal(guess)))
            return
        elif block == "role" and token.type in ("HEAD", "MLP"):
            self._report(complaints.bare_member(token))
            self._suspect = True
            start = token.start_pos or 0
            self.machine.feed(self.machine.token(f"{token.type}_WORD", token.type, start, start))
            self._take(token)
            return
        elif token.type == INVALID:
            self._report(explain(situation))
        else:
            self._report(complaints.unknown_statement(token, block))
        self._suspect = True
        self._skip(token)

    def _report_misplaced(self, token: Token, block: str, opening: Token) -> None:
        """One report for all statements of another block that stand in this one."""
        stray = (opening.start_pos or 0, complaints.home_of(token))
        if stray not in self._strayed:
            self._strayed.add(stray)
            self._report(complaints.misplaced(token, block))

    def _open_here(self, token: Token) -> None:
        """Open the block whose brace is missing before ``token``."""
        start = token.start_pos or 0
        self.machine.feed(self.machine.token("LBRACE", "{", start, start))
        self.machine.back_to(start)
        self._excess = self._open_braces() + 1
        self._suspect = False

    def _close(self, word: str, opening: Token, token: Token) -> None:
        """Close a block that the author left open before ``token``."""
        self._report(complaints.unclosed_brace(word, opening, token))
        start = token.start_pos or 0
        self._excess = self._open_braces() - 1
        self.machine.feed(self.machine.token("RBRACE", "}", start, start))
        self.machine.back_to(start)

    def _wrong_token(self, situation: Situation) -> None:
        token = situation.token
        if situation.keyless and situation.block == "task":
            key = self.tokens[-1]
            guess = complaints.closest(key.value, STATEMENTS["task"])
            if guess or not (self.machine.may("EQUAL", token.type)):
                self._report(complaints.unknown_statement(key, "task", guess))
                self.machine.cut()
                if guess:
                    self._suspect = True
                    self.machine.feed(Machine.reread(key, terminal(guess)))
                    self.machine.back_to(token.start_pos or 0)
                    return
                self._suspect = True
                self._skip(token)
                return
        if not self._suspect:
            self._report(explain(situation))
            self._suspect = True
            if self._repair(situation):
                return
        start = self.machine.statement()
        head = str(start.value) if start is not None and str(start.value) in HEADS else None
        if not situation.boundary:
            self.machine.cut()
        self._skip(token, head, start)

    def _repair(self, situation: Situation) -> bool:
        """Put the one token in that was meant, where that is plain."""
        token = situation.token
        start = token.start_pos or 0
        machine = self.machine
        for wrong, right in (("EQUAL", "COLON"), ("COLON", "EQUAL")):
            if token.type == wrong and right in situation.accepts:
                doubled = self.source.text.startswith("=", token.end_pos or 0)
                return not doubled and machine.feed(Machine.reread(token, right))
        if token.type == INVALID and token.value[0] == '"' and "STRING" in situation.accepts:
            end = token.end_pos or 0
            return machine.feed(machine.token("STRING", f'{token.value}"', start, end))
        for kind in ("COLON", "EQUAL", "ARROW", "COMMA", "RPAR"):
            if kind in situation.accepts and any(
                machine.may(kind, read_as) for read_as in _readings(token)
            ):
                machine.feed(machine.token(kind, "", start, start))
                machine.back_to(start)
                return True
        if "LBRACE" in situation.accepts and not situation.boundary:
            inner = STATEMENTS.get(situation.word, ())
            leads = self.layout.leads(token)
            if (
                (token.value in inner and (leads or "{" not in self.layout.rest_of_line(token)))
                or (leads and token.type == "NAME")
                or (token.type == "RBRACE" and self._open_braces() < 0)
            ):
                self._open_here(token)
                return True
        return False

    def _skip(self, token: Token, head: str | None = None, start: Token | None = None) -> None:
        """Go on at the next statement, or at the brace that ends this block.

        ``head`` is the keyword of a statement with a block whose head was wrong: its block is
        entered all the same.
        """
        if start is None:
            start = token
        if not self.machine.may("RBRACE"):
            self.machine.cut()
        margin = self.layout.indent(start)
        braces = 0
        last = None
        parens = 0
        while token.type != END:
            if token.type == "LBRACE":
                if not braces and head is not None:
                    self.machine.cut()
                    self.machine.enter(head, token)
                    self._suspect = False
                    return
                braces += 1
            elif token.type == "RBRACE":
                if not braces and not self._strays(token):
                    break
                braces = max(0, braces - 1)
            elif token.type == "LPAR":
                parens += 1
            elif token.type == "RPAR":
                parens -= 1
            elif (
                (last is not None or (token is not start and self.layout.leads(token)))
                and not braces
                and self._restarts(token, last or start, margin, parens)
            ):
                if head is not None and token.value in STATEMENTS[head]:
                    self.machine.cut()
                    self.machine.enter(head, token)
                    self._excess = self._open_braces() + 1
                break
            last = token
            token = self.machine.next()
        self._depth = 0
        self._suspect = False
        self.machine.back_to(token.start_pos or 0)

    def _restarts(self, token: Token, last: Token, margin: int, parens: int) -> bool:
        """Whether a statement seems to begin here."""
        leads = self.layout.leads(token)
        if leads and token.value in KEYWORDS:
            return True
        if leads and self.layout.indent(token) <= margin and parens <= 0:
            return True
        word = self.machine.blocks()
        inside = STATEMENTS[word[-1][0]] if word else STATEMENTS["circuit"]
        return token.value in inside and last.type not in _OPENERS and parens <= 0

    def _strays(self, token: Token) -> bool:
        """Whether a closing brace is one too many and stands amid a line."""
        if self._open_braces() >= 0 or not self.layout.rest_of_line(token):
            return False
        self._excess = self._open_braces() + 1
        return True

    # --- small things ------------------------------------------------------------------------

    def _situation(self, token: Token) -> Situation:
        blocks = self.machine.blocks()
        return Situation(
            source=self.source,
            token=token,
            before=self.tokens[-1] if self.tokens else None,
            accepts=self.machine.accepts(),
            word=self.machine.word(),
            last=self.machine.last(),
            block=blocks[-1][0] if blocks else "",
        )

    def _begins(self, token: Token) -> bool:
        """Whether the author meant a statement to begin with this token."""
        return (
            str(token.value) in complaints.TAKEN
            or self.layout.leads(token)
            or (bool(self.tokens) and self.tokens[-1].type in ("LBRACE", "RBRACE"))
        )

    def _open_braces(self) -> int:
        """How many more braces open than close in the whole text, less those reported."""
        if self._excess is None:
            self._excess = self.layout.excess
        return self._excess

    def _edition(self) -> Token | None:
        return next((t for t in self.tokens if t.type == "EDITION"), None)

    def _circuit_word(self) -> Token | None:
        return next((t for t in self.tokens if t.type == "CIRCUIT"), None)

    def _stop(self) -> None:
        self._full = True

    def _report(self, diagnostic: Diagnostic) -> None:
        if self._full:
            return
        self.found.append(diagnostic)
        if len(self.found) >= MOST:
            end = diagnostic.span.end
            self.found.append(complaints.too_many(Span(end, end), MOST))
            self._stop()


def _readings(token: Token) -> tuple[str, ...]:
    """The kinds that a token may be of in another state: a name may be a keyword there."""
    if token.type != "NAME":
        return (token.type,)
    return (token.type, terminal(str(token.value)))

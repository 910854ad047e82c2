"""What to say of mistakes that `recovery` meets. In: what was met, and how it was mended. Out: diagnostics, one a line of the text.

What is absent: any decision about how to read on.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic, Edit, Fix, Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import expected
from otterdsl.compiler.syntax.foreign_words import WAITS, WAITS_HELP, declaration_help, foreign_declaration, name_help, task_help
from otterdsl.compiler.syntax.mends import mend_at
from otterdsl.compiler.syntax.mistakes import CLOSERS, Token
from otterdsl.compiler.syntax.repair import Repair
from otterdsl.compiler.syntax.stack import Automaton, Opened, Stack, outward
from otterdsl.compiler.syntax.yaml_habits import YamlHabit

# What a fix may put in: what stands at the end of what is before it, and what stands before what comes next.
_GLUED: Final[Mapping[str, str]] = {",": ",", ":": ":"}
_APART: Final[Mapping[str, str]] = {"=": "=", "IN": "in"}


class Complaints:
    """Gathers the diagnostics of one text. After a mistake whose mend is not sure nothing more is said of its line: it is rarely another one."""

    def __init__(self, source: SourceText, tokens: Sequence[Token], diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = list(diagnostics)
        self._source, self._tokens = source, tokens
        self._lines = {source.position(d.span.start).line for d in diagnostics if d.span}
        self._suspects: list[Token] = []
        # Whether a bracket was put in, which then may have been closed in the place of one that was written.
        self._opened = False
        # Whether to say nothing at all.
        self.quiet = False

    def report(
        self,
        code: str,
        message: str,
        token: Token,
        label: str = "",
        mend: str = "",
        *,
        related: tuple[Label, ...] = (),
        fix: Fix | None = None,
        sure: bool = False,
    ) -> None:
        """A diagnostic at a token, unless its line has one that was not `sure`."""
        line = self._source.position(token.start).line
        if self.quiet or line in self._lines:
            return
        if not sure:
            self._lines.add(line)
        fixes = (fix,) if fix else ()
        self.diagnostics.append(Diagnostic(code, CODES[code].severity, message, self._span(token), label, mend, related, fixes))

    def _span(self, token: Token) -> Span:
        # At the end of the file there is nothing to point at but the last character.
        if token.kind == "$END":
            end = len(self._source.text.rstrip())
            return Span(self._source.file, max(0, end - 1), end)
        return Span(self._source.file, token.start, token.end)

    def passed_over(self, start: Token, end: Token) -> None:
        """Takes back what was said of characters between two tokens: all of that was wrong together, and what is said next is enough."""
        if self.quiet:
            return
        left = [d for d in self.diagnostics if d.code != "OT007" or d.span is None or not start.end <= d.span.start < end.start]
        freed = {self._source.position(d.span.start).line for d in self.diagnostics if d.span and d not in left}
        self._lines -= freed - {self._source.position(d.span.start).line for d in left if d.span}
        self.diagnostics = left

    # ------------------------------------------------------------ brackets

    def watch(self, stack: Stack, token: Token) -> None:
        """Remembers a bracket that the token closes although their indents differ: where one is missing, it is probably that one's."""
        opened = stack.opened
        if opened is None or opened.virtual or not token.first or token.kind != CLOSERS[opened.token.kind]:
            return
        if self._indent(opened.token) != self._indent(token):
            self._suspects.append(opened.token)

    def _indent(self, token: Token) -> str:
        """The blanks that its line begins with."""
        start = self._source.starts[self._source.position(token.start).line - 1]
        text = self._source.text
        end = start
        while end < len(text) and text[end] in " \t":
            end += 1
        return text[start:end]

    def outermost(self, token: Token) -> bool:
        """Whether a token's line is not indented."""
        return not self._indent(token)

    def _suspect(self, opened: Opened) -> Token:
        return self._suspects[0] if self._suspects else opened.token

    def _opener(self, token: Token) -> tuple[Label, ...]:
        return (Label(self._span(token), "opened here"),)

    def declaration_inside(self, opened: Opened, token: Token) -> None:
        """A declaration's keyword within brackets: one that closes them is missing."""
        if opened.virtual:
            return
        suspect = self._suspect(opened)
        closer = CLOSERS[suspect.kind]
        self.report("OT105", f"`{token.text}` inside a block", token, f"a `{closer}` is missing before this", f"close what is open with `{closer}`",
                    related=self._opener(suspect))  # fmt: skip

    def unclosed(self, opened: Opened, last: Token) -> None:
        """The end of the file within brackets."""
        if opened.virtual or self._opened:
            return
        suspect = self._suspect(opened)
        closers = "".join(CLOSERS[bracket.token.kind] for bracket in outward(opened) if not bracket.virtual)
        mend = f"write `{closers}` where it ends" if len(closers) <= 4 else f"{len(closers)} brackets are open at the end"
        self.report("OT102", f"an unclosed `{suspect.kind}`", last, expected.FILE_ENDS, mend, related=self._opener(suspect))

    def stray(self, token: Token) -> None:
        """A closing bracket that nothing opens."""
        self.report("OT103", f"nothing opens this `{token.kind}`", token, mend="leave it out", sure=True)

    def closer_missing(self, opened: Opened, index: int, sure: bool = False) -> None:
        """A closing bracket that is missing before a token."""
        if opened.virtual:
            return
        closer, opener = CLOSERS[opened.token.kind], opened.token.kind
        # A block's end is missed where the next statement begins, a list's where its line ends.
        token, label = self._gap(index, f"`{closer}`") if closer != "}" else (self._tokens[index], f"`{closer}` is missing before this")
        self.report("OT102", f"an unclosed `{opener}`", token, label, f"write `{closer}`", related=self._opener(opened.token), sure=sure)

    def _gap(self, index: int, what: str) -> tuple[Token, str]:
        """Where to point for something that is missing before a token: where that begins a line, at the token before."""
        token = self._tokens[index]
        if index and (token.first or token.kind == "$END"):
            return self._tokens[index - 1], f"{what} is missing after this"
        return token, f"{what} is missing before this"

    # ------------------------------------------------------------ other tokens

    def missing(self, automaton: Automaton, stack: Stack, index: int, kind: str, mend: str = "", sure: bool = False) -> None:
        """Something that must stand before a token."""
        self._opened |= kind in CLOSERS
        accepts = automaton.accepts(stack)
        could = expected.alternatives(accepts) or expected.one(kind)
        what = "a value" if kind in ("NAME", "STRING") and "TRUE" in accepts else expected.one(kind)
        if index and self._tokens[index - 1].text == "else":
            mend = "an `else` stands right after the `}` of its `if`"
            self.report("OT101", "an `else` without an `if`", self._tokens[index - 1], "belongs to no `if`", mend, sure=sure)
            return
        mend = mend or mend_at(self._tokens, index, could)
        token, label = self._gap(index, what)
        message = f"expected {could}, found {expected.found(self._tokens[index])}"
        self.report("OT101", message, token, label, mend or f"write {what}", fix=self._put_in(index, kind) if sure else None, sure=sure)

    def _put_in(self, index: int, kind: str) -> Fix | None:
        """The fix that writes a sign or an `in` that is missing before a token: right after the one before, or right before this one."""
        word = _GLUED.get(kind) or _APART.get(kind)
        if word is None or not index:
            return None
        before, token = self._tokens[index - 1], self._tokens[index]
        at, text = (before.end, word if before.end < token.start else f"{word} ") if kind in _GLUED else (token.start, f"{word} ")
        return Fix(f"write `{word}`", (Edit(Span(self._source.file, at, at), text),), "safe" if self._lacks(index, kind) else "unsafe")

    def _lacks(self, index: int, kind: str) -> bool:
        """Whether a sign is surely what is missing before a token: two words of a line may be one that was cut, and what is glued another thing."""
        before, token = self._tokens[index - 1], self._tokens[index]
        cut = not token.first and before.kind in ("WORD", "NUMBER") and token.kind in ("WORD", "NUMBER")
        key = before.first or (index > 1 and self._tokens[index - 2].kind == "{")
        return not cut and before.end < token.start and (kind != "=" or (key and before.kind in ("WORD", "STRING")))

    def _alike(self, index: int, kind: str) -> Literal["safe", "unsafe"]:
        """How sure it is that a token was written for one of `kind`: not where what follows it goes on as a name with a value does."""
        token, after = self._tokens[index], self._tokens[index + 1 : index + 3]
        named = len(after) == 2 and after[1].kind in ("=", ":") and not after[0].first and not after[1].first
        return "safe" if kind in ("=", ":", "==") and not named and not token.first else "unsafe"

    def comma(self, token: Token) -> None:
        """A comma where none separates."""
        fix = Fix("take out `,`", (Edit(self._span(token), ""),))
        mend = "take it out: no comma stands between attributes, fields, statements or declarations"
        self.report("OT101", "unexpected `,`", token, "not expected here", mend, fix=fix, sure=True)

    def yaml(self, habit: YamlHabit) -> None:
        """What is right in Otter's YAML, in the place of all that was said of its characters."""
        taken = [d for d in self.diagnostics if d.code == "OT007" and d.span and habit.holds[0] <= d.span.start < habit.holds[1]]
        if taken:
            # It was quiet because of these.
            self.quiet = False
            self.diagnostics = [d for d in self.diagnostics if d not in taken]
            said = {self._source.position(d.span.start).line for d in self.diagnostics if d.span}
            self._lines -= {self._source.position(d.span.start).line for d in taken if d.span} - said
        # Words may stand apart for another reason: a slip of the blank, an operator left out.
        fix = Fix(f"write `{habit.word}`", (Edit(self._span(habit.at), habit.word),), "unsafe") if habit.word else None
        self.report("OT101", habit.message, habit.at, habit.label, habit.mend, fix=fix, sure=True)

    def foreign(self, what: Literal["indexed", "chained", "bare else", "else for else if"], index: int) -> None:
        """What is right in other languages."""
        token = self._tokens[index]
        match what:
            case "indexed":
                mend = "what is in a map is named by its key, as in `map.key`; what is in a list by a loop"
                self.report("OT101", "no value is taken by its index", token, "not expected here", mend)
            case "chained":
                self.report("OT101", "comparisons do not chain", token, "a second comparison", "join two of them: `a < b and b < c`")
            case "bare else" | "else for else if":
                message = f"expected `if` or `{{`, found {expected.found(token)}"
                token, label = self._gap(index, "`{`" if what == "bare else" else "`if`")
                mend = "what an `else` guards stands in braces" if what == "bare else" else "write `else if`"
                self.report("OT101", message, token, label, mend)

    def no_equals(self, keyword: Token, token: Token) -> None:
        """An `=` or `:` after a keyword that takes none."""
        mend = "leave it out" if keyword.text == "requires" else f'leave it out, or quote the name: `"{keyword.text}"`'
        sure = keyword.text == "requires"
        fix = Fix(f"take out `{token.text}`", (Edit(self._span(token), ""),)) if sure else None
        self.report("OT101", f"`{keyword.text}` takes no `{token.text}`", token, "not expected here", mend, fix=fix, sure=sure)

    def repaired(self, automaton: Automaton, stack: Stack, repair: Repair) -> None:
        """What the repair of a token, on the stack before it, says was wrong."""
        token = self._tokens[repair.index]
        if repair.word:
            fix = Fix(f"write `{repair.word}`", (Edit(self._span(token), repair.word),))
            self.report("OT104", f"unknown keyword `{token.text}`", token, "not a keyword", f"did you mean `{repair.word}`?", fix=fix, sure=True)
            return
        message = f"expected {expected.alternatives(automaton.accepts(stack))}, found {expected.found(token)}"
        if repair.kind in ("NAME", "STRING") and repair.action == "substitute":
            mend = name_help(token.text.strip("\"'")) if repair.kind == "NAME" else self._habit_help(repair.index) or "quote it"
            self.report("OT101", message, token, "not expected here", mend)
        elif repair.action == "substitute":
            fix = Fix(f"write `{repair.kind}`", (Edit(self._span(token), repair.kind),), self._alike(repair.index, repair.kind))
            message = f"expected {expected.one(repair.kind)}, found {expected.found(token)}"
            self.report("OT101", message, token, "not expected here", f"write {expected.one(repair.kind)}", fix=fix, sure=repair.sure)
        elif repair.action == "delete":
            could = expected.alternatives(automaton.accepts(stack))
            mend = self._habit_help(repair.index) or mend_at(self._tokens, repair.index, could)
            self.report("OT101", message, token, "not expected here", mend)
        elif repair.kind in CLOSERS.values() and stack.opened is not None:
            self.closer_missing(stack.opened, repair.index, repair.sure)
        else:
            self.missing(automaton, stack, repair.index, repair.kind, self._habit_help(repair.index), sure=repair.sure)

    def _habit_help(self, index: int) -> str:
        """Help for a token that stands where it does in other languages."""
        before = self._tokens[index - 1].text if index else ""
        if before == "import":
            rest = self._source.text[self._tokens[index].start :].split(maxsplit=1)[:1]
            return f'quote the path: `import "{rest[0]}"`' if rest and len(rest[0]) < 80 and '"' not in rest[0] else "quote the path"
        return WAITS_HELP if before in WAITS else ""

    def _begins_nothing(self, index: int) -> bool:
        """Whether the two words from `index` begin no task either: the first means a declaration elsewhere, or the second gets a value."""
        third = self._tokens[index + 2].kind if index + 2 < len(self._tokens) else ""
        return foreign_declaration(self._tokens[index].text) or third in ("=", ":")

    def unexpected(self, automaton: Automaton, stack: Stack, index: int) -> None:
        """A token that cannot stand where it does, and that no simple repair mends."""
        tokens = self._tokens
        token = tokens[index]
        following = tokens[index + 1].kind if index + 1 < len(tokens) else ""
        if stack.opened is None and token.kind == "WORD" and automaton.could(stack, "STEP"):
            if following == "=":
                mend = "settings stand in `pipeline NAME { … }`, constants in `scratchpad { … }`"
                self.report("OT101", "an attribute outside of a block", token, "nothing takes it here", mend)
                return
            if following in ("WORD", "STRING") and not self._begins_nothing(index):
                what = {"for": "a loop", "if": "an `if`"}.get(token.text)
                mend = "put it into a `step NAME { … }`"
                if what is None:
                    mend = f"{mend}, if `{token.text}` is a task type; {declaration_help('')}" if len(token.text) <= 40 else mend
                self.report("OT101", f"{what or 'a task'} outside of a step", token, "not a declaration", mend)
                return
            if token.text == "requires":
                self.report("OT101", "a `requires` outside of a step", token, "not a declaration", "write it into the step, or the task, that waits")
                return
            mend = f"{declaration_help(token.text)}; `otterdsl convert` rewrites YAML" if following == ":" else declaration_help(token.text)
            self.report("OT101", f"expected a declaration, found {expected.found(token)}", token, "not a declaration", mend)
            return
        could = expected.alternatives(automaton.accepts(stack))
        untyped = token.kind == "=" and index > 1 and tokens[index - 2].text == "param"
        mend = f"a param has a type: `param {tokens[index - 1].text}: str = …`" if untyped else self._habit_help(index)
        mend = mend or mend_at(tokens, index, could)
        if index and token.kind == ":" and tokens[index - 1].text == "name" and not tokens[index + 1].first:
            line = self._source.text[token.end :].split("\n", 1)[0]
            mend = task_help(line.split("#")[0]) or mend
        self.report("OT101", f"expected {could}, found {expected.found(token)}", token, "not expected here", mend)

"""Reading a text with mistakes in it. In: a text that `drive` stopped in. Out: a module of what could be read, and each mistake once.

A mistake is mended as its writer probably meant it (`repair`), or else skipped up to the next statement; what was not whole is dropped, and what
held it is `partial`. One diagnostic a line: what follows a mistake on its line is rarely another.
"""

from otterdsl.compiler.source.diagnostic import Checked
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.complaints import Complaints
from otterdsl.compiler.syntax.drive import DEEPEST, reducers
from otterdsl.compiler.syntax.habits import habit
from otterdsl.compiler.syntax.interpolation import UNCLOSED, interpolated
from otterdsl.compiler.syntax.lower import Lower
from otterdsl.compiler.syntax.lower_expressions import MOST_REPORTED
from otterdsl.compiler.syntax.mistakes import CLOSERS, Token, tokens
from otterdsl.compiler.syntax.repair import best, changed, virtual
from otterdsl.compiler.syntax.scan import Comments
from otterdsl.compiler.syntax.stack import ACCEPTED, Automaton, Stack, down, level, outward
from otterdsl.compiler.syntax.tables import load
from otterdsl.compiler.syntax.yaml_habits import yaml_habit

# So many tokens must go well after a guess before anything is a new mistake.
SOON = 3

DECLARATIONS = frozenset({"PIPELINE", "USE", "IMPORT", "PARAM", "SCRATCHPAD", "TASK", "EXTERN", "STEP"})


def parse(source: SourceText) -> Checked[ast.Module]:
    """The module of what could be read of a text, and its mistakes, sorted."""
    comments = Comments(source.file, source.text)
    found, diagnostics = tokens(source.file, source.text, comments)
    lower = Lower(source.file, source.text, comments.docs, interpolated)
    complaints = Complaints(source, found, diagnostics)
    reading = _Reading(source, found, lower, complaints)
    declarations = reading.read()
    module = ast.Module(Span(source.file, 0, len(source.text)), declarations, tuple(comments.found), partial=reading.lost_names(declarations))
    # A string that ended within its `${…}` makes what follows on its line look wrong.
    cut = {source.position(d.span.start).line for d in lower.diagnostics if d.span and d.message == UNCLOSED}
    said = [d for d in complaints.diagnostics if not (d.span and source.position(d.span.start).line in cut)]
    once = {(d.code, d.span): d for d in (*said, *lower.diagnostics)}
    return Checked(module, tuple(sorted(once.values(), key=lambda d: d.order)))


class _Reading:
    """The work in hand: where it is in the tokens, and the stack before each of them."""

    def __init__(self, source: SourceText, found: list[Token], lower: Lower, complaints: Complaints) -> None:
        self._tokens, self._lower, self._complaints = found, lower, complaints
        self._text, self._tables = source.text, load()
        self._automaton = Automaton(self._tables, source.text, reducers(self._tables, lower), self._value)
        first = self._automaton.begin("module")
        self._stacks = [first] * (len(found) + 1)
        self._index = 0
        self._mends = 0
        self._guessed = -SOON
        # Where names were lost: the offset of the outermost bracket around them, None where there is none.
        self._lost: set[int | None] = set()

    # ------------------------------------------------------------ going on

    def read(self) -> tuple[ast.Declaration, ...]:
        """All declarations that could be read."""
        stack = self._stacks[0]
        while True:
            if self._index == len(self._tokens):
                return self._declarations(stack)
            token = self._tokens[self._index]
            self._stacks[self._index] = stack
            after = self._automaton.feed(stack, token, making=True)
            if after is None:
                self._mends += 1
                if self._mends > MOST_REPORTED:
                    return self._give_up(stack)
                # What goes wrong soon after a mend that was a guess is the same mistake.
                self._complaints.quiet = self._index - self._guessed < SOON
                stack = self._mend(stack, token)
                continue
            if token.broken:
                self._mark(stack, names=not self._in_task(stack))
                self._guessed = self._index
            if after.state == ACCEPTED:
                return self._declarations(after)
            self._complaints.watch(stack, token)
            if after.size > DEEPEST and self._automaton.deep(after) > DEEPEST:
                mend = f"at most {DEEPEST} brackets, `not`s and `else if`s stand within each other"
                self._complaints.report("OT008", "nested too deeply", token, mend=mend)
                return self._give_up(stack)
            stack = after
            self._index += 1

    def _value(self, kind: str, state: int, token: Token) -> object:
        if kind == "NAME":
            return self._lower.name(token.start, token.end)
        if kind == "STRING" and state not in self._tables.bodies:
            return self._lower.string(token.start, token.end)
        if kind == "NUMBER":
            return self._lower.number(token.start, token.end)
        return token.start, token.end

    def _declarations(self, stack: Stack) -> tuple[ast.Declaration, ...]:
        value = stack.value
        return value if isinstance(value, tuple) else ()

    def _give_up(self, stack: Stack) -> tuple[ast.Declaration, ...]:
        """What was read of whole declarations."""
        self._lost.add(None)
        bottom = list(down(stack))
        base = next((b for b in bottom if self._automaton.could(b, "STEP") and self._automaton.could(b, "$END") and b.opened is None), bottom[-1])
        end = self._automaton.feed(base, self._tokens[-1], making=True)
        return self._declarations(end) if end else ()

    def _mark(self, stack: Stack, names: bool = True) -> None:
        """Something within the open brackets was dropped; where it may have declared `names`, others may look for them."""
        opened, outermost = stack.opened, None
        while opened is not None:
            outermost = opened.token.start
            self._lower.partial.add(outermost)
            opened = opened.outer
        if names:
            self._lost.add(outermost)

    def lost_names(self, declarations: tuple[ast.Declaration, ...]) -> bool:
        """Whether a name that all of the module may use was lost: the names in a step are the step's own."""
        steps = {each.block.span.start for each in declarations if isinstance(each, ast.Step)}
        return not self._lost <= steps

    def _in_task(self, stack: Stack) -> bool:
        """Whether what is being read belongs to a task: what is lost of that is no name for others."""
        body = next((below for below in down(stack) if self._automaton.shifts(below, "REQUIRES")), None)
        return body is not None and not self._automaton.shifts(body, "FOR")

    # ------------------------------------------------------------ mending

    def _mend(self, stack: Stack, token: Token) -> Stack:
        """The stack to go on with after a mistake; moves on in the tokens."""
        kind = self._automaton.kind(stack, token)
        opened, complaints = stack.opened, self._complaints
        if opened is not None and opened.virtual and opened.token.kind != "{":
            # A bracket that was put in ends where what it was put around ends.
            after = self._automaton.feed(stack, virtual(CLOSERS[opened.token.kind], token), making=True)
            if after is not None and self._automaton.feed(after, token, making=False):
                return after
        if opened is not None and kind in DECLARATIONS and self._declares(token):
            complaints.declaration_inside(opened, token)
            return self._closed_all(stack, token)
        if kind == "$END":
            if opened is None:
                complaints.unexpected(self._automaton, stack, self._index)
                return self._container(stack, token)
            complaints.unclosed(opened, self._tokens[self._index - 1])
            return self._closed_all(stack, token)
        if kind in CLOSERS.values():
            waiting = [CLOSERS[bracket.token.kind] for bracket in outward(opened)]
            if kind not in waiting:
                complaints.stray(token)
                if kind != "}":
                    self._guessed = self._index
                self._index += 1
                return stack
            if opened is not None and waiting[0] != kind:
                complaints.closer_missing(opened, self._index)
                return self._close(stack, token)
        yaml = yaml_habit(self._automaton, self._tokens, self._stacks, self._index, self._text)
        if yaml is not None:
            complaints.yaml(yaml)
            if yaml.lossy:
                self._mark(stack, names=not self._in_task(stack))
            self._index = yaml.resume
            return yaml.after
        if kind == "," and self._separates_nothing(stack):
            complaints.comma(token)
            self._index += 1
            return stack
        if kind in ("=", ":") and self._index and self._keyword_before(token):
            complaints.no_equals(self._tokens[self._index - 1], token)
            keyword = self._tokens[self._index - 1]._replace(kind=self._tables.keywords[self._tokens[self._index - 1].text])
            after = self._automaton.feed(self._stacks[self._index - 1], keyword, making=True)
            if after is not None:
                self._index += 1
                return after
        known = habit(self._automaton, self._tokens, self._stacks, self._index)
        if known is not None:
            complaints.foreign(known.what, self._index)
            self._mark(stack, names=not self._in_task(stack))
            self._index = self._guessed = known.resume
            return known.after
        if self._index and self._automaton.could(stack, "[") and self._tokens[self._index - 1].text == "requires":
            complaints.missing(self._automaton, stack, self._index, "[", "write a list: `requires [a, b]`")
            after = self._automaton.feed(stack, virtual("[", token), making=True, virtual=True)
            if after is not None:
                return after
        return self._repaired(stack, token)

    def _declares(self, token: Token) -> bool:
        """Whether a declaration's keyword begins one: on its own line, or as one goes on."""
        if self._goes_on(self._automaton.begin("module"), self._index, 3):
            return True
        return token.first and not self._goes_on(self._stacks[self._index], self._index + 1)

    def _goes_on(self, stack: Stack, index: int, count: int = 2) -> bool:
        """Whether that many tokens from `index` on can stand there."""
        after: Stack | None = stack
        for token in self._tokens[index : index + count]:
            after = self._automaton.feed(after, token, making=False) if after else None
        return after is not None

    def _separates_nothing(self, stack: Stack) -> bool:
        """Whether the comma at hand stands between things that none stands between, or after the last of them."""
        before, following = self._tokens[self._index - 1], self._tokens[self._index + 1]
        if not self._index or before.kind in (",", "=", *CLOSERS) or (stack.opened is not None and stack.opened.token.kind != "{"):
            return False
        return self._automaton.feed(stack, following, making=False) is not None

    def _keyword_before(self, token: Token) -> bool:
        """Whether the word before an `=` or `:` was read as a name only because of that."""
        word = self._tokens[self._index - 1]
        kind = self._tables.keywords.get(word.text, "") if word.kind == "WORD" else ""
        return self._automaton.feed(self._stacks[self._index - 1], word._replace(kind=kind), making=False) is not None

    def _repaired(self, stack: Stack, token: Token) -> Stack:
        """The stack after the best repair, or after skipping."""
        repair = best(self._automaton, self._tables, self._tokens, self._stacks, self._index)
        if repair is None:
            if stack.opened is None and not self._complaints.outermost(token) and self._mends > 1:
                # What is indented but in no block was in one before that was closed by mistake.
                self._complaints.quiet = True
            start = self._index
            skipped = self._skipped(self._without_operand(stack, start))
            self._complaints.passed_over(self._tokens[start], self._tokens[self._index])
            self._complaints.unexpected(self._automaton, stack, start)
            resumed = self._tokens[self._index]
            # What begins a line, as a statement or declaration does, has nothing to do with the mistake.
            self._guessed = self._index - SOON if resumed.first and stack.opened is not None else self._index
            return skipped
        at, before = self._tokens[repair.index], self._stacks[repair.index]
        self._complaints.repaired(self._automaton, before, repair)
        if not repair.sure:
            self._guessed = self._index
        self._index = repair.index
        if repair.action == "delete":
            self._mark(before)
            self._index += 1
            return self._without_operand(before, repair.index)
        if repair.action == "substitute":
            if repair.kind in ("NAME", "STRING"):
                self._mark(before, names=not self._in_task(before))
            after = self._automaton.feed(before, changed(at, repair), making=True)
            self._index += 1
        else:
            if repair.kind in ("NAME", "STRING"):
                self._mark(before, names=not self._in_task(before))
            after = self._automaton.feed(before, virtual(repair.kind, at), making=True, virtual=True)
        if after is None:
            raise AssertionError("a repair that was tried does not fit")
        return after

    def _without_operand(self, stack: Stack, index: int) -> Stack:
        """The stack with the operand before a token that was left out dropped: half an expression is none."""
        automaton, before = self._automaton, self._tokens[index - 1]
        if not index or automaton.feed(stack, virtual("AND", before), making=False) is None:
            return stack
        return automaton.feed(self._stacks[index - 1], before._replace(broken=True), making=True) or stack

    def _closed_all(self, stack: Stack, token: Token) -> Stack:
        """The stack with every bracket closed before a token."""
        while stack.opened is not None:
            stack = self._close(stack, token)
        return stack

    def _close(self, stack: Stack, token: Token) -> Stack:
        """The stack with the innermost bracket closed; what was not whole within it is dropped."""
        if stack.opened is None:
            raise AssertionError("nothing is open")
        opened = stack.opened
        closer = virtual(CLOSERS[opened.token.kind], token)
        for below in level(stack):
            after = self._automaton.feed(below, closer, making=True)
            if after is not None:
                if below is not stack:
                    self._mark(stack)
                return after
        # Not even empty brackets would do: all that they are part of is dropped.
        self._mark(stack)
        return self._container(next(below for below in down(stack) if below.opened is opened.outer), token)

    def _container(self, stack: Stack, token: Token) -> Stack:
        """The nearest stack below on which a statement or declaration can begin."""
        for below in level(stack):
            if any(self._automaton.could(below, kind) for kind in ("}", "STEP")):
                return below
        return self._close(stack, token) if stack.opened else self._automaton.begin("module")

    def _skipped(self, stack: Stack) -> Stack:
        """The stack before the next token with which reading can go on; what is between is dropped."""
        self._mark(stack)
        depth = 0
        for index in range(self._index, len(self._tokens)):
            token = self._tokens[index]
            if (index > self._index and token.first) or token.kind in CLOSERS.values() or token.kind == "$END":
                after = self._resumed(stack, index) if not depth else None
                if after is not None:
                    self._index = index
                    return after
                kind = self._automaton.kind(self._automaton.begin("module"), token)
                if token.first and kind in DECLARATIONS:
                    self._index = index
                    return self._container(self._closed_all(stack, token), token)
            depth = max(0, depth + (token.kind in CLOSERS) - (token.kind in CLOSERS.values()))
        self._index = len(self._tokens) - 1
        return self._closed_all(self._container(stack, self._tokens[-1]), self._tokens[-1])

    def _resumed(self, stack: Stack, index: int) -> Stack | None:
        """The nearest stack below on which the tokens from `index` go on; they must be two, or close something."""
        for below in level(stack):
            after = self._automaton.feed(below, self._tokens[index], making=False)
            if after is None:
                continue
            if self._tokens[index].kind == "$END" or self._tokens[index].kind in CLOSERS.values():
                return below
            # Only where a statement or declaration can begin, not within one that was begun.
            begins = any(self._automaton.could(below, kind) for kind in ("}", "STEP"))
            if begins and self._automaton.feed(after, self._tokens[index + 1], making=False):
                return below
        return None

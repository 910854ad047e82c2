"""The LALR automaton with a stack that is a value, so that a repair can be tried and dropped. In: a stack and a token. Out: the next.

Slower than `drive`, and only for text with mistakes. What is made of a broken token is BROKEN, up to the statement or declaration that holds it:
that is left out of its list.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from otterdsl.compiler.syntax.mistakes import CLOSERS, Token
from otterdsl.compiler.syntax.scan import word_kind
from otterdsl.compiler.syntax.tables import Tables

ACCEPTED = -1

# What may be left out of a list without making what holds it wrong.
DROPPABLE = frozenset({"declaration", "attribute", "member", "block_item", "body_item", "constant", "field", "validator"})


class _Broken:
    """What stands for a node that could not be made."""


BROKEN = _Broken()


class Opened(NamedTuple):
    """The brackets that are open, innermost first. A virtual one was never written: what closes it may be missing too."""

    token: Token
    virtual: bool
    outer: "Opened | None"


class Stack(NamedTuple):
    """A stack of the automaton: the state, what led to it, and what is below."""

    state: int
    value: Any
    below: "Stack | None"
    size: int
    opened: Opened | None


class _Grown(NamedTuple):
    """A list as it grows; two may share their beginnings."""

    before: "_Grown | None"
    item: Any


class Automaton:
    """The tables, the text for the words' context, and what makes nodes and values of tokens."""

    __slots__ = ("_make", "_tables", "_text", "_value")

    def __init__(self, tables: Tables, text: str, make: list[Callable[[list[Any]], Any]], value: Callable[[str, int, Token], Any]) -> None:
        self._tables, self._text, self._make, self._value = tables, text, make, value

    def begin(self, start: str) -> Stack:
        """The stack before the first token."""
        return Stack(self._tables.start[start], None, None, 1, None)

    def kind(self, stack: Stack, token: Token) -> str:
        """The terminal that a token is on this stack."""
        if token.kind != "WORD":
            return token.kind
        if token.broken or token.text not in self._tables.keywords:
            return "NAME"
        return word_kind(self._tables, self._tables.states[stack.state], self._text, token.text, token.end)

    def feed(self, stack: Stack, token: Token, making: bool, virtual: bool = False) -> Stack | None:
        """The stack after a token; None where it cannot stand. `making` makes nodes, else only the states are right."""
        states, rules = self._tables.states, self._tables.rules
        kind = self.kind(stack, token)
        while True:
            action = states[stack.state].get(kind)
            if action is None:
                return None
            if action >= 0:
                break
            rule = rules[~action]
            children: list[Any] = []
            top = stack
            for _ in range(rule.size):
                children.append(top.value)
                if top.below is None:
                    raise AssertionError("a rule is longer than the stack")
                top = top.below
            value = self._reduced(~action, children[::-1]) if making else None
            state = states[top.state][rule.origin]
            stack = Stack(state, value, top, top.size + 1, stack.opened)
            if kind == "$END" and state == self._tables.end["module"]:
                return stack._replace(state=ACCEPTED)
        opened = stack.opened
        if kind in CLOSERS:
            opened = Opened(token, virtual, opened)
        elif opened is not None and kind == CLOSERS[opened.token.kind]:
            opened = opened.outer
        value = None
        if making:
            value = BROKEN if token.broken else self._value(kind, stack.state, token)
        return Stack(action, value, stack, stack.size + 1, opened)

    def _reduced(self, number: int, children: list[Any]) -> Any:
        rule = self._tables.rules[number]
        if rule.unit:
            return children[0]
        if rule.repeats:
            before = children[0] if len(children) > 1 and rule.symbols[0] == rule.origin else None
            item = children[-1]
            if before is BROKEN:
                return BROKEN
            if any(child is BROKEN for child in children[1 if before else 0 :]):
                return (before or _Grown(None, None)) if rule.symbols[-1] in DROPPABLE else BROKEN
            return _Grown(before, item)
        if any(child is BROKEN for child in children):
            return BROKEN
        return self._make[number]([_listed(child) if isinstance(child, _Grown) else child for child in children])

    def deep(self, stack: Stack) -> int:
        """How many levels of nesting are open."""
        return sum(below.state in self._tables.deep for below in down(stack))

    def accepts(self, stack: Stack) -> list[str]:
        """The terminals that can come next, in a fixed order."""
        kinds = sorted(kind for kind in self._tables.states[stack.state] if kind.isupper() or not kind.isidentifier())
        return [kind for kind in kinds if kind != "LEAD" and self.feed(stack, Token(kind, 0, 0, ""), making=False)]

    def could(self, stack: Stack, kind: str) -> bool:
        """Whether a terminal may be among what can come next."""
        return kind in self._tables.states[stack.state]

    def shifts(self, stack: Stack, kind: str) -> bool:
        """Whether a terminal can come next with nothing put together first: what ends there may be anything else that is spelled the same."""
        return self._tables.states[stack.state].get(kind, -1) >= 0


def _listed(grown: _Grown) -> list[Any]:
    items: list[Any] = []
    at: _Grown | None = grown
    while at is not None:
        # The first of a list whose first item was dropped.
        if at.item is not None:
            items.append(at.item)
        at = at.before
    items.reverse()
    return items


def down(stack: Stack) -> Iterator[Stack]:
    """The stack and all below it."""
    at: Stack | None = stack
    while at is not None:
        yield at
        at = at.below


def level(stack: Stack) -> Iterator[Stack]:
    """The stack and those below it within the innermost open bracket, without what is within brackets that were closed since."""
    for below in down(stack):
        if below.opened is stack.opened:
            yield below
        elif stack.opened is not None and below.opened is stack.opened.outer:
            return


def outward(opened: Opened | None) -> Iterator[Opened]:
    """The brackets that are open, innermost first."""
    while opened is not None:
        yield opened
        opened = opened.outer

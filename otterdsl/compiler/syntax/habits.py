"""What is right in other languages, and what to read it as: `a[0]`, `a < b < c`, `else` without braces.

In: the automaton, the tokens and the stacks before them, and where it went wrong. Out: a `Habit`, or None. What it belongs to is dropped, so that
nothing is said of half of it. What is absent: words of other languages (`foreign_words`), and what is said (`complaints`).
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from otterdsl.compiler.syntax.mistakes import CLOSERS, Token
from otterdsl.compiler.syntax.repair import virtual
from otterdsl.compiler.syntax.stack import Automaton, Stack

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "IN"})


class Habit(NamedTuple):
    """What was met, the stack after it, and the index of the token to resume at."""

    what: Literal["indexed", "chained", "bare else", "else for else if"]
    after: Stack
    resume: int


def habit(automaton: Automaton, tokens: Sequence[Token], stacks: Sequence[Stack], index: int) -> Habit | None:
    """The habit that the token at `index`, which cannot stand on `stacks[index]`, comes from."""
    stack, token = stacks[index], tokens[index]
    if not index:
        return None
    before, below = tokens[index - 1], stacks[index - 1]
    if before.text == "else" and automaton.kind(below, before) == "ELSE":
        begun = automaton.feed(below, token, making=False)
        if begun is not None and token.text != "not" and automaton.feed(begun, tokens[index + 1], making=False) is not None:
            # Its statement is read as one that stands there in any case.
            return Habit("bare else", below, index)
        after = automaton.feed(stack, virtual("IF", token), making=True)
        if after is not None and automaton.feed(after, token, making=False) is not None:
            return Habit("else for else if", after, index)
    join = virtual("AND", token)._replace(broken=True)
    if automaton.feed(stack, join, making=False) is None:
        return None
    if token.kind == "[" and before.end == token.start:
        value = automaton.feed(below, before._replace(broken=True), making=True)
        return Habit("indexed", value, _after_index(tokens, index)) if value is not None else None
    kind = automaton.kind(stack, token)
    size = 2 if kind == "NOT" and tokens[index + 1].text == "in" else 1
    if kind in _COMPARISONS or size == 2:
        after = automaton.feed(stack, join, making=True)
        return Habit("chained", after, index + size) if after is not None else None
    return None


def _after_index(tokens: Sequence[Token], index: int) -> int:
    """The index of the token after a `[…]`, and after others and members that go on from it; where a bracket is not closed, of what closes others."""
    waiting: list[str] = []
    for at in range(index, len(tokens) - 1):
        token, following = tokens[at], tokens[at + 1]
        if token.kind in CLOSERS:
            waiting.append(CLOSERS[token.kind])
        elif token.kind in CLOSERS.values() and (not waiting or waiting.pop() != token.kind):
            return at
        goes_on = token.kind == "." or (following.kind in ("[", ".") and following.start == token.end)
        if not waiting and not goes_on:
            return at + 1
    return len(tokens) - 1

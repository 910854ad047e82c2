"""The LALR automaton over the saved tables, for text that is right. In: tokens. Out: what the start symbol was lowered to, or `Stopped`.

It does not recurse, and stops at the first mistake: `recovery` reads a file that has one again, with more care.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from otterdsl.compiler.syntax.lower_expressions import LowerExpressions
from otterdsl.compiler.syntax.scan import COMMENT, END, NUMBER, OTHER, STRING, WORD, Comments, word_kind
from otterdsl.compiler.syntax.tables import Tables

# How many brackets, `not`s and `else if`s may stand within each other: far beyond what people write, far below what recursion over the AST bears.
DEEPEST = 100


@dataclass(frozen=True, slots=True)
class Stopped:
    """A token that cannot stand where it does: its kind, place, and the state it was met in. `deep` says that nesting was what stopped it."""

    kind: str
    start: int
    end: int
    state: int
    deep: bool = False


def reducers(tables: Tables, lower: LowerExpressions) -> list[Callable[[list[Any]], Any]]:
    """For each rule of the grammar the method that makes its node."""
    found = []
    for rule in tables.rules:
        method = getattr(lower, rule.origin, None) or getattr(lower, f"{rule.origin}_", None)
        found.append(method or _untouched)
    return found


def _untouched(children: list[Any]) -> Any:
    return children[-1] if children else None


def drive(tables: Tables, lower: LowerExpressions, tokens: Iterable[re.Match[str]], start: str, comments: Comments | None) -> Any:
    """What the tokens are lowered to, read as the start symbol `start`; `Stopped` at the first that is wrong. The last token is an END."""
    states, rules, keywords, deep, bodies = tables.states, tables.rules, tables.keywords, tables.deep, tables.bodies
    text = lower.text
    sizes, origins, unit, repeats = tables.sizes, tables.origins, tables.units, tables.repeats
    makers = lower.makers = lower.makers or reducers(tables, lower)
    # Where a chain of rules with one child leads, by the state below, the state and the token: most of what an expression goes through.
    chains: dict[tuple[int, int, str], int] = {}
    state = tables.start[start]
    stack = [state]
    values: list[Any] = []
    final = tables.end[start]
    name_of, string_of, number_of = lower.name, lower.string, lower.number
    commented = False  # whether a comment waits for the token below it
    value: Any
    for token in tokens:
        index = token.lastindex or OTHER
        begin, end = token.span(index)
        if index == WORD:
            word = token[index]
            kind = word_kind(tables, states[state], text, word, end) if word in keywords else "NAME"
        elif index == STRING:
            kind = "STRING"
        elif index == COMMENT:
            if comments is not None:
                comments.add(begin, end)
                commented = True
            continue
        elif index == NUMBER:
            kind = "NUMBER"
        elif index == END:
            kind = "$END"
        elif index == OTHER:
            return Stopped("", begin, end, state)
        else:
            kind = token[index]
        if commented and comments is not None:
            comments.settle(begin)
            commented = False
        while True:
            action = states[state].get(kind)
            if action is None:
                return Stopped(kind, begin, end, state)
            if action >= 0:
                break
            rule = ~action
            if unit[rule]:
                key = (stack[-2], state, kind)
                target = chains.get(key)
                if target is None:
                    target = chains[key] = _chain(tables, *key)
                state = stack[-1] = target
                if state == final and kind == "$END":
                    return values[-1]
                continue
            size = sizes[rule]
            if repeats[rule]:
                if size == 1 or origins[rule] != rules[rule].symbols[0]:
                    value = [values[-1]]
                else:
                    value = values[-size]
                    value.append(values[-1])
            else:
                value = makers[rule](values[-size:] if size else [])
            if size:
                del values[-size:]
                del stack[-size:]
            values.append(value)
            state = states[stack[-1]][origins[rule]]
            stack.append(state)
            if kind == "$END" and state == final:
                return value
        if kind == "NAME":
            value = name_of(begin, end)
        elif kind == "STRING" and state not in bodies:
            value = string_of(begin, end)
        elif kind == "NUMBER":
            value = number_of(begin, end)
        else:
            value = (begin, end)
        values.append(value)
        state = action
        stack.append(state)
        if len(stack) > DEEPEST and sum(s in deep for s in stack) > DEEPEST:
            return Stopped(kind, begin, end, state, deep=True)
    raise AssertionError("the last token is an END")


def _chain(tables: Tables, below: int, state: int, kind: str) -> int:
    """The state in which rules that pass one child on end, for the state below that child and the token ahead."""
    while True:
        action = tables.states[state].get(kind)
        if action is None or action >= 0 or not tables.rules[~action].unit:
            return state
        state = tables.states[below][tables.rules[~action].origin]

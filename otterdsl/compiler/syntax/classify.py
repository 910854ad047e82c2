"""What each part of a text is, as the compiler reads it: what highlighters are compared with, and an editor is told.

In: text. Out: `Part`s in order, those within `${…}` of strings too, up to the first mistake of syntax. What is absent: meaning; a name is a name,
whatever it names. Nothing is built and nothing reported.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

from otterdsl.compiler.syntax.scan import COMMENT, END, NUMBER, OTHER, PUNCTUATION, STRING, WORD, scanner, word_kind
from otterdsl.compiler.syntax.tables import Tables, load

Kind: TypeAlias = Literal["comment", "keyword", "operator", "constant", "name", "number", "string", "escape", "mark", "punctuation"]

OPERATORS: Final = frozenset({"AND", "OR", "NOT", "IN"})
CONSTANTS: Final = frozenset({"TRUE", "FALSE", "NULL"})
_IN_STRING: Final = re.compile(r'\$\$(?=\{)|\$\{|\\u\{[0-9A-Fa-f]{1,6}\}|\\["\\nt$]')


class Part(NamedTuple):
    """A part of a text, its end exclusive, in code points.

    A string comes as its pieces: `string` (the quotes among them), `escape`, and `mark` for the `${` and `}` around what is interpolated.
    """

    start: int
    end: int
    kind: Kind


def classify(text: str) -> tuple[Part, ...]:
    """The parts of a text that are more than blanks, up to the first mistake."""
    return tuple(_classified(load(), text, scanner().finditer(text), "module"))


def _classified(tables: Tables, text: str, tokens: Iterable[re.Match[str]], start: str) -> Iterator[Part]:
    """The tokens' parts, as the automaton meets them: what a word is depends on its state."""
    stack = [tables.start[start]]
    word = ""
    for token in tokens:
        index = token.lastindex or OTHER
        begin, end = token.span(index)
        if index == COMMENT:
            yield Part(begin, end, "comment")
            continue
        if index in (END, OTHER):
            return
        state = stack[-1]
        terminal = _terminal(tables, text, token, index, state)
        if not _shift(tables, stack, terminal):
            return
        if index != STRING:
            yield Part(begin, end, _kind(terminal, index))
        elif text[begin] == "'" or (state in tables.bodies and word == "python"):
            yield Part(begin, end, "string")  # in which nothing is special
        else:
            yield from _string(tables, text, begin, end)
        word = token[index]


def _terminal(tables: Tables, text: str, token: re.Match[str], index: int, state: int) -> str:
    match index:
        case _ if index == WORD:
            word = token[index]
            return word_kind(tables, tables.states[state], text, word, token.end(index)) if word in tables.keywords else "NAME"
        case _ if index == STRING:
            return "STRING"
        case _ if index == NUMBER:
            return "NUMBER"
        case _:
            return token[index]


def _shift(tables: Tables, stack: list[int], terminal: str) -> bool:
    """Whether the token may stand here. Mutates: the stack is as it is after it."""
    while True:
        action = tables.states[stack[-1]].get(terminal)
        if action is None:
            return False
        if action >= 0:
            stack.append(action)
            return True
        rule = tables.rules[~action]
        if rule.size:
            del stack[-rule.size :]
        stack.append(tables.states[stack[-1]][rule.origin])


def _kind(terminal: str, index: int) -> Kind:
    if index == NUMBER:
        return "number"
    if index == PUNCTUATION:
        return "punctuation"
    if terminal in OPERATORS:
        return "operator"
    if terminal in CONSTANTS:
        return "constant"
    return "name" if terminal == "NAME" else "keyword"


def _string(tables: Tables, text: str, start: int, end: int) -> Iterator[Part]:
    quotes = 3 if text.startswith('"""', start) else 1
    position, limit = start, end - quotes
    at = start + quotes
    while found := _IN_STRING.search(text, at, limit):
        if found.start() > position:
            yield Part(position, found.start(), "string")
        at = position = found.end()
        if found[0] != "${":
            yield Part(found.start(), at, "escape")
            continue
        yield Part(found.start(), at, "mark")
        tokens, close = _within(text, at, limit)
        yield from _classified(tables, text, tokens, "expr")
        if close is not None:
            yield Part(close, close + 1, "mark")
            at = position = close + 1
    yield Part(position, end, "string")


def _within(text: str, start: int, limit: int) -> tuple[list[re.Match[str]], int | None]:
    """The tokens of what is interpolated from `start` on, and where its `}` is; None where there is none."""
    found: list[re.Match[str]] = []
    depth, position = 1, start
    while token := scanner().match(text, position, limit):
        if token.lastindex in (END, OTHER):
            break
        if token.lastindex == PUNCTUATION:
            depth += {"{": 1, "}": -1}.get(token[PUNCTUATION], 0)
            if not depth:
                return found, token.start(PUNCTUATION)
        found.append(token)
        position = token.end()
    return found, None

"""The likeliest mend of a mistake. In: the automaton, the stacks before the last tokens, the tokens. Out: a `Repair`, after which most goes well.

A repair puts a token in, leaves one out, or takes one for another, at the token that cannot stand or up to three before it. Source: Burke and Fisher,
1987, whose idea of trying each on the tokens that follow this is. What is absent: what to say (`recovery`), and skipping (also there).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from otterdsl.compiler.source.nearest import nearest
from otterdsl.compiler.syntax.mistakes import CLOSERS, Token
from otterdsl.compiler.syntax.stack import ACCEPTED, Automaton, Stack
from otterdsl.compiler.syntax.tables import Tables

# How many tokens after the mistake must go well for a repair to be as good as any.
AHEAD = 8
# One that makes fewer go well is worse than skipping to the next statement.
LEAST = 2

# What is written one for another.
_ALIKE = (("=", "=="), ("=", ":"), ("{", "[", "("), ("}", "]", ")"))
# What other languages call a keyword.
_SYNONYMS = {"foreach": "for", "require": "requires", "inherits": "extends", "implements": "extends"}
_INSERTED = ("=", ",", ":", "{", "[", "}", "]", ")", "IN", "NAME", "STRING")
# A little more than others, since what is made of it must be dropped, or the writer meant to write something there.
_COSTS = {"}": 1.2, "]": 1.2, ")": 1.2, "[": 1.1, "NAME": 1.5, "STRING": 1.6}


@dataclass(frozen=True, slots=True)
class Repair:
    """Before the token at `index`: insert `kind`, delete the token, or substitute it by one of `kind`.

    `word` is the keyword that was misspelled; a `sure` repair made all go well.
    """

    action: Literal["insert", "delete", "substitute"]
    index: int
    kind: str = ""
    word: str = ""
    sure: bool = False


def virtual(kind: str, at: Token) -> Token:
    """A token that was not written, right before another."""
    return Token(kind, at.start, at.start, "", broken=kind in ("NAME", "STRING"))


def changed(token: Token, repair: Repair) -> Token:
    """The token as a substitution makes it."""
    return token._replace(kind=repair.kind, broken=repair.kind in ("NAME", "STRING"))


def best(automaton: Automaton, tables: Tables, tokens: Sequence[Token], stacks: Sequence[Stack], index: int) -> Repair | None:
    """The best repair of the token at `index`, which cannot stand on `stacks[index]`; None where skipping is better."""
    found: tuple[float, float, Repair] | None = None
    for cost, repair in _candidates(automaton, tables, tokens, stacks, index):
        reach = _reach(automaton, tokens, stacks, repair, index)
        if reach >= LEAST and (found is None or (-reach, cost) < (found[0], found[1])):
            found = -reach, cost, repair
    return replace(found[2], sure=-found[0] >= AHEAD or bool(found[2].word)) if found else None


def _candidates(automaton: Automaton, tables: Tables, tokens: Sequence[Token], stacks: Sequence[Stack], index: int) -> Iterator[tuple[float, Repair]]:
    """Repairs with what each costs."""
    for back in range(min(4, index + 1)):
        at = index - back
        word = misspelled(automaton, tables, stacks[at], tokens[at])
        if word:
            yield 0.5 + back / 10, Repair("substitute", at, tables.keywords[word], word)
    # A value that is missing before a `{` is missed only when that turns out to open no map.
    if index > 1 and tokens[index - 2].kind == "{" and automaton.could(stacks[index - 2], "NAME"):
        yield 3.5, Repair("insert", index - 2, "NAME")
    for back in range(min(2, index + 1)):
        at, stack, token = index - back, stacks[index - back], tokens[index - back]
        # What begins a line or follows an `=`, and has an `=` or `:` after it, is an attribute or a field: no half of a comparison, and no value.
        assigned = token.kind in ("=", ":") and at > 0 and (tokens[at - 1].first or (at > 1 and tokens[at - 2].kind == "="))
        for kind in _INSERTED:
            # Any expression may go on with an `in`, and any value may be a list or a map: only where nothing else can come were they meant.
            unlikely = {"IN": "==", "{": "TRUE", "[": "TRUE"}.get(kind)
            if kind == "IN" and [each.text for each in tokens[max(0, at - 2) : at]] == ["for", "in"]:
                continue  # that was it, and what is missing is the variable
            if automaton.could(stack, kind) and not (unlikely and automaton.could(stack, unlikely)):
                cost = 0.9 if kind == ":" and token.kind == "WORD" else _COSTS.get(kind, 1)
                # Arguments are rarely named.
                cost += 0.5 if kind == "=" and stack.opened is not None and stack.opened.token.kind == "(" else 0
                yield cost + back + 2 * (kind in ("NAME", "STRING") and assigned), Repair("insert", at, kind)
        for kind in dict.fromkeys(kind for alike in _ALIKE if token.kind in alike for kind in alike):
            if kind != token.kind and automaton.could(stack, kind):
                yield 1.3 + back + 2 * (kind == "==" and (assigned or not _in_condition(tokens, at))), Repair("substitute", at, kind)
        # A path without its quotes, a name within quotes.
        for kind, other in (("WORD", "STRING"), ("STRING", "NAME")):
            if token.kind == kind and automaton.could(stack, other) and not automaton.could(stack, "NAME" if other == "STRING" else "STRING"):
                yield 1.4 + back, Repair("substitute", at, other)
        bracket = token.kind in CLOSERS or token.kind in CLOSERS.values()
        if token.kind != "$END" and not (bracket and back):
            yield 2 + back + bracket / 2 + 2 * assigned, Repair("delete", at)


def _in_condition(tokens: Sequence[Token], index: int) -> bool:
    """Whether an `if` stands before a token, with no brace between."""
    for token in reversed(tokens[max(0, index - AHEAD) : index]):
        if token.kind in ("{", "}"):
            return False
        if token.text == "if":
            return True
    return False


def misspelled(automaton: Automaton, tables: Tables, stack: Stack, token: Token) -> str | None:
    """The keyword that a word was probably meant to be where it stands."""
    if token.kind != "WORD" or len(token.text) < 3 or token.text in tables.keywords:
        return None
    meant = _SYNONYMS.get(token.text)
    if meant is not None and automaton.could(stack, tables.keywords[meant]):
        return meant
    return nearest(token.text, [word for word, kind in tables.keywords.items() if automaton.could(stack, kind)])


def _reach(automaton: Automaton, tokens: Sequence[Token], stacks: Sequence[Stack], repair: Repair, index: int) -> float:
    """How many tokens from the mistake on go well after a repair, up to AHEAD; the end of the file is as good as that."""
    stack: Stack | None = stacks[repair.index]
    at = repair.index
    if stack is not None and repair.action == "insert":
        stack = automaton.feed(stack, virtual(repair.kind, tokens[at]), making=False)
    elif stack is not None and repair.action == "substitute":
        stack = automaton.feed(stack, changed(tokens[at], repair), making=False)
        at += 1
    else:
        at += 1
    while stack is not None and at - index < AHEAD:
        if at == len(tokens):
            return AHEAD
        stack = automaton.feed(stack, tokens[at], making=False)
        if stack is not None and stack.state == ACCEPTED:
            return AHEAD
        at += stack is not None
    # A token that was left out did not go well.
    return at - index - (repair.action == "delete")

"""The keywords of the language, as the grammar spells them. In: the parse tables. Out: words by terminal, and the groups that highlighters go by.

`grammar/otter.lark` is the one place where a keyword is written: both highlighters name it by its terminal. What is absent: where one may stand.
"""

from collections.abc import Mapping
from typing import Final

from otterdsl.compiler.syntax.classify import CONSTANTS, OPERATORS
from otterdsl.compiler.syntax.tables import load

WORDS: Final[Mapping[str, str]] = {terminal: word for word, terminal in load().keywords.items()}


def declarations() -> tuple[str, ...]:
    """The words that begin a declaration, and lead no statement."""
    return tuple(word for word in WORDS.values() if word in load().not_leading)


def spelled(terminals: frozenset[str]) -> tuple[str, ...]:
    """The words of some terminals, in the grammar's order."""
    return tuple(word for terminal, word in WORDS.items() if terminal in terminals)


def constants() -> tuple[str, ...]:
    """`true`, `false` and `null`."""
    return spelled(CONSTANTS)


def operators() -> tuple[str, ...]:
    """The operators that are words."""
    return spelled(OPERATORS)

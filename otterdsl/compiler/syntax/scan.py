"""Text to tokens, with the comments between them. In: text. Out: matches of one regular expression, made from the grammar's terminals.

A word's kind depends on where it stands, so the parser decides it (`word_kind`). What is absent: strings' contents (`strings`), and what is
made of text that is no token (`mistakes`).
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.tables import Tables, load

# The groups of the expression, by number.
WORD, STRING, PUNCTUATION, NUMBER, COMMENT, END, OTHER = range(1, 8)

# Rules that are drawn before and behind what a comment says: `==== x ====`.
_RULE_BEFORE: Final = re.compile(r"[\s:]*[#=\-*_~]{3,}(?![^\s\w:])")
_RULE_BEHIND: Final = re.compile(r"(?<![^\s\w:])[#=\-*_~]{3,}[\s:]*$")


@cache
def scanner() -> re.Pattern[str]:
    """The expression that finds the next token after blanks; at the end of the text it finds END, elsewhere at least one character."""
    tables = load()
    patterns = tables.patterns
    punctuation = "|".join(re.escape(text) for text in tables.punctuation)
    groups = (patterns["NAME"], patterns["STRING"], punctuation, patterns["NUMBER"], patterns["COMMENT"], r"\Z", r"[\s\S]")
    return re.compile(r"[ \t\r\n]*(?:" + "|".join(f"({group})" for group in groups) + ")")


def word_kind(tables: Tables, actions: dict[str, int], text: str, word: str, end: int) -> str:
    """The kind of a word that is a keyword somewhere, in a state with these actions: a keyword, or `NAME`.

    `end` is where the word ends. It is what Lark's contextual lexer would make of it; where the state takes neither, the keyword's own kind.
    """
    kind = tables.keywords[word]
    keyword = tables.keyword_end.match(text, end) is not None
    if keyword and kind in actions:
        return kind
    if "NAME" not in actions:
        return kind if keyword else "NAME"
    if not keyword or "LEAD" not in actions or word not in tables.not_leading:
        return "NAME"
    return "NAME" if re.compile(tables.patterns["LEAD"]).match(text, end - len(word)) else kind


class Comments:
    """The comments of a text, gathered while it is scanned; the blocks of them right above a token by where that token starts.

    Mutates itself only. A comment block is full-line comments with no blank line between them or before the token.
    """

    __slots__ = ("_block", "_end", "_file", "_text", "docs", "found")

    def __init__(self, file: str, text: str) -> None:
        self._file, self._text = file, text
        self._block: list[str] = []
        self._end = 0
        self.found: list[ast.Comment] = []
        self.docs: dict[int, str] = {}

    @property
    def pending(self) -> bool:
        """Whether a block waits for the token below it."""
        return bool(self._block)

    def add(self, start: int, end: int) -> None:
        """A comment, from its `#` to the end of its line."""
        body = self._text[start + 1 : end].removeprefix(" ").rstrip()
        self.found.append(ast.Comment(Span(self._file, start, end), body))
        line = self._text.rfind("\n", 0, start) + 1
        if self._text[line:start].strip(" \t\r"):
            self._block = []
            return
        if self._block and self._text.count("\n", self._end, start) != 1:
            self._block = []
        # What speaks to the checker says nothing of the declaration below it.
        if not body.startswith("otterdsl:"):
            self._block.append(body)
        self._end = end

    def settle(self, start: int) -> None:
        """A token begins at `start`: the block that waits is its doc, if there is one and it stands right above."""
        if self._block and self._text.count("\n", self._end, start) == 1:
            self.docs[start] = "\n".join(_said(self._block)).strip("\n")
        self._block = []


def _said(lines: Iterable[str]) -> Iterable[str]:
    """What the lines of a comment say, without the rules that are drawn around it. A line that is drawn alone says nothing, an empty one parts."""
    for line in lines:
        if line and not any(map(str.isalnum, line)):
            continue
        ahead = _RULE_BEFORE.match(line)
        behind = _RULE_BEHIND.search(line)
        if ahead or behind:
            yield line[ahead.end() if ahead else 0 : behind.start() if behind else len(line)].strip(" \t:")
        else:
            yield line

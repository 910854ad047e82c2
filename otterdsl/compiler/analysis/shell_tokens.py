"""Scan the words of bash's commands, their assignments, redirections and here-documents.

In: a script with `VALUE` at each value. Out: `Word`s, and in `Found` the place of each value. What is absent: which words make a command (`shell`),
and what stands within one (`shell_words`).
"""

import re
from collections.abc import Sequence
from typing import Final

from otterdsl.compiler.analysis.shell_places import DELIMITER, DYNAMIC, QUOTED_DOCUMENT, UNREAD, VALUE, Form, Found, Place, Why, Word
from otterdsl.compiler.analysis.shell_words import Lost, Words

META: Final = frozenset(" \t\n;&|()<>")
"""What ends a word."""

_ASSIGNED: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[|\+?=)")
_EQUALS: Final = re.compile(r"\+?=")
_REDIRECTION: Final = re.compile(r"&>>|&>|<<<|<<-|<<|<>|<&|<|>>|>&|>\||>")
_STREAM: Final = Why("bash reads a number here as a file that is open, and other text as a name", "write `> …` for a file")


def refuse(values: Sequence[int], why: Why, found: Found) -> None:
    """Mutates: these values can only be whole numbers."""
    for number in values:
        place = found.places[number]
        if place.never is None and place.unless_int is None:
            found.places[number] = Place(place.form, None, why)


class Tokens(Words):
    """The scanner of words and what stands between them."""

    def substitutes(self) -> bool:
        """Whether `<(…)` or `>(…)` begins here."""
        return self.text.startswith(("<(", ">("), self.at)

    def comment(self) -> None:
        """From `#` to the end of the line."""
        end = self.text.find("\n", self.at, self.limit)
        end = self.limit if end < 0 else end
        while (position := self.text.find(VALUE, self.at, end)) >= 0:
            self.at = position
            self.value(Form.COMMENT)
        self.at = end

    # ------------------------------------------------------------ words

    def word(self, *, first: bool = False, regex: bool = False) -> Word:
        """A word, up to what ends it. `first`: `!(` begins a subshell. `regex`: brackets and bars belong to it."""
        word = Word()
        while self.at < self.limit:
            char = self.text[self.at]
            if char in META:
                if char in "<>" and self.text.startswith("(", self.at + 1):
                    word.literal, word.bare = word.literal + DYNAMIC, False
                    self.at += 2
                    self.substitution()
                    continue
                before = self.text[self.at - 1 : self.at] if word.literal else ""
                pattern = char == "(" and bool(before) and before in "?*+@!" and not (first and word.literal == "!")
                if not pattern and not (regex and char not in " \t\n"):
                    break
                word.literal += char
                self.at += 1
                if char == "(":
                    self._group(word)
                continue
            self._within(word)
        if self.at < self.limit and not word.literal and word.bare and not word.values and self.text[self.at] in META:
            self.at += regex  # nothing was read: never stand still
        return word

    def _within(self, word: Word) -> None:
        """The next bit of a word: a quote, an expansion, a value or a character."""
        char = self.text[self.at]
        match char:
            case "\\":
                self.escape(word)
            case "'":
                self.single(word)
            case '"':
                self.at += 1
                self.double(word)
            case "$":
                self.dollar(word, quoted=False)
            case "`":
                self.backtick(word, quoted=False)
            case _ if char == VALUE:
                word.literal, word.bare = word.literal + VALUE, False
                word.values.append(self.value(Form.WORD))
            case _:
                word.literal += char
                self.at += 1

    def _group(self, word: Word) -> None:
        """The rest of a pattern's bracket, with what closes it."""
        depth = 1
        while depth and self.at < self.limit:
            char = self.text[self.at]
            if char in "()":
                depth += 1 if char == "(" else -1
                word.literal += char
                self.at += 1
            else:
                self._within(word)

    def assignment(self) -> Word | None:
        """`name=…`, `name+=…`, `name[…]=…` or `name=(…)` as a word; None where none begins here."""
        found = _ASSIGNED.match(self.text, self.at, self.limit)
        if found is None:
            return None
        start = self.at
        if found[2] == "[":
            if self.decided.get((start, "[")) is False:
                return None
            self.at = found.end()
            self.arithmetic("]")
            equals = _EQUALS.match(self.text, self.at, self.limit)
            self.decided[start, "["] = equals is not None
            if equals is None:
                self.at = start
                return None
            self.at = equals.end()
            self.found.arrays.add(found[1])
        else:
            self.at = found.end()
        if self.text.startswith("(", self.at):
            word = self._array()
            self.found.arrays.add(found[1])
        else:
            word = self.word()
        word.literal, word.bare = f"{found[1]}={word.literal}", False
        word.assigns = found[1]
        self.found.assigned.setdefault(found[1], []).extend(word.values)
        return word

    def _array(self) -> Word:
        """`(…)` of an assignment, at its bracket: all that stands in it as one word."""
        whole = Word("(")
        self.at += 1
        self.deeper()
        while self.at < self.limit and self.text[self.at] != ")":
            char = self.text[self.at]
            if char == "\n":
                self.newline()
            elif char == "#":
                self.comment()
            elif char == "[":
                self.at += 1
                self.arithmetic("]")
            elif char in META and not self.substitutes():
                self.at += 1
            else:
                while self.at < self.limit and (self.text[self.at] not in META or self.substitutes()):
                    whole.values += self.word().values
        self.found.closed &= self.at < self.limit
        self.at = min(self.at + 1, self.limit)
        self.depth -= 1
        return whole

    # ------------------------------------------------------------ redirections

    def redirection(self) -> None:
        """`> file`, `2>&1`, `<<EOF` and their like, at the operator."""
        found = _REDIRECTION.match(self.text, self.at, self.limit)
        if found is None:
            self.at += 1
            return
        self.at = found.end()
        self.blanks()
        if found.group() in ("<<", "<<-"):
            self._delimiter(tabs=found.group() == "<<-")
            return
        target = self.word()
        if found.group() in ("<&", ">&"):
            refuse(target.values, _STREAM, self.found)

    def _delimiter(self, tabs: bool) -> None:
        start = self.at
        word = self.word()
        written = self.text[start : self.at]
        for number in word.values:
            self.found.places[number] = Place(Form.WORD, DELIMITER)
        if not word.values and (DYNAMIC in word.literal or "`" in written or "$" in written):
            raise Lost(UNREAD)
        self.pending[-1].append((word.literal, not word.bare, tabs))

    def newline(self) -> None:
        """The end of a line, and the here-documents that begin after it."""
        self.at += 1
        waiting, self.pending[-1] = self.pending[-1], []
        for delimiter, quoted, tabs in waiting:
            self._document(delimiter, quoted, tabs)

    def _document(self, delimiter: str, quoted: bool, tabs: bool) -> None:
        start = self.at
        while self.at < self.limit:
            end, line = self._line(joined=not quoted)
            if (line.lstrip("\t") if tabs else line) == delimiter:
                break
            self.at = end
        else:
            self.found.closed = False
            end = self.limit
        body, self.at = self.at, start
        if quoted:
            self.refuse_until(body, QUOTED_DOCUMENT, Form.TEXT)
        else:
            self._expanded(body)
        self.at = end

    def _line(self, joined: bool) -> tuple[int, str]:
        """Where the line from here on ends, and its text; `joined`: a backslash before its end takes the next one in."""
        pieces: list[str] = []
        at = self.at
        while True:
            end = self.text.find("\n", at, self.limit)
            line, after = (self.text[at : self.limit], self.limit) if end < 0 else (self.text[at:end], end + 1)
            if not joined or end < 0 or (len(line) - len(line.rstrip("\\"))) % 2 == 0:
                return after, "".join([*pieces, line])
            pieces.append(line[:-1])
            at = after

    def _expanded(self, end: int) -> None:
        """The body of a here-document in which bash expands."""
        limit, self.limit = self.limit, end
        word = Word()
        while self.at < self.limit:
            match self.text[self.at]:
                case "\\":
                    self.escape()
                case "$":
                    self.dollar(word, quoted=True, document=True)
                case "`":
                    self.backtick(word, quoted=False)
                case _ if self.text[self.at] == VALUE:
                    self.value(Form.TEXT)
                case _:
                    self.at += 1
        self.limit = limit

    def blanks(self, *, lines: bool = False) -> None:
        """Pass over blanks; with `lines`, over line ends and comments too."""
        while self.at < self.limit:
            if self.text[self.at] in " \t":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif lines and self.text[self.at] == "\n":
                self.newline()
            elif lines and self.text[self.at] == "#":
                self.comment()
            else:
                return

"""Scan what stands within a word of bash: quotes, expansions, arithmetic, substitutions.

In: a script with `VALUE` at each value. Out: in `Found`, the place of each. It follows bash 5 as it is, not POSIX; where there is doubt, a value is
refused. What is absent: commands, which `shell` knows; scanning never fails, and what is no bash is bash's to say.
"""

import re
from abc import ABC, abstractmethod
from typing import Final, Literal, TypeAlias

from otterdsl.compiler.analysis.shell_places import (
    AFTER_BACKSLASH,
    AFTER_DOLLAR,
    ANSI_QUOTED,
    ARITHMETIC,
    DEEP,
    DYNAMIC,
    NAME,
    SINGLE_QUOTED,
    UNREAD,
    VALUE,
    Form,
    Found,
    Place,
    Why,
    Word,
)

DEEPEST: Final = 50
"""So many things are scanned within each other; people nest three or four."""

Within: TypeAlias = Literal["", "quotes", "document"]
"""What an expansion stands within."""

_SIMPLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
_PARAMETER: Final = re.compile(r"[#!](?=[A-Za-z0-9_@*])")
_PARAMETER_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[-@*#?$!]")
_PLAIN_IN_QUOTES: Final = re.compile(rf'[^"\\$`{VALUE}]+')


class Lost(Exception):  # noqa: N818 (no error: a scanner that gives up, within this room)
    """Raised where a scanner does not know how bash goes on, or is too deep."""

    def __init__(self, why: Why) -> None:
        self.why = why


class Words(ABC):
    """A scanner at a place of a text. `at` is where it is, `limit` where it ends; `pending` are the here-documents that the next line begins."""

    def __init__(self, text: str, found: Found, first: int = 0, depth: int = 0) -> None:
        self.text = text
        self.found = found
        self.at = 0
        self.limit = len(text)
        self.depth = depth
        self.pending: list[list[tuple[str, bool, bool]]] = [[]]
        self.numbers = {each.start(): first + number for number, each in enumerate(re.finditer(VALUE, text))}
        # Whether what looks like arithmetic, or like a subscript, is: nothing is tried again that was found out.
        self.decided: dict[tuple[int, str], bool] = {}

    @abstractmethod
    def commands(self, closer: str) -> None:
        """Scan commands up to and with `closer`, or to the end of the text where it is empty."""

    # ------------------------------------------------------------ values

    def value(self, form: Form, never: Why | None = None, unless_int: Why | None = None) -> int:
        """Take the value that stands here; its number. Mutates."""
        number = self.numbers[self.at]
        self.found.places[number] = Place(form, never, unless_int)
        self.at += 1
        return number

    def refuse_until(self, end: int, why: Why, form: Form = Form.WORD) -> None:
        """Go to `end`; no value can stand on the way there. Mutates."""
        while (position := self.text.find(VALUE, self.at, end)) >= 0:
            self.at = position
            self.value(form, why)
        self.at = end

    def deeper(self) -> None:
        """One more thing within another. Raises: Lost, where these are too many."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Lost(DEEP)

    # ------------------------------------------------------------ quotes

    def escape(self, word: Word | None = None) -> None:
        """A backslash and what it quotes."""
        following = self.text[self.at + 1 : min(self.at + 2, self.limit)]
        self.at += 1
        if following == VALUE:
            self.value(Form.TEXT, AFTER_BACKSLASH)
            return
        self.at += len(following)
        if word is not None and following != "\n":
            word.literal += following
            word.bare = False

    def single(self, word: Word | None = None) -> None:
        """`'…'`, at its first quote."""
        end = self.text.find("'", self.at + 1, self.limit)
        self._unclosed(end < 0)
        end = self.limit if end < 0 else end
        if word is not None:
            word.literal += self.text[self.at + 1 : end]
            word.bare = False
        self.refuse_until(end, SINGLE_QUOTED)
        self.at = min(end + 1, self.limit)

    def _ansi(self, word: Word) -> None:
        """`$'…'`, at its `$`."""
        word.bare = False
        word.literal += DYNAMIC
        self.at += 2
        while self.at < self.limit:
            match self.text[self.at]:
                case "'":
                    self.at += 1
                    return
                case "\\" if self.text[self.at + 1 : self.at + 2] != VALUE:
                    self.at += 2
                case _ if self.text[self.at] == VALUE:
                    self.value(Form.WORD, ANSI_QUOTED)
                case _:
                    self.at += 1
        self._unclosed(True)

    def double(self, word: Word | None = None, *, number: bool = False) -> None:
        """`"…"`, after its first quote; `number`: what stands in it is evaluated."""
        word = word or Word()
        word.bare = False
        while self.at < self.limit:
            if (plain := _PLAIN_IN_QUOTES.match(self.text, self.at, self.limit)) is not None:
                word.literal += plain.group()
                self.at = plain.end()
                continue
            match self.text[self.at]:
                case '"':
                    self.at += 1
                    return
                case "\\":
                    self.escape(word)
                case "$":
                    self.dollar(word, quoted=True)
                case "`":
                    self.backtick(word, quoted=True)
                case _:
                    word.literal += VALUE
                    word.values.append(self.value(Form.NUMBER, None, ARITHMETIC) if number else self.value(Form.TEXT))
        self._unclosed(True)

    def _unclosed(self, unclosed: bool) -> None:
        if unclosed:
            self.found.closed = False

    # ------------------------------------------------------------ expansions

    def dollar(self, word: Word, *, quoted: bool, document: bool = False) -> None:
        """What begins with `$`; `document`: within a here-document, where quotes mean nothing."""
        following = self.text[self.at + 1 : min(self.at + 2, self.limit)]
        word.bare = False
        if following == VALUE:
            self.at += 1
            word.values.append(self.value(Form.TEXT, AFTER_DOLLAR))
        elif following == "(":
            word.literal += DYNAMIC
            if self.text.startswith("((", self.at + 1) and self.evaluated(self.at + 3):
                return
            self.at += 2
            self.substitution()
        elif following == "{":
            word.literal += DYNAMIC
            self.at += 2
            self._parameter("document" if document else "quotes" if quoted else "")
        elif following == "[":
            word.literal += DYNAMIC
            self.at += 2
            self.arithmetic("]")
        elif following == "'" and not quoted:
            self._ansi(word)
        elif following == '"' and not quoted:
            self.at += 2
            self.double(word)
        elif (simple := _SIMPLE.match(self.text, self.at + 1, self.limit)) is not None:
            word.literal += DYNAMIC
            self.at = simple.end()
        else:
            word.literal += "$"
            self.at += 1

    def substitution(self) -> None:
        """`$(…)` and `<(…)`, after the bracket."""
        self.deeper()
        self.pending.append([])
        self.commands(")")
        if self.pending.pop():
            raise Lost(UNREAD)
        self.depth -= 1

    def backtick(self, word: Word, *, quoted: bool) -> None:
        """Commands in backticks, which bash reads with some backslashes taken off."""
        word.bare = False
        word.literal += DYNAMIC
        start = self.at + 1
        first = self.numbers.get(self.text.find(VALUE, start, self.limit), 0)
        inner: list[str] = []
        at = start
        while at < self.limit and self.text[at] != "`":
            if self.text[at] == "\\" and at + 1 < self.limit:
                following = self.text[at + 1]
                inner.append(following if following in ('$`\\"' if quoted else "$`\\") else f"\\{following}")
                at += 2
            else:
                inner.append(self.text[at])
                at += 1
        self._unclosed(at >= self.limit)
        self.deeper()
        within = type(self)("".join(inner), self.found, first, self.depth)
        within.commands("")
        if within.pending[0]:
            raise Lost(UNREAD)
        self.depth -= 1
        self.at = min(at + 1, self.limit)

    def _parameter(self, within: Within) -> None:
        """`${…}` of bash, after its brace."""
        self.deeper()
        self._parameter_inner(within)
        self.depth -= 1

    def _parameter_inner(self, within: Within) -> None:
        if (prefix := _PARAMETER.match(self.text, self.at, self.limit)) is not None:
            self.at = prefix.end()
        name = _PARAMETER_NAME.match(self.text, self.at, self.limit)
        if name is None:
            self._operand(within, never=NAME if self.text[self.at : self.at + 1] in (VALUE, "!", "#") else UNREAD)
            return
        self.at = name.end()
        if self.text.startswith("[", self.at):
            self.at += 1
            self.arithmetic("]")
        operator = self.text[self.at : min(self.at + 2, self.limit)]
        match operator[:1]:
            case "}":
                self.at += 1
            case ":" if operator[1:] in ("-", "=", "?", "+"):
                self.at += 2
                self._operand(within, assigned=name.group() if operator == ":=" else "")
            case ":":
                self.at += 1
                self.arithmetic("}")
            case "-" | "=" | "?" | "+":
                self.at += 1
                self._operand(within, assigned=name.group() if operator[:1] == "=" else "")
            case "#" | "%" | "/" | "^" | ",":
                self.at += 1
                self._operand(within, pattern=True)
            case _:
                self._operand(within, never=NAME if operator[:1] == VALUE else UNREAD)

    def _operand(self, within: Within, *, pattern: bool = False, assigned: str = "", never: Why | None = None) -> None:
        """The rest of `${…}`, with its brace; `pattern`: quotes count in it though it stands within some."""
        word = Word()
        while self.at < self.limit:
            match self.text[self.at]:
                case "}":
                    self.at += 1
                    break
                case "\\":
                    self.escape()
                case "'" if within == "document":
                    # Here bash is not of one mind about what the quote is.
                    never = never or UNREAD
                    self.at += 1
                case "'":
                    self.single()
                case '"':
                    self.at += 1
                    self.double(word)
                case "$":
                    self.dollar(word, quoted=bool(within), document=within == "document")
                case "`":
                    self.backtick(word, quoted=False)
                case "<" | ">" if not within and self.text.startswith("(", self.at + 1):
                    self.at += 2
                    self.substitution()
                case _ if self.text[self.at] == VALUE:
                    word.values.append(self.value(Form.TEXT if within and not pattern else Form.WORD, never))
                case _:
                    self.at += 1
        else:
            self._unclosed(True)
        if assigned:
            self.found.assigned.setdefault(assigned, []).extend(word.values)

    # ------------------------------------------------------------ arithmetic

    def evaluated(self, start: int) -> bool:
        """Whether what begins at `start`, after `((`, is arithmetic up to `))`; it has been scanned then. Mutates."""
        before = self.at
        key = (start, "((")
        if self.decided.get(key) is False:
            return False
        self.at = start
        self.decided[key] = found = self.arithmetic("))")
        if not found:
            self.at = before
        return found

    def arithmetic(self, closer: str) -> bool:
        """Scan arithmetic up to and with `closer`; False where it is `))` and just one comes. Within, a value must be a number."""
        self.deeper()
        found = self._arithmetic(closer)
        self.depth -= 1
        return found

    def _arithmetic(self, closer: str) -> bool:
        opener = {"))": "(", "]": "[", "}": "{"}[closer]
        word, open_ = Word(), 0
        while self.at < self.limit:
            char = self.text[self.at]
            if char == VALUE:
                self.value(Form.NUMBER, None, ARITHMETIC)
            elif char == "\\":
                self.escape()
            elif char == "$":
                self.dollar(word, quoted=True)
            elif char == "`":
                self.backtick(word, quoted=False)
            elif char == '"':
                self.at += 1
                self.double(number=True)
            elif char == "'" and closer == "]":
                self.single()
            elif char == closer[0] and open_ == 0:
                if not self.text.startswith(closer, self.at):
                    return False
                self.at += len(closer)
                return True
            else:
                open_ += (char == opener) - (char == closer[0])
                self.at += 1
        self._unclosed(True)
        return True

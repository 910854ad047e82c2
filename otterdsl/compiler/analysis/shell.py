"""Scan a script of bash, to know for each value that stands in it how it has to be written there, or that it cannot.

In: a script with `VALUE` at each value. Out: a `Place` for each, and whether all that was opened is closed. What is absent: what single commands do
with their arguments (`shell_commands`), what stands within a word (`shell_words`), and any judgement on whether bash could parse it: bash does that.
"""

import re
from typing import Final, Literal

from otterdsl.compiler.analysis.shell_commands import DECLARING, check_command, check_conditional, real_name
from otterdsl.compiler.analysis.shell_places import UNREAD, Form, Found, Place, Why, Word
from otterdsl.compiler.analysis.shell_tokens import META, Tokens, refuse
from otterdsl.compiler.analysis.shell_words import Lost

_RESERVED: Final = re.compile(r"[a-z]+|\[\[|[{}!]")
# After these a command may follow.
_AGAIN: Final = frozenset({"if", "then", "elif", "else", "fi", "while", "until", "do", "done", "{", "}", "!", "time", "coproc"})
_IN: Final = re.compile(r"in(?=[ \t\n;])")
_ESAC: Final = re.compile(r"esac(?![^ \t\n;&|()<>])")
_DESCRIPTOR: Final = re.compile(r"[0-9]+|\{[A-Za-z_][A-Za-z0-9_]*\}")
# What these are given is evaluated, or read as a script, by bash itself.
_EVALUATED: Final = frozenset({"RANDOM", "SRANDOM", "SECONDS", "LINENO", "OPTIND", "HISTCMD", "EPOCHSECONDS", "BASHPID", "BASH_SUBSHELL"})
_ARRAYS: Final = frozenset({"DIRSTACK", "FUNCNAME", "GROUPS", "PIPESTATUS", "MAPFILE", "COPROC", "REPLY"})
_READ: Final = frozenset({"PS4", "PS0", "PS1", "PS2", "PROMPT_COMMAND", "BASH_ENV", "ENV"})


def scan(script: str) -> Found:
    """The places of a script's values, by their number, and whether it is closed."""
    found = Found()
    scanner = Shell(script, found)
    try:
        scanner.commands("")
        if scanner.pending[0]:
            raise Lost(UNREAD)
    except Lost as lost:
        found.closed = False
        for number in scanner.numbers.values():
            found.places[number] = Place(Form.WORD, lost.why)
    for name, values in found.assigned.items():
        if name in found.integers or name in _EVALUATED:
            refuse(values, Why(f"`{name}` is a number, and bash evaluates what it is given"), found)
        elif name in _READ:
            refuse(values, Why(f"bash runs commands that `{name}` holds"), found)
    for name, values in found.declared.items():
        if name in found.arrays or name in _ARRAYS or name.startswith("OTTER"):
            refuse(values, Why(f"`{name}` is an array, and bash evaluates what a declaration gives it", "assign to it without declaring it"), found)
    return found


class Shell(Tokens):
    """The scanner of commands."""

    def commands(self, closer: str) -> None:
        """Scan commands up to and with `closer`, or to the end of the text where it is empty."""
        self._commands(closer, in_case=False)

    def _commands(self, closer: str, in_case: bool) -> Literal["closed", "next", "esac", "end"]:
        """Scan commands; why it ended. In a `case`, that is `;;` or `esac`."""
        command: list[Word] = []
        start = True  # whether a word that is reserved may come
        while self.at < self.limit:
            char = self.text[self.at]
            if char in " \t":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif char == "#":
                self.comment()
            elif char in "\n;|&" and not self.text.startswith("&>", self.at):
                start = self._ended(command)
                if char == "\n":
                    self.newline()
                    continue
                last = self.text.startswith((";;", ";&"), self.at)
                self.at += 1
                if last:
                    self.at += 1 + (self.text[self.at + 1 : self.at + 2] == "&")
                    if in_case:
                        return "next"
            elif char == "(":
                start = self._bracket(command, start)
            elif char == ")":
                start = self._ended(command)
                self.at += 1
                if closer == ")":
                    return "closed"
            elif char in "<>&" and not self.text.startswith("(", self.at + 1):
                self.redirection()
            elif start and not command and (reserved := self._reserved(in_case)):
                if reserved == "esac":
                    return "esac"
            else:
                start = self._word_of(command)
        self._ended(command)
        self.found.closed &= not closer and not in_case
        return "end"

    def _ended(self, command: list[Word]) -> bool:
        """A command is over. Mutates: clears it."""
        if command:
            check_command(command, self.found)
            command.clear()
        return True

    def _bracket(self, command: list[Word], start: bool) -> bool:
        """`(`: arithmetic, a subshell, or a function's; whether a reserved word may follow."""
        if command:  # the name of a function
            command.clear()
        elif start and self.text.startswith("((", self.at) and self.evaluated(self.at + 2):
            return True
        self.at += 1
        self.deeper()
        self._commands(")", in_case=False)
        self.depth -= 1
        return True

    def _word_of(self, command: list[Word]) -> bool:
        """A word of a command, or an assignment before one; whether a reserved word may follow. Mutates: `command`."""
        name = real_name(command)
        if not command or name in DECLARING:
            assigned = self.assignment()
            if assigned is not None:
                if command:
                    command.append(assigned)
                return False
        word = self.word(first=not command)
        following = self.text[self.at : self.at + 1]
        if following in ("<", ">") and following and word.bare and _DESCRIPTOR.fullmatch(word.literal) and not self.substitutes():
            return not command
        command.append(word)
        return False

    # ------------------------------------------------------------ reserved words

    def _reserved(self, in_case: bool) -> str:
        """Scan a reserved word, with what belongs to it; which it was, empty where there is none."""
        found = _RESERVED.match(self.text, self.at, self.limit)
        if found is None or (found.end() < self.limit and self.text[found.end()] not in META):
            return ""
        name = found.group()
        if name == "esac" and in_case:
            self.at = found.end()
        elif name == "case":
            self.at = found.end()
            self._case()
        elif name in ("for", "select"):
            self.at = found.end()
            self._for()
        elif name == "function":
            self.at = found.end()
            self.blanks()
            self.word()
        elif name == "[[":
            self.at = found.end()
            self._conditional()
        elif name in _AGAIN:
            self.at = found.end()
        else:
            return ""
        return name

    def _for(self) -> None:
        self.blanks()
        if self.text.startswith("((", self.at) and self.evaluated(self.at + 2):
            return
        name = self.word()
        self.blanks(lines=True)
        if not _IN.match(self.text, self.at, self.limit):
            return
        self.at += len("in")
        while self.at < self.limit and self.text[self.at] not in "\n;&|)":
            self.blanks()
            if self.at >= self.limit:
                return
            if self.text[self.at] == "#":
                self.comment()
            elif self.text[self.at] not in META or self.substitutes():
                self.found.assigned.setdefault(name.literal, []).extend(self.word().values)
            elif self.text[self.at] in "(<>":
                self.at += 1

    def _case(self) -> None:
        self.deeper()
        self.blanks()
        self.word()
        self.blanks(lines=True)
        self.at += len("in") if self.text.startswith("in", self.at) else 0
        while self.at < self.limit:
            self.blanks(lines=True)
            if _ESAC.match(self.text, self.at, self.limit):
                self.at += len("esac")
                break
            self._patterns()
            if self._commands("", in_case=True) == "esac":
                break
        self.depth -= 1

    def _patterns(self) -> None:
        """The patterns of a branch, up to and with `)`."""
        if self.text.startswith("(", self.at):
            self.at += 1
        while self.at < self.limit and self.text[self.at] != ")":
            if self.text[self.at] in META and not self.substitutes():
                self.at += 1
            else:
                self.word()
        self.at = min(self.at + 1, self.limit)

    def _conditional(self) -> None:
        """`[[ … ]]`, after its first brackets."""
        words: list[Word] = []
        while self.at < self.limit:
            self.blanks(lines=not (words and words[-1].literal == "=~"))
            if self.at >= self.limit:
                break
            if self.text[self.at] in META and not self.substitutes() and not (words and words[-1].literal == "=~"):
                words.append(Word(self.text[self.at]))
                self.at += 1
                continue
            word = self.word(regex=bool(words) and words[-1].bare and words[-1].literal == "=~")
            if word.bare and word.literal == "]]":
                break
            words.append(word)
        else:
            self.found.closed = False
        check_conditional(words, self.found)

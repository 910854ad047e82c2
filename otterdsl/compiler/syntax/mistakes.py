"""Tokens of a text that has mistakes in it. In: text. Out: tokens that the parser can go on with, comments, and what is wrong with the characters.

What is no token is reported once and either left out or read as what was probably meant; such a token is `broken`, and what is made of it is
dropped. An unclosed string ends with its line, but the brackets it swallowed and that close something count. Absent: where tokens may stand.
"""

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic, Edit, Fix
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import NOT_TEXT
from otterdsl.compiler.syntax.foreign_signs import Foreign, foreign_sign
from otterdsl.compiler.syntax.foreign_words import NAME_RULE, is_name, name_help, task_help
from otterdsl.compiler.syntax.lower_expressions import MOST_REPORTED
from otterdsl.compiler.syntax.scan import COMMENT, END, NUMBER, OTHER, STRING, WORD, Comments, scanner

CLOSERS = {"{": "}", "[": "]", "(": ")"}

_NUMBER_LIKE = re.compile(r"[+-]?[0-9][A-Za-z0-9_.]*")
_MEASURE = re.compile(r"(?:[0-9]+(?:ms|[smhd]))+|[0-9]+(?:\.[0-9]+)?(?:[KMGT]i?)?B")
_ENDS_VALUE = re.compile(r"[ \t]*(?:[\n#},]|$|[A-Za-z_]\w*[ \t]*=)")
_WORD_LIKE = re.compile(r"\w+")
_REST = re.compile(r"[^\s\"'#{}\[\](),=]*")
_NEXT_DECLARATION = re.compile(r"^(?:pipeline|use|import|param|scratchpad|task|extern|step)\b", re.MULTILINE)
# After these words, and before a `:` or a label and a block, there is a name and never a string.
_NAMED = frozenset({"pipeline", "param", "task", "extends", "use", "for"})
_PLACEHOLDER = re.compile(r"\$(?:\{[^{}\n]{0,200}\}|[A-Za-z_][A-Za-z0-9_]*)")
_AFTER_PLACEHOLDER = re.compile(r"(?:\$\{[^{}\n]{0,200}\}|[^\s\"'#{}\[\](),=])+")
_ODD_KEY = re.compile(r"\$\{((?=[^{}]*[ -])[\w. -]+)\}")
_ITEM = re.compile(r"-[ \t]+(?:name:[ \t]*([^#\n]*))?([^#\n]*)")
_FIELD_LIKE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*:")
_LABEL_FOLLOWS = re.compile(r"[ \t]+(?:\w+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\{")
_BEFORE_NOT = frozenset({"if", "and", "or", "not", "(", "="})
_ELSE_IF = frozenset({"elif", "elsif", "elseif"})
_BRACKETS = re.compile(r"[{}\[\]()]")
_CURLY = re.compile("\u201c[^\u201c\u201d\n]{0,200}\u201d|\u2018[^\u2018\u2019\n]{0,200}\u2019")


class Token(NamedTuple):
    """A token: `kind` is its terminal, `WORD` for a word that is not yet known to be a keyword or a name; `first` on its line or not."""

    kind: str
    start: int
    end: int
    text: str
    first: bool = False
    broken: bool = False


@dataclass(slots=True)
class _Scan:
    """The work in hand."""

    file: str
    text: str
    tokens: list[Token]
    diagnostics: list[Diagnostic]
    opened: list[str]
    said: str = ""
    line_end: int = 0

    def report(self, code: str, message: str, start: int, end: int, label: str, mend: str, word: str | None = None) -> None:
        """Reports; `word` is what belongs in the place of what is wrong, where that is certain."""
        # The same thing again on one line is one mistake.
        if len(self.diagnostics) < MOST_REPORTED and not (message == self.said and start < self.line_end):
            span = Span(self.file, start, end)
            title = f"write `{word.strip()}`" if word else f"take out `{self.text[start:end]}`"
            fixes = () if word is None else (Fix(title, (Edit(span, word),)),)
            self.diagnostics.append(Diagnostic(code, CODES[code].severity, message, span, label, mend, fixes=fixes))
            found = self.text.find("\n", end)
            self.said, self.line_end = message, len(self.text) if found < 0 else found

    def add(self, kind: str, start: int, end: int, broken: bool = False) -> None:
        before = self.tokens[-1].end if self.tokens else 0
        first = not self.tokens or "\n" in self.text[before:start]
        self.tokens.append(Token(kind, start, end, self.text[start:end], first, broken))
        if kind in CLOSERS:
            self.opened.append(CLOSERS[kind])
        elif self.opened and kind == self.opened[-1]:
            self.opened.pop()


def tokens(file: str, text: str, comments: Comments) -> tuple[list[Token], list[Diagnostic]]:
    """All tokens, the last one an END, and what is wrong with the characters between: OT004, OT007, OT101, OT104. Mutates `comments`."""
    scan = _Scan(file, text, [], [], [])
    position = 0
    while found := scanner().match(text, position):
        index = found.lastindex or OTHER
        start, position = found.span(index)
        if index == COMMENT:
            comments.add(start, position)
            continue
        if comments.pending:
            comments.settle(start)
        if index == OTHER:
            position = _mistake(scan, start)
        elif index == END:
            scan.add("$END", start, position)
            break
        else:
            kind = {WORD: "WORD", STRING: "STRING", NUMBER: "NUMBER"}.get(index, found[index])
            if index == WORD and _else_if(scan, start, position):
                continue
            foreign = foreign_sign(text, start, position, scan.tokens[-1].kind if scan.tokens else "")
            if foreign is not None:
                position = _foreign(scan, foreign)
                continue
            scan.add(kind, start, position)
    return scan.tokens, scan.diagnostics


def _foreign(scan: _Scan, foreign: Foreign) -> int:
    """Reports what other languages write, and adds what it is read as. Gives the offset to go on from."""
    scan.report(foreign.code, foreign.message, foreign.start, foreign.end, foreign.label, foreign.mend, foreign.word)
    if foreign.kind == "broken":
        scan.tokens[-1] = scan.tokens[-1]._replace(broken=True)
    elif foreign.kind:
        scan.add(foreign.kind, foreign.start, foreign.resume, foreign.broken)
    return foreign.resume


def _else_if(scan: _Scan, start: int, end: int) -> bool:
    """Whether a word is another language's `else if`; reports it and adds the two words."""
    word = scan.text[start:end]
    if word not in _ELSE_IF or not scan.tokens or scan.tokens[-1].kind != "}":
        return False
    scan.report("OT104", f"unknown keyword `{word}`", start, end, "not a keyword", "write `else if`", "else if")
    scan.add("ELSE", start, start)
    scan.add("IF", start, end)
    return True


def _mistake(scan: _Scan, start: int) -> int:
    """Reports what begins at `start` and is no token; adds what it is read as. Gives the offset to go on from."""
    text, char = scan.text, scan.text[start]
    if char in "\"'":
        return _unclosed(scan, start)
    if NOT_TEXT.match(char):
        return start + 1
    number = _NUMBER_LIKE.match(text, start)
    if number:
        shown = number.group()
        if _only_a_name(scan, len(scan.tokens), number.end()):
            scan.report("OT007", f"`{shown}` is not a name", *number.span(), "starts like a number", name_help(shown))
            scan.add("WORD", *number.span(), broken=True)
            return number.end()
        mend = f'quote what is text: `"{shown}"`'
        scan.report("OT007", f"`{shown}` is not a number", *number.span(), "starts like a number", mend, _quoted(scan, number))
        scan.add("NUMBER", *number.span(), broken=True)
        return number.end()
    curly = _CURLY.match(text, start)
    if curly:
        message, mend = f"a string in `{char}…{curly.group()[-1]}`", "quote with `\"…\"` or `'…'`"
        scan.report("OT007", message, *curly.span(), "typographic quotes", mend, _straight(curly.group()))
        scan.add("STRING", *curly.span(), broken=True)
        return curly.end()
    if text.startswith(("//", "/*"), start) and not (scan.tokens and scan.tokens[-1].end == start):
        end = text.find("\n", start)
        written, word = text[start : start + 2], "#" if text.startswith("//", start) else None
        scan.report("OT007", f"unexpected `{written}`", start, start + 2, "starts nothing", "a comment begins with `#`", word)
        return len(text) if end < 0 else end
    for written, kind in (("&&", "AND"), ("!", "NOT")):
        if text.startswith(written, start):
            end = start + len(written)
            word = kind.lower() if text[end : end + 1].isspace() else f"{kind.lower()} "
            guards = text[end : end + 1].isalpha() or text.startswith("(", end)
            before = scan.tokens[-1] if scan.tokens else None
            meant = before is not None and (kind == "AND" or (guards and before.text in _BEFORE_NOT)) and "\n" not in text[before.end : start]
            scan.report("OT007", f"unexpected `{written}`", start, end, "starts nothing", f"write `{kind.lower()}`", word if meant else None)
            scan.add(kind, start, end)
            return end
    return _glued(scan, start)


def _glued(scan: _Scan, start: int) -> int:
    """A character that starts nothing, together with what it is glued to: probably text that was not quoted, or a name that is none."""
    text, char = scan.text, scan.text[start]
    begin, before = start, len(scan.tokens)
    while before and scan.tokens[before - 1].end == begin and scan.tokens[before - 1].kind in ("WORD", "NUMBER", ".", ":", "|", "?", "<", ">"):
        before -= 1
        begin = scan.tokens[before].start
    word = _WORD_LIKE.match(text, begin)
    if char.isalnum() and word and word.end() > start:
        del scan.tokens[before:]
        scan.report("OT007", f"`{word.group()}` is not a name", *word.span(), "not a name", _name_mend(scan, before, *word.span()))
        scan.add("WORD", *word.span(), broken=True)
        return word.end()
    rest = _REST.match(text, start + 1)
    end = rest.end() if rest else start + 1
    glued = text[begin:end]
    mends = {";": "nothing ends a statement; leave it out", "+": 'put texts together in one: `"${a}${b}"`', "`": "quote with `\"…\"` or `'…'`"}
    if char == "$" and before == len(scan.tokens):
        placeholder = _PLACEHOLDER.match(text, start)
        if placeholder:
            return _placeholder(scan, *placeholder.span())
    if char == "-" and (item := _ITEM.match(text, start)) and (not scan.tokens or "\n" in text[scan.tokens[-1].end : start]):
        scan.report("OT007", "unexpected `-`", start, start + 1, "starts nothing", _item_mend(*item.groups()))
        return start + 1
    if glued.strip(char) == "" or char in ";`":
        scan.report("OT007", f"unexpected `{char}`", start, start + 1, "starts nothing", mends.get(char, ""), "" if char == ";" else None)
        return start + 1
    del scan.tokens[before:]
    # A placeholder that was not quoted is taken whole.
    while end < len(text) and text[end] == "{" and text[end - 1] == "$" and (close := text.find("}", end, end + 200)) > 0:
        rest = _REST.match(text, close + 1)
        end = rest.end() if rest else close + 1
    glued = text[begin:end]
    if _FIELD_LIKE.fullmatch(glued):
        glued, end = glued[:-1], end - 1
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", glued):
        scan.report("OT007", f"`{glued}` is not a name", begin, end, "not a name", _name_mend(scan, before, begin, end))
        scan.add("WORD", begin, end, broken=True)
        return end
    mend = mends.get(char, f'quote what is text: `"{glued}"`' if len(glued) < 80 else "quote what is text")
    scan.report("OT007", f"unexpected `{char}`", start, start + 1, "starts nothing", mend)
    scan.add("STRING", begin, end, broken=True)
    return end


def _quoted(scan: _Scan, written: re.Match[str]) -> str | None:
    """A duration or a size in quotes, where it is all of a value."""
    alone = _ENDS_VALUE.match(scan.text, written.end()) and scan.tokens and scan.tokens[-1].kind == "="
    return f'"{written.group()}"' if alone and _MEASURE.fullmatch(written.group()) else None


def _straight(curly: str) -> str | None:
    """A string in typographic quotes with plain ones, where that is all that it takes."""
    return None if set(curly) & set('"\\') else f'"{curly[1:-1]}"'


def _placeholder(scan: _Scan, start: int, end: int) -> int:
    """A placeholder that was not quoted, with all that is glued to it."""
    while (rest := _AFTER_PLACEHOLDER.match(scan.text, end)) and rest.end() > end:
        end = rest.end()
    written = scan.text[start:end]
    name = written[1:].strip("{} \t")
    # A key that is no name stands in quotes.
    word = '"' + _ODD_KEY.sub(r"${'\1'}", written) + '"'
    mend = f"quote what is text: `{word}`"
    if written in (f"${name}", f"${{{name}}}") and all(map(is_name, name.split("."))):
        word, mend = name, f'write `{name}`, or `"${{{name}}}"` for its text'
    plain = len(written) < 80 and word.count('"') <= 2
    mend = mend if plain else "quote what is text"
    scan.report("OT007", "a placeholder outside of a string", start, end, "not quoted", mend, word if plain else None)
    scan.add("STRING", start, end, broken=True)
    return end


def _item_mend(name: str | None, item: str) -> str:
    """What to write in the place of an item of YAML's lists: a task by its `name`, or something else."""
    if name is not None:
        return task_help(name) or "a task is written `TYPE LABEL { … }`"
    return "leave it out" if "{" in item else "a list is written `[a, b]`"


def _only_a_name(scan: _Scan, before: int, end: int) -> bool:
    """Whether what follows so many tokens and ends there stands where a string cannot."""
    named = before > 0 and scan.tokens[before - 1].text in _NAMED and scan.tokens[before - 1].kind == "WORD"
    return named or scan.text.startswith(":", end) or _LABEL_FOLLOWS.match(scan.text, end) is not None


def _name_mend(scan: _Scan, before: int, start: int, end: int) -> str:
    return name_help(scan.text[start:end]) if _only_a_name(scan, before, end) else f"{NAME_RULE}; quote what is text"


def _unclosed(scan: _Scan, start: int) -> int:
    """A string that nothing closes: it ends with its line, a long one before the next declaration. What it swallowed and closes something counts."""
    text = scan.text
    quote = text[start] * 3 if text.startswith(text[start] * 3, start) else text[start]
    if len(quote) == 3:
        declaration = _NEXT_DECLARATION.search(text, start)
        end = declaration.start() if declaration else len(text)
        # Of a long one, only lines that hold nothing but brackets are no part of it.
        body = text[start:end]
        tail = body[len(body.rstrip(" \t\r\n}])")) :]
        swallowed = end - len(tail[tail.index("\n") :]) if "\n" in tail else end
    else:
        found = text.find("\n", start)
        end = swallowed = len(text) if found < 0 else found
        # What looked wrong before it on its line was probably the text of a string: a quote is missing, not necessarily the last.
        line = text.rfind("\n", 0, start)
        scan.diagnostics[:] = [d for d in scan.diagnostics if d.span is None or d.span.start <= line]
        if _goes_on(scan, line, start):
            return start + 1
    scan.report("OT004", "an unclosed string", start, start + len(quote), f"no `{quote}` closes it", f"write `{quote}` at its end")
    closing = _closing(text, swallowed if len(quote) == 3 else start + 1, end, scan.opened)
    stop = closing[0] if closing else swallowed
    scan.add("STRING", start, len(text[start:stop].rstrip()) + start, broken=True)
    for offset in closing:
        scan.add(text[offset], offset, offset + 1)
    return end


def _goes_on(scan: _Scan, line: int, start: int) -> bool:
    """Whether a quote closes what the line before left open; takes what stands before it for a part of that, and says so there."""
    last = scan.diagnostics[-1] if scan.diagnostics else None
    if last is None or last.code != "OT004" or last.span is None or "=" in scan.text[line + 1 : start]:
        return False
    quote, above = scan.text[start], scan.text.rfind("\n", 0, max(0, line))
    if not above < last.span.start < line or scan.text[last.span.start : last.span.end] != quote:
        return False
    while scan.tokens and scan.tokens[-1].start > line:
        scan.tokens.pop()
    scan.diagnostics[-1] = replace(last, help=f"a text over several lines stands in three quotes: `{quote * 3}…{quote * 3}`")
    return True


def _closing(text: str, start: int, end: int, opened: list[str]) -> list[int]:
    """Where the brackets stand that close what was open before, and nothing opened within."""
    inner: list[str] = []
    waiting = list(opened)
    offsets = []
    for found in _BRACKETS.finditer(text, start, end):
        char = found.group()
        if char in CLOSERS:
            inner.append(CLOSERS[char])
        elif inner:
            if char == inner[-1]:
                inner.pop()
        elif waiting and char == waiting[-1]:
            waiting.pop()
            offsets.append(found.start())
    return offsets

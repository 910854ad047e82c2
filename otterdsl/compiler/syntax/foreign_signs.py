"""What other languages write with signs and letters: `||`, `===`, `f"…"`, a quote within quotes, a date, `while`.

In: a text and where a token of it stands. Out: a `Foreign`, or None. All of these are tokens here too, but not in this way; only a text that is wrong
somewhere is asked. What is absent: characters that are no tokens at all (`mistakes`), and words that stand where a keyword must (`repair`).
"""

import re
from typing import Final, NamedTuple

_NEAR: Final = 200  # so far is looked: what is written otherwise stands on one line, and a text of any size takes time for its size
_OPERATORS: Final = {"||": ("OR", "or"), "===": ("==", "=="), "!==": ("!=", "!="), "<>": ("!=", "!=")}
_OPERATOR: Final = re.compile(r"\|\||===|!==|<>")
_PREFIX: Final = re.compile(r"(?i:f|r|b|u|fr|rf|br|rb)(?=[\"'])")
_WITHIN: Final = re.compile(r"\w")
_SWALLOWED: Final = re.compile(r"(?:\s+\w+\s*=|,)\s*[\"']$")  # what stands before a string, at the end of one that was not closed
_DATE: Final = re.compile(r"[0-9]+(?:[-:T][0-9]+)+(?:\.[0-9]+)?Z?(?![\w.])")
_THOUSANDS: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?![\w.,])")
_ENDS_VALUE: Final = re.compile(r"[ \t]*(?:[\r\n#},]|$|[A-Za-z_]\w*[ \t]*=)")
_CONDITIONAL: Final = re.compile(r"(?:if\b[^\n{}\"']{0,200}\belse\b|\?[^\n{}:]{1,200}:)[ \t]*(?:\"[^\"\n]*\"|'[^'\n]*'|[\w.]+)?")
_CUT: Final = re.compile(r"\.\s{1,200}(?=[A-Za-z_]\w*\s*=(?!=))")
# A block of statements, whatever its first word is here: what stands in it has a label and a block.
_STATEMENTS: Final = re.compile(
    r"[^{}\n\"']{0,200}\{\s{0,200}(?:#[^\n]{0,200}\n\s{0,200}){0,20}[A-Za-z_]\w*[ \t]+(?:\w+|\"[^\"\n]*\"|'[^'\n]*')\s*\{"
)
_GUARDS: Final = {
    "unless": "write `if not …`",
    "when": "write `if`",
    "while": "a loop runs over a list: `for x in LIST { … }`",
    "until": "a loop runs over a list: `for x in LIST { … }`",
}


class Foreign(NamedTuple):
    """What to say of which text, and the token that it is read as: `kind`, empty for none, `broken` where the token before it means nothing sure.

    `word` is what belongs in its place, where that is certain. Reading goes on at `resume`.
    """

    code: str
    message: str
    start: int
    end: int
    label: str
    mend: str
    word: str | None = None
    kind: str = ""
    broken: bool = False
    resume: int = 0


def foreign_sign(text: str, start: int, end: int, before: str) -> Foreign | None:
    """What the token from `start` to `end` is a part of in other languages. `before` is the kind of the token before it."""
    char = text[start]
    if char in "|=!<":
        return _operator(text, start)
    if char in "\"'":
        return _within_string(text, start, end)
    if char.isdigit():
        return _number(text, start, before)
    if char == ".":
        return _cut_short(text, start)
    if char == "?" or text[start:end] == "if":
        return _conditional(text, start, before)
    return _word(text, start, end) if char.isalpha() else None


def _operator(text: str, start: int) -> Foreign | None:
    found = _OPERATOR.match(text, start)
    if found is None:
        return None
    kind, word = _OPERATORS[found.group()]
    message = f"unexpected `{found.group()}`"
    return Foreign("OT007", message, start, found.end(), "no operator here", f"write `{word}`", word, kind, resume=found.end())


def _within_string(text: str, start: int, end: int) -> Foreign | None:
    """A quote in the midst of a string, which ends it there: all was meant up to the last one of the line, unless the first string lacks its own."""
    quote = text[start]
    if text.startswith(quote * 3, start) or not _WITHIN.match(text, end) or text.rfind("${", start, end) > text.rfind("}", start, end):
        return None
    swallowed = _SWALLOWED.search(text, max(start, end - _NEAR), end)
    if swallowed:
        message, mend = "an unclosed string", f"write `{quote}` at its end"
        return Foreign("OT004", message, start, start + 1, f"no `{quote}` closes it", mend, kind="STRING", broken=True, resume=swallowed.start())
    line = text.find("\n", end)
    last = text.rfind(quote, end, len(text) if line < 0 else line)
    if last < 0:
        return None
    mend = 'write `\\"` for a quote within `"…"`' if quote == '"' else "nothing is special within `'…'`; with a `'` in it, write `\"…\"`"
    message = f"a `{quote}` within `{quote}…{quote}` ends it"
    return Foreign("OT101", message, end - 1, end, "the string ends here", mend, kind="STRING", broken=True, resume=last + 1)


def _number(text: str, start: int, before: str) -> Foreign | None:
    date = _DATE.match(text, start)
    if date:
        word = f'"{date.group()}"' if before == "=" and _ENDS_VALUE.match(text, date.end()) else None
        mend = f'quote what is text: `"{date.group()}"`'
        message = f"`{date.group()}` is not a number"
        return Foreign("OT007", message, start, date.end(), "starts like a number", mend, word, "NUMBER", True, date.end())
    found = _THOUSANDS.match(text, start) if before == "=" else None
    if found is None:
        return None
    plain = found.group().replace(",", "")
    message, mend = f"`{found.group()}` is not a number", f"a number holds no commas: `{plain}`"
    return Foreign("OT007", message, start, found.end(), "a comma in a number", mend, plain, "NUMBER", True, found.end())


def _cut_short(text: str, start: int) -> Foreign | None:
    """A reference that ends in a dot, before the next attribute."""
    if _CUT.match(text, start) is None:
        return None
    message, mend = "a name is missing after this `.`", "a reference is `TYPE.LABEL` or `TYPE.LABEL.FIELD`"
    return Foreign("OT101", message, start, start + 1, "nothing is named", mend, kind="broken", resume=start + 1)


def _conditional(text: str, start: int, before: str) -> Foreign | None:
    """A value that depends on a condition: `a if b else c`, `a ? b : c`."""
    found = _CONDITIONAL.match(text, start) if before in ("WORD", "STRING", "NUMBER", "]", ")") else None
    if found is None:
        return None
    mend = "an `if` block decides between tasks"
    return Foreign("OT101", "no value depends on a condition", start, found.end(), "not a part of a value", mend, kind="broken", resume=found.end())


def _word(text: str, start: int, end: int) -> Foreign | None:
    prefix = _PREFIX.match(text, start)
    if prefix and prefix.end() == end:
        letters = prefix.group().lower()
        mend = "`'…'` is raw text" if "r" in letters else '`${…}` works in every `"…"`' if "f" in letters else "take it out"
        return Foreign("OT101", "a letter before a string's quotes", start, end, "not a part of the string", mend, resume=end)
    mend = _GUARDS.get(text[start:end], "")
    if not mend or _STATEMENTS.match(text, end) is None:
        return None
    return Foreign("OT104", f"unknown keyword `{text[start:end]}`", start, end, "not a keyword", mend, kind="IF", resume=end)

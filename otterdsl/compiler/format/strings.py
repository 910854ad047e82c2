"""Strings as they are written. In: decoded strings of the tree. Out: text that reads as the same string.

`'…'` where the tree says raw and it can be, else `"…"`; text of several lines between three quotes where there is room for lines. Texts that no
raw form can hold get escapes. What is absent: expressions within `${…}`, which are handed in as text.
"""

import re
from collections.abc import Sequence

# Text that stands within `"…"` as it is: most of it.
SIMPLE = re.compile(r"[ !#%-\[\]-~]*")

_ESCAPED = re.compile("[\\\\\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\xad\u200b\u200e\u200f\u2060\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_RAW_NEVER = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\ud800-\udfff]")
_TRAILING = re.compile("[ \t](?=\n|$)")
_LAST_QUOTE = re.compile(r'(?<!\\)(?:\\\\)*"\Z')
_FIRST = re.compile("[ \t]")
# As in the grammar, between the quotes.
_SHORT = re.compile(r'[^"\\\n]*(?:\\[^\n][^"\\\n]*)*')
_LONG = re.compile(r'[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*')


def escaped(text: str, before_expression: bool = False) -> str:
    """Text as it stands within `"…"` or three of them, but for quotes, tabs and line ends; `before_expression`: `${` comes next."""
    text = _ESCAPED.sub(_escape, text).replace("${", "$${")
    if before_expression and text.endswith("$"):
        return text[:-1] + "\\$"
    return text


def _escape(found: re.Match[str]) -> str:
    char = found.group()
    if char == "\\":
        return "\\\\"
    # A lone surrogate is no character of any text file.
    return "\\u{fffd}" if "\ud800" <= char <= "\udfff" else f"\\u{{{ord(char):x}}}"


def raw_line(text: str) -> str | None:
    """`'…'`, or with three quotes where the text holds one; None where neither can hold it."""
    if "\n" in text or _RAW_NEVER.search(text):
        return None
    if "'" not in text:
        return f"'{text}'"
    return f"'''{text}'''" if "'''" not in text and not text.endswith("'") else None


def line(parts: Sequence[tuple[str, bool]]) -> str:
    """`"…"` of parts: text, or (True) what an interpolation reads, with its braces."""
    return f'"{"".join(_line_part(parts, index) for index in range(len(parts)))}"'


def _line_part(parts: Sequence[tuple[str, bool]], index: int) -> str:
    text, expression = parts[index]
    if expression:
        return text
    following = index + 1 < len(parts) and parts[index + 1][1]
    return escaped(text, following).replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")


def long_line(parts: Sequence[tuple[str, bool]]) -> str:
    """Three quotes on one line, for interpolations that hold a `"`."""
    return f'""{line(parts)}""'


def block(parts: Sequence[tuple[str, bool]], indent: str) -> list[str]:
    """The lines of three quotes and what is between them, for a string that stands in a line with this indent."""
    texts = []
    for index, (text, expression) in enumerate(parts):
        following = index + 1 < len(parts) and parts[index + 1][1]
        texts.append(text if expression else escaped(text, following).replace('"""', '""\\"'))
    body = _TRAILING.sub(_visible, "".join(texts))
    # A quote right before the closing ones would be read as one of them.
    if _LAST_QUOTE.search(body):
        body = body[:-1] + '\\"'
    if _common(body):
        body = _first_escaped(body)
    return _laid('"""', body, indent)


def _visible(found: re.Match[str]) -> str:
    return "\\t" if found.group() == "\t" else "\\u{20}"


def _first_escaped(body: str) -> str:
    """The text with the first blank of its first line that is not empty written as an escape."""
    for start in (0, *(found.end() for found in re.finditer("\n", body))):
        if body[start : start + 1] in (" ", "\t"):
            return body[:start] + _FIRST.sub(_visible, body[start:], count=1)
    return body


def raw_block(text: str, indent: str) -> list[str] | None:
    """As `block`, with `'''`; None where the text cannot be raw."""
    if "'''" in text or text.endswith("'") or _RAW_NEVER.search(text) or _common(text):
        return None
    return _laid("'''", text, indent)


def verbatim(text: str, indent: str, raw: bool) -> list[str] | None:
    """Text in which nothing means anything, as a `run python` body takes it, in quotes of either kind; `raw` prefers `'`.

    Lines that are all indented get the line end that they lack. None where no quotes can hold the text.
    """
    if _RAW_NEVER.search(text):
        return None
    if "\n" in text and _common(text):
        text += "\n"
    forms: list[list[str] | None] = []
    if "\n" in text:
        double = None if not _LONG.fullmatch(text) or text.endswith('"') else _laid('"""', text, indent)
        forms = [double, raw_block(text, indent)]
    else:
        double = [f'"{text}"'] if _SHORT.fullmatch(text) else None
        long = [f'"""{text}"""'] if _LONG.fullmatch(text) and not text.endswith('"') else None
        single = raw_line(text)
        forms = [double or long, None if single is None else [single]]
    if raw:
        forms.reverse()
    return forms[0] or forms[1]


def _common(body: str) -> str:
    """The blanks that reading would take off all lines beyond the indent that they are given: none where the last line is empty."""
    lines = body.split("\n")
    counted = [text for text in lines[:-1] if text.strip(" \t")] + [lines[-1]]
    blanks = [text[: len(text) - len(text.lstrip(" \t"))] for text in counted]
    low, high = min(blanks), max(blanks)
    return low[: next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))]


def _laid(quotes: str, body: str, indent: str) -> list[str]:
    """The lines of a long string. Text is indented beyond the line it belongs to, unless its lines already are, each of them."""
    lines = body.split("\n")
    indented = not lines[-1] and all(text.startswith("  ") for text in lines if text)
    margin = indent if indented else indent + "  "
    shown = [margin + text if text else "" for text in lines[:-1]]
    return [quotes, *shown, margin + lines[-1] + quotes]

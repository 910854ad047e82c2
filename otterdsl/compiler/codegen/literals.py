"""The one place where text and values become Python source.

In: values of a Plan, all of them untrusted: text from a `.otter` file or a file's name. Out: literals in Black's form, which evaluate to
exactly what came in. What is absent: layout beyond the literal itself, names, imports.

Which characters are escaped depends on no Unicode database, so that every Python gives the same bytes.
"""

import re
from collections.abc import Iterable, Mapping

from otterdsl.compiler.values.value import Value

INDENT = "    "

# Printable ASCII without `"` and `\`: what stands between double quotes as it is.
_PLAIN = re.compile(r"[ !#-\[\]-~]*")

# Controls, formats (bidi marks and joiners among them), spaces that do not look like one, letters that look like nothing,
# separators, surrogates, private use, tags and non-characters.
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ud800-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
# The backslash first, since the others bring some. By `replace`, as a text may be a megabyte of them.
_SHORT_ESCAPES = (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))

# Above this an int is written in hexadecimal: Python refuses to read (and print) decimal ones of more than a set number of digits.
_DECIMAL_BITS = 2_000


def string(text: str) -> str:
    """A text as one literal: double quotes unless single ones need fewer escapes, as Black has it."""
    if _PLAIN.fullmatch(text):
        return f'"{text}"'
    return _quoted(_escaped(text))


def ascii_string(text: str) -> str:
    """The same text with all but ASCII escaped: for the few places where the exact width of a line decides its layout."""
    return _quoted(_NOT_ASCII.sub(_escape, _escaped(text)))


def scalar(value: None | bool | int | float | str) -> str:
    """A value that holds no others, on one line. Raises: ValueError, for NaN, which no source can hold."""
    match value:
        case str():
            return string(value)
        case None | bool():
            return repr(value)
        case int():
            return str(value) if value.bit_length() <= _DECIMAL_BITS else _hexadecimal(value)
        case float():
            return _float(value)


def collection(value: tuple[Value, ...] | Mapping[str, Value], level: int) -> str:
    """A list or dict, one item a line; `level` is the indentation of its first line."""
    if isinstance(value, Mapping):
        return bracketed("{", (f"{string(key)}: {literal(item, level + 1)}" for key, item in value.items()), "}", level)
    return bracketed("[", (literal(item, level + 1) for item in value), "]", level)


def literal(value: Value, level: int) -> str:
    """Any value; lists and dicts go over lines, indented from `level`."""
    if isinstance(value, str):
        return string(value)
    if isinstance(value, tuple | Mapping):
        return collection(value, level)
    return scalar(value)


def bracketed(opening: str, items: Iterable[str], closing: str, level: int) -> str:
    """Items between brackets, one a line with a trailing comma (which makes Black keep it so); nothing between them where there are none."""
    inner = INDENT * (level + 1)
    lines = "".join(f"{inner}{item},\n" for item in items)
    return f"{opening}\n{lines}{INDENT * level}{closing}" if lines else f"{opening}{closing}"


def docstring(title: str, body: str = "", note: str = "", level: int = 0) -> str:
    """A docstring: `title` on its first line, then `body`, which may have several, and `note`, a paragraph of one line.

    Evaluated, with the indentation of `level` taken off its later lines, it is the parts that are not blank with an empty line between them, and
    a line end where there is more than the title. Every character that Black would change (outer spaces, tabs, quotes at an end) is an escape.
    A lone surrogate, which no class can have in its docstring, is the text of its escape.
    """
    paragraphs = [*([_lines(body.strip("\n"))] if body.strip() else []), *([[_line(note)]] if note else [])]
    first = _line(title or " ", first=True, last=not paragraphs)
    if not paragraphs:
        return f'"""{first}"""'
    indent = INDENT * level
    below = _unlike([line for paragraph in paragraphs for line in ("", *paragraph)])
    text = "\n".join(f"{indent}{line}" if line else "" for line in below)
    return f'"""{first}\n{text}\n{indent}"""'


def _lines(body: str) -> list[str]:
    return [_line(line) for line in body.split("\n")]


def _unlike(lines: list[str]) -> list[str]:
    """The lines, not all of them indented: Black would take off what they share."""
    if any(line and not line.startswith(" ") for line in lines):
        return lines
    at = next(i for i, line in enumerate(lines) if line)
    return [*lines[:at], "\\x20" + lines[at][1:], *lines[at + 1 :]]


def _line(line: str, *, first: bool = False, last: bool = False) -> str:
    text = re.sub('"(?=")', '\\\\"', _escaped(_SURROGATES.sub(_escape, line)))
    if text.endswith(" "):
        text = text[:-1] + "\\x20"
    if first and text.startswith(" "):
        text = "\\x20" + text[1:]
    if first and text.startswith('"'):
        text = "\\" + text
    if text.endswith('"'):
        body = text[:-2] if text.endswith('\\"') and _odd_backslashes(text[:-1]) else text[:-1]
        text = body + "\\x22" if last else text
    return text


def _odd_backslashes(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _quoted(escaped: str) -> str:
    double, single = escaped.count('"'), escaped.count("'")
    if double > single:
        return "'" + escaped.replace("'", "\\'") + "'"
    return '"' + escaped.replace('"', '\\"') + '"'


def _escaped(text: str) -> str:
    for char, written in _SHORT_ESCAPES:
        text = text.replace(char, written)
    return _HIDDEN.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _float(value: float) -> str:
    if value != value:
        raise ValueError("NaN has no literal")
    if value in (float("inf"), float("-inf")):
        return "1e999" if value > 0 else "-1e999"
    return repr(value).replace("e+", "e")


def _hexadecimal(value: int) -> str:
    return f"{'-' if value < 0 else ''}0x{abs(value):X}"

"""Values to YAML text that people like to read, for a configuration of Otter.

In: maps, lists and scalars. Out: text in block style, from which a YAML loader gets exactly these values. What is absent: what they mean, files.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, Union

import yaml

Plain: TypeAlias = Union[None, bool, int, float, str, Sequence["Plain"], Mapping[str, "Plain"]]

_STRING: Final = "tag:yaml.org,2002:str"
_KEY_MOST: Final = 1_000  # so long may a key be that stands on a line with its value; the loader looks no further
_DECIMAL_MOST: Final = 10**4_000  # Python reads and writes no longer ones unasked
# What stands as it is within double quotes. A byte-order mark and line ends of other scripts would be read as such.
_AS_IT_IS: Final = re.compile("[ !#-\\[\\]-~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_BLOCK: Final = re.compile(r"[^\n ](?:[^\0]*[^\n])?\n?")


def document(heading: str, settings: Mapping[str, Plain], sections: Mapping[str, Mapping[str, Plain]]) -> str:
    """A configuration: a comment, settings, then sections. The lists that a section called `steps` holds stand an item a paragraph."""
    blocks = [f"# {heading}"] if heading else []
    if settings:
        blocks.append("\n".join(entries(settings)))
    for name, section in sections.items():
        if not section:
            blocks.append(f"{name}: {{}}")
        elif name == "steps":
            blocks.append(f"{name}:\n" + "\n\n".join("\n".join(_step(*entry)) for entry in section.items()))
        else:
            blocks.append(f"{name}:\n" + "\n".join(_indented(entries(section))))
    # A comment that belongs to the file as a whole stands right above what follows, as people write it.
    return "\n\n".join(blocks).replace("\n\n", "\n", 1 if heading else 0) + "\n"


def _step(name: str, tasks: Plain) -> Iterator[str]:
    if not isinstance(tasks, Sequence) or isinstance(tasks, str) or not tasks:
        yield from _indented(_entry(name, tasks))
        return
    yield from _indented(_key(name, ""))
    for index, task in enumerate(tasks):
        if index:
            yield ""
        yield from _indented(_item(task), 4)


def entries(values: Mapping[str, Plain]) -> Iterator[str]:
    """The lines of a map."""
    for key, value in values.items():
        yield from _entry(key, value)


def _entry(key: str, value: Plain) -> Iterator[str]:
    match value:
        case Mapping() if value:
            yield from _key(key, "")
            yield from _indented(entries(value))
        case Sequence() if value and not isinstance(value, str):
            yield from _key(key, "")
            yield from _indented(_items(value))
        case _:
            first, *rest = _scalar(value)
            yield from _key(key, f" {first}")
            yield from _indented(rest)


def _key(key: str, behind: str) -> Iterator[str]:
    """A key and what stands behind it on the line."""
    text = _quoted(key)
    if len(text) <= _KEY_MOST:
        yield f"{text}:{behind}"
    else:
        yield f"? {text}"
        yield f":{behind}"


def _items(values: Sequence[Plain]) -> Iterator[str]:
    for value in values:
        yield from _item(value)


def _item(value: Plain) -> Iterator[str]:
    """An item of a list: a dash, and what it holds from the same line on."""
    match value:
        case Mapping() if value:
            lines = entries(value)
        case Sequence() if value and not isinstance(value, str):
            lines = _items(value)
        case _:
            lines = iter(_scalar(value))
    yield f"- {next(lines)}"
    yield from _indented(lines)


def _indented(lines: Iterable[str], width: int = 2) -> Iterator[str]:
    """The lines further in."""
    blanks = " " * width
    for line in lines:
        yield blanks + line if line else line


# ---------------------------------------------------------------- scalars


def _scalar(value: Plain) -> Sequence[str]:
    """A scalar, or an empty map or list. Of more than one line, the first says that text follows, and the others want to stand further in."""
    match value:
        case None:
            return ("null",)
        case bool():
            return ("true" if value else "false",)
        case int():
            return (str(value) if abs(value) < _DECIMAL_MOST else hex(value),)
        case float():
            return (_float(value),)
        case str():
            return _block(value) or (_quoted(value),)
        case Mapping():
            return ("{}",)
        case _:
            return ("[]",)


def _float(value: float) -> str:
    if value != value:
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    text = repr(value)
    # Without a dot YAML reads it as text.
    return text if "." in text else text.replace("e", ".0e", 1)


def _block(text: str) -> Sequence[str]:
    """The lines of a text of several lines as `|` has it; none where that would not be exact."""
    found = _BLOCK.fullmatch(text) if "\n" in text else None
    if found is None:
        return ()
    lines = text.removesuffix("\n").split("\n")
    if any(line != line.rstrip() or not all(map(_shown, line)) for line in lines):
        return ()
    return ("|" if text.endswith("\n") else "|-", *lines)


def _quoted(text: str) -> str:
    """A text on one line: as it is where it is read as that, else in the quotes that suit it."""
    analysis = _WRITER.analyze_scalar(text)
    if text and not analysis.multiline and all(map(_shown, text)):
        if analysis.allow_block_plain and _WRITER.resolve(yaml.ScalarNode, text, (True, False)) == _STRING:
            return text
        if "'" not in text or ('"' in text or "\\" in text):
            return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"' if text else "''"


def _shown(char: str) -> bool:
    return char in '"\\' or _AS_IT_IS.match(char) is not None


def _escaped(char: str) -> str:
    if _AS_IT_IS.match(char):
        return char
    code = ord(char)
    return _SHORT.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def _writer() -> Any:
    return yaml.SafeDumper(io.StringIO(), allow_unicode=True)


# Asked what a text could be taken for; it writes nothing, and keeps nothing of what it was asked.
_WRITER: Final = _writer()

"""Placeholders in text and in what holds text: `${name}` stands for a value, `$${` for a literal `${`, any other `$` for itself.

Two moves. `fill` makes plain text of a template: each placeholder gets its value, escapes are undone. `fold` fills what it can and the
result is a template still: escapes stay, and text that is put in is escaped. Both work on strings, paths, lists, tuples and maps (keys too); what
else a spec may hold is the caller's to handle.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

PLACEHOLDER: Final = re.compile(r"\$\$\{|\$\{([^{}\n]+)\}")

Lookup = Callable[[str], Any]


class Missing:
    """What a lookup gives for a name that it has no value for."""

    __slots__ = ()


MISSING: Final = Missing()


def has_placeholder(value: Any) -> bool:
    """Whether a placeholder or an escape is anywhere in a value."""
    if isinstance(value, str):
        return "${" in value
    if isinstance(value, (list, tuple)):
        return any(has_placeholder(item) for item in value)
    if isinstance(value, dict):
        return any("${" in str(key) or has_placeholder(item) for key, item in value.items())
    return isinstance(value, Path) and "${" in str(value)


def names_in(value: Any) -> Iterator[str]:
    """The names of the placeholders anywhere in a value, in the order of the text, repeats kept."""
    if isinstance(value, (str, Path)):
        for found in PLACEHOLDER.finditer(str(value)):
            if found.group(1) is not None:
                yield found.group(1)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from names_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from names_in(key)
            yield from names_in(item)


def may_become(template: str, text: str) -> bool:
    """Whether a text is what a template can become, any text in the place of its placeholders."""
    texts = PLACEHOLDER.split(template)[::2]  # without the names between them
    return len(texts) > 1 and re.fullmatch(".*".join(map(re.escape, texts)), text, re.DOTALL) is not None


def escape(value: Any) -> Any:
    """A plain value as a template: each literal `${` in its text becomes `$${`."""
    return _map(value, lambda text: text.replace("${", "$${"))


def fill(value: Any, lookup: Lookup) -> Any:
    """The plain value of a template. A name that `lookup` gives MISSING for stays as it is."""
    return _map(value, lambda text: _text(text, lookup, keep_escapes=False))


def fold(value: Any, lookup: Lookup) -> Any:
    """The template with what `lookup` knows filled in, a template still. `lookup` gives templates too: see `escape`."""
    return _map(value, lambda text: _text(text, lookup, keep_escapes=True))


def to_text(value: Any) -> str:
    """How a value reads within a string: text as it is, numbers as Python writes them, JSON for the rest."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (bool, list, tuple, Mapping)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _text(text: str, lookup: Lookup, *, keep_escapes: bool) -> Any:
    if "${" not in text:
        return text
    whole = PLACEHOLDER.fullmatch(text)
    if whole is not None and whole.group(1) is not None:
        value = lookup(whole.group(1))
        return text if value is MISSING else value

    def put(found: re.Match[str]) -> str:
        name = found.group(1)
        if name is None:
            return "$${" if keep_escapes else "${"
        value = lookup(name)
        return found.group(0) if value is MISSING else to_text(value)

    return PLACEHOLDER.sub(put, text)


def _map(value: Any, change: Callable[[str], Any]) -> Any:
    """The value with each text in it changed. A key that would no longer be text is written as text."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map(item, change) for item in value]
    if isinstance(value, dict):
        return {_key(key, change): _map(item, change) for key, item in value.items()}
    if type(value) is tuple:
        return tuple(_map(item, change) for item in value)
    if isinstance(value, Path):
        text = str(value)
        return Path(to_text(change(text))) if "${" in text else value
    return value


def _key(key: Any, change: Callable[[str], Any]) -> Any:
    return to_text(change(key)) if isinstance(key, str) else key

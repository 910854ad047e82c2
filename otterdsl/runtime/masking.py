"""Keep the values of secrets out of what is written and shown: each becomes `***`, as it is and in the forms that it is usually sent in.

In: the values, once they are known, and any text. Out: the text without them. Known are all secrets that this process has looked up. What is absent:
where secrets come from (see `secrets`), and what a task prints by itself or does to a secret before it writes it down.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final

MASK: Final = "***"
_SHORT: Final = 4  # of fewer characters a secret is masked only where it stands alone: its letters are everywhere
_LEAST: Final = 6  # the characters that a line or a part of a secret must have to be masked by itself

_lock = threading.Lock()
_values: set[str] = set()
_pattern: list[re.Pattern[str]] = []  # one, as soon as a secret is known


def keep_secret(value: str) -> None:
    """Mask a value from now on. Mutates."""
    if not value or value in _values:
        return
    with _lock:
        _values.add(value)
        long = sorted({form for each in _values if len(each) >= _SHORT for form in _forms(each)}, key=lambda form: (-len(form), form))
        short = sorted((each for each in _values if len(each) < _SHORT), reverse=True)
        parts = [*map(re.escape, long), *(rf"(?<!\w){re.escape(each)}(?!\w)" for each in short)]
        _pattern[:] = [re.compile("|".join(parts))]


def mask(text: str) -> str:
    """The text without the secrets that are known."""
    return _pattern[0].sub(MASK, text) if _pattern else text


def masked(value: Any) -> Any:
    """A value as JSON has it, with each text in it masked, keys too."""
    if not _pattern:
        return value
    match value:
        case str():
            return mask(value)
        case list():
            return [masked(each) for each in value]
        case tuple():
            return tuple(masked(each) for each in value)
        case Mapping():
            return {masked(key): masked(each) for key, each in value.items()}
        case _:
            return value


def _forms(value: str) -> Iterator[str]:
    """A secret as it may come to stand in a text: itself, its lines, escaped, in a URL, in base64 (within longer text too), in hexadecimal."""
    import json
    import shlex
    from urllib.parse import quote, quote_plus

    yield value
    lines = [line.strip() for line in value.splitlines()]
    for part in {value, *(line for line in lines if len(line) >= _LEAST)}:
        data = part.encode("utf-8", "surrogateescape")
        yield part
        yield repr(part)[1:-1]
        yield json.dumps(part)[1:-1]
        yield json.dumps(part, ensure_ascii=False)[1:-1]
        yield shlex.quote(part).removeprefix("'").removesuffix("'")
        for quoted in (quote(data, safe=""), quote(data), quote_plus(data)):
            yield quoted
            yield re.sub("%[0-9A-F]{2}", lambda found: found.group().lower(), quoted)
        yield data.hex()
        yield data.hex().upper()
        yield from _in_base64(data)


def _in_base64(data: bytes) -> Iterator[str]:
    """Data in base64, whole and as it comes out in the middle of more: of that only what depends on the data alone."""
    from base64 import standard_b64encode, urlsafe_b64encode

    for encode in (standard_b64encode, urlsafe_b64encode):
        whole = encode(data).decode()
        yield whole
        yield whole.rstrip("=")
        for before in range(3):
            encoded = encode(b"\0" * before + data).decode()
            core = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
            if len(core) >= _LEAST:
                yield core

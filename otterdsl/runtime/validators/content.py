"""Checks of what a file holds: that it is not empty, its text, its digest, how many lines, that it is JSON. Each also for an event loop.

A location is resolved as `StorageHandle` does it. What a name like `x.json.gz` says is compressed is read decompressed, but by `checksum`. What is
absent: rows and columns (`table`).
"""

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.util.errors import TaskValidationError
from otterdsl.runtime.validators.reading import Location, Source, twin

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config

MOST_TEXT: Final = 64 * 1024 * 1024
"""How many bytes `matches` reads: a pattern may match anywhere, so that it needs the text as a whole."""

MOST_JSON: Final = 512 * 1024 * 1024
"""How many bytes of JSON that is not by lines `json_valid` reads."""

LINES_OF_JSON: Final = frozenset({".jsonl", ".ndjson"})
"""How the name of a file ends that holds JSON on each line."""

_DIGITS: Final = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}


def not_empty(location: Location, config: "Config | None" = None, force_local: bool = False) -> None:
    """Check that a file holds at least one byte; where it is compressed, that its content does. Raises: TaskValidationError."""
    source = Source(location, config, force_local)
    with source.opened() as file:
        if not file.read(1):
            raise source.wrong("it is empty")


def matches(location: Location, pattern: str, config: "Config | None" = None, force_local: bool = False) -> None:
    """Check that a regular expression is found in the text. Raises: TaskValidationError, also for a text of more than 64 MiB."""
    source = Source(location, config, force_local)
    try:
        wanted = re.compile(pattern)
    except (re.error, TypeError, OverflowError, RecursionError) as error:
        raise TaskValidationError(f"`{shown(str(pattern))}` is no regular expression: {error}") from error
    if wanted.search(source.text(MOST_TEXT, "matches")) is None:
        raise source.wrong(f"nothing in it matches `{shown(pattern)}`")


def checksum(location: Location, expected: str, config: "Config | None" = None, force_local: bool = False) -> None:
    """Check the digest of a file's bytes, as they are stored: `sha256:…`, `sha512:…`, `sha1:…` or `md5:…`. Raises: TaskValidationError."""
    algorithm, colon, digest = str(expected).strip().partition(":")
    algorithm, digest = algorithm.strip().lower(), digest.strip().lower()
    if not colon:
        raise TaskValidationError(f"`{shown(str(expected))}` is no checksum: it reads like `sha256:2c26b4…`")
    if algorithm not in _DIGITS:
        raise TaskValidationError(f"`{shown(algorithm)}` is no known kind of checksum: there are {', '.join(_DIGITS)}")
    if not re.fullmatch(rf"[0-9a-f]{{{_DIGITS[algorithm]}}}", digest):
        raise TaskValidationError(f"`{shown(digest)}` is no {algorithm} checksum, which has {_DIGITS[algorithm]} hexadecimal digits")
    source = Source(location, config, force_local)
    found = hashlib.new(algorithm, usedforsecurity=False)
    for part in source.chunks(raw=True):
        found.update(part)
    if found.hexdigest() != digest:
        raise source.wrong(f"its {algorithm} is `{found.hexdigest()}`, where `{digest}` was expected")


def line_count(
    location: Location,
    exactly: int | None = None,
    at_least: int | None = None,
    at_most: int | None = None,
    config: "Config | None" = None,
    force_local: bool = False,
) -> None:
    """Check how many lines a text has; a last one that no newline ends is one too. Raises: TaskValidationError."""
    bounds = {"exactly": exactly, "at_least": at_least, "at_most": at_most}
    for name, bound in bounds.items():
        if bound is not None and (not isinstance(bound, int) or isinstance(bound, bool)):
            raise TaskValidationError(f"`line_count`: `{name}` is {shown(repr(bound))}, where a whole number was expected")
    if all(bound is None for bound in bounds.values()):
        raise TaskValidationError("`line_count` checks nothing: say `exactly`, `at_least` or `at_most`")
    source = Source(location, config, force_local)
    count, last = 0, b"\n"
    for part in source.chunks():
        count += part.count(b"\n")
        last = part[-1:]
    count += last != b"\n"
    lines = f"it has {count} {'line' if count == 1 else 'lines'}"
    if exactly is not None and count != exactly:
        raise source.wrong(f"{lines}, where exactly {exactly} were expected")
    if at_least is not None and count < at_least:
        raise source.wrong(f"{lines}, where at least {at_least} were expected")
    if at_most is not None and count > at_most:
        raise source.wrong(f"{lines}, where at most {at_most} were expected")


def json_valid(location: Location, config: "Config | None" = None, force_local: bool = False) -> None:
    """Check that a file is JSON; of `.jsonl` and `.ndjson`, that each line is that is not blank. Raises: TaskValidationError, with the place."""
    source = Source(location, config, force_local)
    if source.kind not in LINES_OF_JSON:
        see_json(source, source.text(MOST_JSON, "json_valid"))
        return
    for number, line in enumerate(source.lines(), start=1):
        if line.strip():
            see_json(source, line, number)


def see_json(source: Source, text: str, line: int | None = None) -> None:
    """Check that a text is JSON, or one line of it. Nothing of it is kept, so that it takes no memory beyond its own. Raises: TaskValidationError."""
    parsed(source, text, line, _FORGETFUL)


def parsed(source: Source, text: str, line: int | None, decoder: json.JSONDecoder) -> Any:
    """What a JSON text, or one line of it, holds. Raises: TaskValidationError, with the line and the column."""
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        at = error.lineno if line is None else line
        what = "it is empty" if not text.strip() else f"column {error.colno}: {error.msg[:1].lower()}{error.msg[1:]}"
        raise source.wrong(f"it is no JSON: {what}", None if line is None and not text.strip() else at) from error
    except RecursionError as error:
        raise source.wrong("its JSON is nested too deeply to be read", line) from error
    except _NoJsonError as error:
        raise source.wrong(f"it is no JSON: `{error}` is none", line) from error


class _NoJsonError(Exception):
    pass


def refuse_constant(name: str) -> NoReturn:
    """What Python writes and JSON does not know: NaN and the infinities."""
    raise _NoJsonError(name)


def _forget(_: object) -> None:
    return None


_FORGETFUL: Final = json.JSONDecoder(object_pairs_hook=_forget, parse_float=_forget, parse_int=_forget, parse_constant=refuse_constant)

async_not_empty = twin(not_empty)
async_matches = twin(matches)
async_checksum = twin(checksum)
async_line_count = twin(line_count)
async_json_valid = twin(json_valid)

"""Ask for the items that a loop runs over: files that a glob matches, lines of a text, a part of a JSON file.

In: a source whose texts are filled in, the settings. Out: plain values, in a list. Each failure is an OtterError that names the file. It waits for
disks and servers: it is called in a thread. Only reading, so that one who no longer wants the answer may go away. What is absent: what tasks store,
which needs no asking.
"""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.storage import StorageHandle
from otterdsl.runtime.storage.globbed import globbed
from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.task.conditions import shown_value
from otterdsl.runtime.task.sources import Glob, Json, Lines
from otterdsl.runtime.task.turns import MOST_TASKS
from otterdsl.runtime.util.errors import NotFoundError, StepInvalidError


def ask(source: Glob | Lines | Json, config: Config) -> list[Any]:
    """The items. Raises: OtterError."""
    match source:
        case Glob(pattern, allow_empty):
            items: list[Any] = list(islice(globbed(pattern, config), MOST_TASKS + 1))
            if not items and not allow_empty:
                raise NotFoundError(f"no file matches `{shown(StorageHandle(pattern, config).absolute)}` (`allow_empty = true` would let it be)")
        case Lines(path):
            items = list(islice(_lines(path, config), MOST_TASKS + 1))
        case Json(path, query):
            items = _found(path, query, config)
    if len(items) > MOST_TASKS:
        raise StepInvalidError(f"there are more than {MOST_TASKS:,} items")
    return items


def _lines(path: str, config: Config) -> Iterator[str]:
    """The lines of a text that are not empty, without what ends them: no other character ends one."""
    text, _ = StorageHandle(path, config).read_text("utf-8-sig")
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        if line := text[start:end].removesuffix("\r"):
            yield line
        start = end + 1


def _found(path: str, query: str, config: Config) -> list[Any]:
    """What a JMESPath query finds in a JSON file."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    place = StorageHandle(path, config)
    data, _ = place.read()
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise StepInvalidError(f"`{shown(place.absolute)}` is no JSON: {shown(str(error))}") from error
    try:
        found = jmespath.search(query, content)
    except (JMESPathError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise StepInvalidError(f"`{shown(query)}` cannot be asked of `{shown(place.absolute)}`: {_first_line(error)}") from error
    if not isinstance(found, list):
        what = "nothing" if found is None else shown_value(found)
        raise StepInvalidError(f"`{shown(query)}` finds {what} in `{shown(place.absolute)}`, and no list")
    return found


def _first_line(error: BaseException) -> str:
    """What an error says, without the drawing below it."""
    lines = str(error).splitlines()
    return shown(lines[0].rstrip(": ")) if lines else type(error).__name__

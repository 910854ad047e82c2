"""Read an Otter configuration file: YAML in, a map out, and the lines of its tasks.

A file that cannot be read ends the program with EINVAL and says why.
"""

import errno
import logging
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from yaml import Node

logger = logging.getLogger(__name__)


def parse_yaml(path: Path) -> dict[str, Any]:
    """The map that a YAML file holds; each file is read once.

    Raises: SystemExit(EINVAL), for what is not there, is not YAML, or is not a map.
    """
    return _read(path)[0]


def task_lines(path: Path) -> Mapping[str, Mapping[str, int]]:
    """For each step the line of each of its tasks and of those within, by the name that is written. Raises: SystemExit(EINVAL), as `parse_yaml`."""
    return _read(path)[1]


@cache
def _read(path: Path) -> tuple[dict[str, Any], Mapping[str, Mapping[str, int]]]:
    import yaml

    try:
        # The parser in C, where it is there, is ten times faster, and what it makes is the same.
        loader: yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(Path(path).read_text(encoding="utf-8"))
        try:
            node = loader.get_single_node()
            data = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except OSError as error:
        _refuse(f"cannot read `{path}`: {error.strerror or error}")
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError) as error:  # what a value's own constructor raises, such as a date's
        _refuse(f"`{path}` is not YAML: {' '.join(str(error).split())}")
    if node is None or not isinstance(data, dict) or not data:
        _refuse(f"`{path}` holds no configuration")
    steps = data.get("steps")
    if not isinstance(steps, dict):
        return data, {}
    nodes = dict(_pairs(_value(node, "steps")))
    if len(nodes) == len(steps):
        # A step is called as it is written: `2024`, or `true`, which YAML takes for something else than a name.
        data["steps"] = steps = dict(zip(nodes, steps.values(), strict=True))
    return data, {name: dict(_lines(nodes[name], tasks, set())) for name, tasks in steps.items() if name in nodes}


def _lines(node: "Node | None", tasks: Any, seen: set[int]) -> Iterator[tuple[str, int]]:
    """Names and lines, those of tasks within tasks first, so that the outer ones count where both have one name.

    Mutates: `seen`, the lists that have been looked at: aliases may name one again, and even within itself.
    """
    if node is None or id(node) in seen or not isinstance(tasks, list) or not isinstance(node.value, list) or len(tasks) != len(node.value):
        return
    seen.add(id(node))
    entries = [(each, task) for each, task in zip(node.value, tasks, strict=True) if isinstance(task, dict) and isinstance(task.get("name"), str)]
    for each, task in entries:
        for field, within in task.items():
            if isinstance(within, list) and isinstance(field, str):
                yield from _lines(_value(each, field), within, seen)
    for each, task in entries:
        yield task["name"], each.start_mark.line + 1


def _value(node: "Node", name: str) -> "Node | None":
    """The value of a key: the last of that name, which is the one that counts."""
    found = None
    for key, value in _pairs(node):
        found = value if key == name else found
    return found


def _pairs(node: "Node | None") -> Iterator[tuple[str, "Node"]]:
    """The pairs of a map whose keys are texts."""
    pairs = node.value if node is not None and str(node.tag).endswith(":map") else ()
    for key, value in pairs:
        if isinstance(key.value, str):
            yield key.value, value


def _refuse(message: str) -> NoReturn:
    logger.critical(message)
    raise SystemExit(errno.EINVAL)

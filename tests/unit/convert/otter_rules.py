"""How Otter reads a configuration and makes its tasks, written down from what it does: the measure of what `export` writes.

In: YAML text, a step, what tasks store. Out: the tasks of the step, all placeholders filled in, and which come after which. Raises OtterError where
Otter would stop or wait without end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Any

import yaml


class OtterError(Exception):
    """Otter would not do this."""


class Placeholders(Template):
    """Otter's placeholders: names of two letters and more, with dots and blanks in them."""

    idpattern = r"(?a:[_a-z][._a-z0-9\s]*[_a-z0-9])"


@dataclass
class Made:
    """A task as it would run. `made_by` is the explode that made it."""

    name: str
    fields: Mapping[str, Any]
    requires: tuple[str, ...]
    made_by: str = ""
    made: list[str] = field(default_factory=list)


def tasks_of(text: str, step: str, stored: Mapping[str, str]) -> dict[str, Made]:
    """The tasks of a step by name. `stored` are the values of what tasks store."""
    config = yaml.safe_load(text)
    pad = {**config.get("scratchpad", {}), **stored}
    entries = config["steps"][step]
    names = [entry["name"] for entry in entries]
    if len(set(names)) < len(names):
        raise OtterError("two tasks of one name")
    for entry in entries:
        for required in entry.get("requires", []):
            if required not in names:
                raise OtterError(f"{required} is no task")
    made: dict[str, Made] = {}
    left = [(entry, "") for entry in entries]
    while left:
        entry, maker = left.pop(0)
        if len(entry["name"].split(" ", 1)) < 2 or not entry["name"].split(" ", 1)[1]:
            raise OtterError(f"{entry['name']} has no label")
        safe = entry["name"].split(" ")[0].startswith("explode") or entry.get("scratchpad_ignore_missing", False)
        filled = {key: _filled(value, pad, safe=safe) for key, value in entry.items()}
        if filled["name"] != entry["name"] or filled["name"] in made:
            raise OtterError(f"{entry['name']} becomes {filled['name']}")
        fields = {key: value for key, value in filled.items() if key not in ("name", "requires", "do")}
        task = made[filled["name"]] = Made(filled["name"], fields, tuple(filled.get("requires", [])), maker)
        if maker:
            made[maker].made.append(task.name)
        if filled["name"].startswith("explode "):
            for item in filled["foreach"]:
                if not isinstance(item, str):
                    raise OtterError("an item that is no text")
                each = {filled.get("each_placeholder", "each"): item}
                left += [({key: _filled(value, each) for key, value in inner.items()}, task.name) for inner in filled["do"]]
    for task in made.values():
        for required in task.requires:
            if required not in made:
                raise OtterError(f"{required} never runs")
    return made


def _filled(value: Any, pad: Mapping[str, Any], *, safe: bool = False) -> Any:
    match value:
        case str():
            try:
                return Placeholders(value).safe_substitute(pad) if safe else Placeholders(value).substitute(pad)
            except (KeyError, ValueError) as error:
                raise OtterError(f"{value}: {error}") from error
        case list():
            return [_filled(item, pad, safe=safe) for item in value]
        case dict():
            return {key: _filled(item, pad, safe=safe) for key, item in value.items()}
        case _:
            return value


def order_of(tasks: Mapping[str, Made]) -> set[tuple[str, str]]:
    """The pairs of tasks of which the first has come to its end before the second begins."""
    ends: dict[str, set[str]] = {}

    def whole(name: str) -> set[str]:
        """All that has ended once a task has: itself, what it made, and what these waited for."""
        if name not in ends:
            ends[name] = set()
            found = {name} | before(name)
            for inner in tasks[name].made:
                found |= whole(inner)
            ends[name] = found
        return ends[name]

    def before(name: str) -> set[str]:
        task = tasks[name]
        found = set[str]()
        for required in task.requires:
            found |= whole(required)
        if task.made_by:
            found |= {task.made_by} | before(task.made_by)
        return found

    return {(first, name) for name in tasks for first in before(name)}


def keyed(pairs: Iterable[tuple[str, str]], key: Mapping[str, Any]) -> set[tuple[Any, Any]]:
    """The pairs by what tasks are known by, those left out that have no such thing."""
    return {(key[first], key[second]) for first, second in pairs if first in key and second in key}

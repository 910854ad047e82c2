"""Spread the statements of a step into the tasks of a run: loops turn by turn, conditions decided.

In: classes that hold a `spec` and, as data, `for_each`, `when` and `group`; the params' values. Out: an `Entry` for each task, in the order of
the source, and what was left out. One class serves all turns of its loop: a turn is a Spec, copied where the loop's variables stand in it.
Specs stay in placeholder form, for `build` to fill; names and `requires` are filled here, since the order of tasks hangs on them. What only a run
can spread is an entry too, with an `OpenLoop`: `task.open_loops` goes on from there, once somebody has asked for the items.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from otterdsl.runtime.scratchpad.placeholder import MISSING, fill, has_placeholder, to_text
from otterdsl.runtime.task.bind import Spread, bind_fields, bind_spec, templates, with_values
from otterdsl.runtime.task.conditions import Param, Scope
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.open_loops import Entry, Found, begin
from otterdsl.runtime.task.turns import MOST_TASKS, is_source, turns
from otterdsl.runtime.util.errors import StepInvalidError


@dataclass(frozen=True, slots=True)
class SpreadStep:
    """The tasks of a step; the names of those that a condition left out; the labels of all its loops, even of those without a turn."""

    entries: tuple[Entry, ...]
    absent: frozenset[str]
    groups: frozenset[str]


def spread(classes: Iterable[type[Task]], params: Mapping[str, Any]) -> SpreadStep:
    """The tasks that a step's classes stand for. Raises: StepInvalidError, for a loop or condition that cannot be decided."""
    entries: list[Entry] = []
    absent: set[str] = set()
    labels: set[str] = set()
    for number, task_class in enumerate(classes):
        groups = _labels(getattr(task_class, "group", ()))
        labels.update(groups)
        found = _statement(task_class, groups, params, str(number), labels)
        for each in found:
            if isinstance(each, Entry):
                entries.append(each)
                if len(entries) > MOST_TASKS:
                    raise StepInvalidError(f"the step has more than {MOST_TASKS:,} tasks")
            else:
                absent.add(each)
    return SpreadStep(tuple(entries), frozenset(absent), frozenset(labels))


def expand(specs: Sequence[Any], params: Mapping[str, Any]) -> list[Any]:
    """The items of a `list[Spec]` field with each `Spread` among them spread; the rest as it is."""
    if not any(isinstance(each, Spread) for each in specs):
        return list(specs)
    expanded: list[Any] = []
    absent: set[str] = set()
    members: dict[str, list[str]] = {}
    for each in specs:
        if not isinstance(each, Spread):
            expanded.append(each)
            continue
        labels = _labels(each.group)
        for label in labels:
            members.setdefault(label, [])
        for turn, kept in turns(each.for_each, each.when, params):
            inner = bind_spec(each.spec, Scope(params, turn))
            if not kept:
                absent.add(inner.name)
                continue
            expanded.append(inner)
            for label in labels:
                members[label].append(inner.name)
    return [_without(each, absent, members) if isinstance(each, Spec) else each for each in expanded]


def _statement(task_class: type[Task], groups: tuple[str, ...], params: Mapping[str, Any], key: str, labels: set[str]) -> Iterator[Found]:
    """What a statement stands for: an entry for each turn, or the name of one that was left out. Adds to the labels what else it is called."""
    spec: Spec = task_class.__dict__["spec"]
    for_each: Mapping[str, Any] = getattr(task_class, "for_each", {})
    when = getattr(task_class, "when", True)
    if any(is_source(items) or isinstance(items, Param) for items in for_each.values()):
        literal, found = begin(spec, task_class, for_each, when, groups, params, key)
        labels.add(literal)
        yield from found
        return
    for name, requires, turn in _turns_of(spec, for_each, when, params):
        yield name if turn is None else Entry(name, requires, groups, turn, task_class)


def _turns_of(spec: Spec, for_each: Mapping[str, Any], when: Any, params: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...], Spec | None]]:
    """For each turn of a statement the task's name, what it requires, and its Spec (None: left out)."""
    fields = templates(spec) if for_each else {}

    def lookup(name: str) -> Any:
        return params.get(name, MISSING)

    plain = not has_placeholder(spec.name) and not has_placeholder(spec.requires)
    for variables, kept in turns(for_each, when, params):
        turn = bind_fields(spec, fields, Scope(params, variables)) if fields else spec
        if plain:
            name, requires = turn.name, tuple(turn.requires)
        else:
            name, requires = to_text(fill(turn.name, lookup)), tuple(to_text(fill(each, lookup)) for each in turn.requires)
        yield name, requires, turn if kept else None


def _labels(group: Any) -> tuple[str, ...]:
    return (group,) if isinstance(group, str) else tuple(group)


def _without(spec: Spec, absent: set[str], members: Mapping[str, list[str]]) -> Spec:
    """The Spec requiring the members of a group in its place, and nothing that was left out."""
    requires: list[str] = []
    for each in spec.requires:
        requires.extend(members.get(each, () if each in absent else (each,)))
    return spec if requires == spec.requires else with_values(spec, {"requires": requires})

"""What a run would do, without doing it: the tasks of each step in an order in which they could run.

In: a loaded pipeline and the params' values. Out: plain values that JSON can hold. Specs are as they were written but for the loops, which are
spread. What is absent: what only a run can know.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from otterdsl.runtime.loader import LoadedPipeline, LoadedStep, select_steps
from otterdsl.runtime.step.model import node_of
from otterdsl.runtime.step.node import Node
from otterdsl.runtime.step.schedule import Schedule
from otterdsl.runtime.task.bind import written
from otterdsl.runtime.task.model import Spec
from otterdsl.runtime.task.open_loops import Entry
from otterdsl.runtime.task.spread import SpreadStep, expand, spread
from otterdsl.runtime.util.errors import OtterError, StepInvalidError


@dataclass(frozen=True, slots=True)
class TaskPreview:
    """A task: its full name, its type, the tasks and groups that it waits for, the fields of its spec, the place of its statement.

    `reasons` says of each of `after` why it is there: `requires`, `reference` or `data`; None where nobody knows. With a `fan_out` it stands for the
    tasks of a loop that only a run can spread: that is what the loop runs over, as the language has it.
    """

    name: str
    type: str
    after: tuple[str, ...]
    fan_out: str | None
    spec: Mapping[str, Any]
    file: str | None
    line: int | None
    reasons: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class StepPreview:
    """A step, the steps that it comes after, its tasks."""

    name: str
    requires: tuple[str, ...]
    tasks: tuple[TaskPreview, ...]


def plan_pipeline(
    loaded: LoadedPipeline, params: Mapping[str, Any], steps: Sequence[str] | None = None, *, with_required: bool = False
) -> tuple[StepPreview, ...]:
    """What a run of these steps (all, if none is named) would do. Raises: OtterError, for what could not be run."""
    chosen = {step.name: step for step in select_steps(loaded, steps, with_required=with_required)}
    schedule = Schedule()
    schedule.add(Node(step.name, [name for name in step.requires if name in chosen]) for step in chosen.values())
    return tuple(_step(chosen[name], params) for name in _order(schedule))


def _step(step: LoadedStep, params: Mapping[str, Any]) -> StepPreview:
    try:
        found = spread(step.classes, params)
        schedule = Schedule(absent=found.absent, groups=found.groups)
        titles = {entry.name if entry.loop is None else entry.loop.title for entry in found.entries}.union(found.groups)
        schedule.add(
            node_of(entry)._replace(requires=[name for name in _after(entry, found) if _waits(entry, name, titles)]) for entry in found.entries
        )
        entries = {entry.name: entry for entry in found.entries}
        return StepPreview(step.name, step.requires, tuple(_task(entries[name], step, found, params) for name in _order(schedule)))
    except OtterError as error:
        raise StepInvalidError(f"step `{step.name}`: {error}") from error


def _after(entry: Entry, found: SpreadStep) -> tuple[str, ...]:
    """What a task waits for; for the tasks of a loop also those that they require turn by turn."""
    names = [each if isinstance(each, str) else each[-1] for each in entry.requires]
    if entry.loop is not None:
        names += (called[-1] for called in entry.loop.required if called[-1] != entry.loop.title)
    return tuple(name for name in dict.fromkeys(names) if name not in found.absent)


def _waits(entry: Entry, name: str, titles: Collection[str]) -> bool:
    """Whether a name says something of the order: a single turn of an inner loop may be required by one that is not known yet."""
    return entry.loop is None or name in titles


def _order(schedule: Schedule) -> list[str]:
    names: list[str] = []
    while schedule.has_ready:
        names.append(schedule.take())
        schedule.finish(names[-1])
    return names


def _task(entry: Entry, step: LoadedStep, found: SpreadStep, params: Mapping[str, Any]) -> TaskPreview:
    place = step.places.get(entry.task_class.__name__) if entry.task_class is not None else None
    return TaskPreview(
        name=entry.name if entry.loop is None else entry.loop.title,
        type=entry.spec.task_type,
        after=_after(entry, found),
        fan_out=None if entry.loop is None else str(entry.loop),
        spec={name: _plain(value, params) for name, value in written(entry.spec).items() if name not in ("name", "requires")},
        file=place.file if place is not None else None,
        line=place.line if place is not None else None,
        reasons=_reasons(entry, step, _after(entry, found)),
    )


def _reasons(entry: Entry, step: LoadedStep, after: Collection[str]) -> Mapping[str, str] | None:
    if step.reasons is None or entry.task_class is None:
        return None
    known = step.reasons.get(entry.task_class.__name__, {})
    written_as: dict[str, str] = {}
    templates = entry.task_class.__dict__["spec"].requires
    for template, name in zip(templates, entry.requires, strict=False) if entry.loop is None else ():
        written_as.setdefault(name if isinstance(name, str) else name[-1], template)
    return {name: known.get(written_as.get(name, name), known.get(name.replace("${", "$${"), "requires")) for name in after}


def _plain(value: Any, params: Mapping[str, Any]) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, Spec):
        return {name: _plain(each, params) for name, each in written(value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each, params) for each in expand(value, params)]
    if isinstance(value, Mapping):
        return {str(key): _plain(each, params) for key, each in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return value.as_posix() if isinstance(value, PurePath) else str(value)

"""Task statements as the classes of a step's module.

In: planned tasks and the module's `Scope`. Out: for each statement the pieces of its class, as text in Black's form. The template puts them together.
"""

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from otterdsl.compiler.codegen.conditions import condition, condition_names, groups, loop_names, loops
from otterdsl.compiler.codegen.literals import INDENT, bracketed, docstring, literal, string
from otterdsl.compiler.codegen.scope import Scope, class_and_spec
from otterdsl.compiler.plan.model import PlannedClass, PlannedTask
from otterdsl.compiler.values.value import Value

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OWN = frozenset({"name", "requires"})


@dataclass(frozen=True, slots=True)
class ClassText:
    """A class to render: `bases` with their parentheses, `attributes` before the Spec's, then the Spec with a text for each argument."""

    name: str
    bases: str
    docstring: str
    attributes: tuple[str, ...]
    spec: str
    arguments: tuple[str, ...]


def used_classes(tasks: Sequence[PlannedTask], types: Mapping[str, PlannedClass]) -> Iterator[tuple[str, str]]:
    """The classes that the statements of a step need, by module and name; of tasks within tasks only the Spec."""
    for task in tasks:
        yield from class_and_spec(types[task.type])
        for inner in _within(task):
            yield from list(class_and_spec(types[inner.type]))[1:]


def used_names(tasks: Sequence[PlannedTask], types: Mapping[str, PlannedClass]) -> Iterator[str]:
    """The names of the runtime that the statements of a step need."""
    for task in tasks:
        for each in (task, *_within(task)):
            if types[each.type].spec_class is None:
                yield "Spec"
            if each.when is not None:
                yield from condition_names(each.when)
            yield from loop_names(each.loops)
            if each is not task and _spreads(each):
                yield "Spread"


def class_text(task: PlannedTask, name: str, scope: Scope, types: Mapping[str, PlannedClass]) -> ClassText:
    """The class of one statement."""
    return ClassText(
        name=name,
        bases=class_bases(name, scope.task(types[task.type])),
        docstring=docstring(task.name, task.doc, level=1),
        attributes=tuple(f"{key} = {value}" for key, value in _attributes(task, 1, len(INDENT), " = ")),
        spec=scope.spec(types[task.type]),
        arguments=tuple(_arguments(task, 2, scope, types)),
    )


def class_bases(name: str, *bases: str) -> str:
    """What follows a class's name: its bases, a line each where one line is too short."""
    flat = ", ".join(bases)
    return f"({flat})" if len(name) + len(flat) <= 79 else "(\n" + "".join(f"{INDENT}{base},\n" for base in bases) + ")"


def _attributes(task: PlannedTask, level: int, before: int, equals: str) -> Iterator[tuple[str, str]]:
    """Loops, condition and groups, by the name of the attribute; `before` is where a line begins."""
    if task.loops:
        yield "for_each", loops(task.loops, level)
    if task.when is not None:
        yield "when", condition(task.when, level, before + len(f"when{equals}"))
    if task.groups:
        yield "group", groups(task.groups, level, before + len(f"group{equals}"))


def _arguments(task: PlannedTask, level: int, scope: Scope, types: Mapping[str, PlannedClass]) -> Iterator[str]:
    """The arguments of a Spec, `level` the indentation of each. Names that Python does not take as such stand in a dict at the end."""
    yield f"name={string(task.name)}"
    if task.after:
        targets = dict.fromkeys(edge.target for edge in task.after)
        yield f"requires={bracketed('[', map(string, targets), ']', level)}"
    others: dict[str, Value] = {}
    for key in task.order:
        if key in task.subtasks:
            inner = (_inner(each, level + 1, scope, types) for each in task.subtasks[key])
            yield f"{key}={bracketed('[', inner, ']', level)}"
        elif not _IDENTIFIER.fullmatch(key) or keyword.iskeyword(key):
            others[key] = task.spec[key]
        elif key not in _OWN:
            yield f"{key}={literal(task.spec[key], level)}"
    if others:
        yield f"**{literal(others, level)}"


def _inner(task: PlannedTask, level: int, scope: Scope, types: Mapping[str, PlannedClass]) -> str:
    """A Spec within a list of Specs, spread where it stands in a loop or under a condition."""
    if not _spreads(task):
        return _spec(task, level, scope, types)
    inner = level + 1
    # A keyword argument is never set in parentheses, so a long group needs none: `groups` is told that there is room.
    fields = [f"{key}={value}" for key, value in _spread_fields(task, inner)]
    return bracketed("Spread(", [*fields, f"spec={_spec(task, inner, scope, types)}"], ")", level)


def _spread_fields(task: PlannedTask, level: int) -> Iterator[tuple[str, str]]:
    for key, value in _attributes(task, level, len(INDENT) * level, "="):
        yield key, string(task.groups[0]) if key == "group" and len(task.groups) == 1 else value


def _spec(task: PlannedTask, level: int, scope: Scope, types: Mapping[str, PlannedClass]) -> str:
    return bracketed(f"{scope.spec(types[task.type])}(", _arguments(task, level + 1, scope, types), ")", level)


def _spreads(task: PlannedTask) -> bool:
    return bool(task.loops) or task.when is not None


def _within(task: PlannedTask) -> Iterator[PlannedTask]:
    for inner in task.subtasks.values():
        for each in inner:
            yield each
            yield from _within(each)

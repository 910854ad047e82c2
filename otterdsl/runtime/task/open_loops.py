"""Statements in loops that only a run can spread, spread as far as can be: once as the run starts, and again when the items of a loop are there.

In: a statement, the params' values, items. Out: an `Entry` for each task, and for each turn in which another loop is still open one that stands for
all of its tasks. Such an entry is named as the statement is, variables that have no value yet written as they stand: `copy ${file.stem}`. Its tasks
may require each other turn by turn; whoever stands outside requires it by that name, or by those in which the constants of loops within are filled
in too, as the compiler knows it: `copy ${file.stem} 1`. What is absent: asking for items, and any waiting.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, TypeAlias, Union

from otterdsl.runtime.scratchpad.placeholder import MISSING, escape, fill, fold, names_in, to_text
from otterdsl.runtime.task.bind import bind_fields, bind_value, templates
from otterdsl.runtime.task.conditions import Item, Param, Scope, decided, shown_value
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.sources import Source, as_written
from otterdsl.runtime.task.turns import MOST_TASKS, Loops, empty_parts, is_source, product, split
from otterdsl.runtime.util.errors import StepInvalidError

Requirement: TypeAlias = Union[str, tuple[str, ...]]
"""A name, or for a turn of an open loop all names that it goes by, its own the last: see `step.node`."""


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """What is left of a statement's loops: `loops`, of which the first runs over a source, with all that is known outside of it.

    `title` is what the statement is called here, `number` tells it apart from others called so. `required` has for each of the statement's `requires`
    the names that it went by in the loops around, `spreads` those by which turns of this one are required.
    """

    title: str
    number: str
    loops: Loops
    when: Any
    params: Mapping[str, Any]
    variables: Mapping[str, Any]
    required: tuple[tuple[str, ...], ...]
    spreads: tuple[str, ...]

    @property
    def source(self) -> Source:
        """What it runs over."""
        source: Source = self.loops[0][1]
        return source

    def __str__(self) -> str:
        """All that it and the loops within run over, as the language has it."""
        return ", ".join(as_written(items) for _, items in self.loops if is_source(items))


class Entry(NamedTuple):
    """A task of a run: its name and what it waits for, filled in; its groups, outermost first; its Spec, in placeholder form; its class.

    With a `loop` it stands for tasks that are yet to be told apart, and its name is nobody's.
    """

    name: str
    requires: tuple[Requirement, ...]
    groups: tuple[str, ...]
    spec: Spec
    task_class: type[Task] | None = None
    loop: OpenLoop | None = None


Found: TypeAlias = Union[Entry, str]
"""A task, or the name of one that a condition left out."""


def begin(
    spec: Spec,
    task_class: type[Task],
    for_each: Mapping[str, Any],
    when: Any,
    groups: tuple[str, ...],
    params: Mapping[str, Any],
    number: str,
) -> tuple[str, Iterator[Found]]:
    """A statement, spread over its loops up to the first that only a run can spread, and what it is called with none of them spread.

    Its entries are in the group of that name too, and in those that have the constants filled in and no param: so those outside require it, who are
    compiled before any param has its value. Raises: StepInvalidError.
    """
    loops = tuple(for_each.items())
    literal = _filled(spec.name, params, for_each)
    late = _late(loops)

    def found() -> Iterator[Found]:
        loop = OpenLoop("", number, loops, when, params, {}, ((),) * len(spec.requires), ())
        for entry, variables in _spread(spec, task_class, loop, *split(loops), {}):
            if isinstance(entry, str):
                yield entry
                continue
            constants = {name: value for name, value in variables.items() if name not in late}
            called = _called(spec.name, () if entry.loop is None else entry.loop.loops, late, params, constants)
            names = dict.fromkeys((*groups, literal, *called, *entry.groups))
            yield entry._replace(groups=tuple(name for name in names if name != entry.name))

    return literal, found()


def go_on(entry: Entry, items: Sequence[Any], most: int = MOST_TASKS) -> tuple[list[Entry], list[str]]:
    """The turns of an open loop whose items are known, and the names of those that a condition left out. Raises: StepInvalidError.

    Items are plain values; there may be `most` turns.
    """
    loop = entry.loop
    if loop is None:
        raise ValueError(f"`{entry.name}` has no loop to go on with")
    (variable, source), *inner = loop.loops
    known, rest = split(tuple(inner))
    entries: list[Entry] = []
    absent: list[str] = []
    found = _spread(entry.spec, entry.task_class, loop, ((variable, escape(items)), *known), rest, {variable: source})
    for each, _ in islice(found, most + 1):
        if isinstance(each, Entry):
            entries.append(each)
        else:
            absent.append(each)
    if len(entries) + len(absent) > most:
        raise StepInvalidError(f"the step has more than {MOST_TASKS:,} tasks")
    return entries, absent


def _spread(
    spec: Spec, task_class: type[Task] | None, loop: OpenLoop, known: Loops, rest: Loops, sources: Mapping[str, Source]
) -> Iterator[tuple[Found, Mapping[str, Any]]]:
    """For each turn of the loops that are known what it stands for, and the variables."""
    fields = templates(spec)
    hidden = frozenset(variable for variable, _ in rest)
    turn_of: dict[str, Mapping[str, Any]] = {}
    for number, variables in enumerate(product(known, loop.params, loop.variables)):
        empty = frozenset[str]().union(*(empty_parts(name, source, variables[name]) for name, source in sources.items()))
        scope = Scope(loop.params, variables, empty)
        turn = bind_fields(spec, fields, scope)
        name = _filled(turn.name, loop.params, hidden)
        names = _called(turn.name, rest, _late(rest), loop.params, variables) if rest else (name,)
        if decided(loop.when, scope, hidden) is False:
            yield from ((each, variables) for each in names)
            continue
        texts = [_filled(each, loop.params, hidden) for each in turn.requires]
        required = tuple(_with_last(before, text) for before, text in zip(loop.required, texts, strict=True))
        requires = tuple(
            each if len(each) > 1 else each[0] for each, text in zip(required, turn.requires, strict=True) if not _speaks_of(text, hidden)
        )
        if rest:
            inside = tuple((variable, bind_value(items, scope) if is_source(items) else items) for variable, items in rest)
            inner = OpenLoop(name, f"{loop.number}.{number}", inside, loop.when, loop.params, variables, required, loop.spreads or names)
            yield Entry(f"{name}\0{inner.number}", requires, names, turn, task_class, inner), variables
            continue
        if (other := turn_of.setdefault(name, variables)) is not variables:
            raise StepInvalidError(f"two turns make a task `{name}`: that of {_shown(known, other)}, and that of {_shown(known, variables)}")
        yield Entry(name, requires, (), turn, task_class), variables


def _late(loops: Loops) -> frozenset[str]:
    """The variables of loops that have no value when a pipeline is compiled."""
    late: set[str] = set()
    for variable, items in loops:
        if is_source(items) or isinstance(items, Param) or (isinstance(items, Item) and items.path.partition(".")[0] in late):
            late.add(variable)
    return frozenset(late)


def _called(text: str, loops: Loops, late: frozenset[str], params: Mapping[str, Any], variables: Mapping[str, Any]) -> tuple[str, ...]:
    """What a statement is called: its name with the variables filled in, and the same for each turn of those loops within that are constant."""
    text = to_text(fold(text, Scope(params, variables).item))
    heads = {name.partition(".")[0] for name in names_in(text)}
    constant = tuple((variable, items) for variable, items in loops if variable not in late)
    needed = constant if any(variable in heads for variable, _ in constant) else ()
    found = (_filled(to_text(fold(text, Scope(params, turn).item)), params, late) for turn in product(needed, params, variables))
    return tuple(dict.fromkeys((_filled(text, params, late.union(variable for variable, _ in loops)), *found)))


def _filled(text: str, params: Mapping[str, Any], hidden: Collection[str]) -> str:
    """A name with params filled in, and variables that have no value yet as they stand."""
    return to_text(fill(text, lambda name: MISSING if name.partition(".")[0] in hidden else params.get(name, MISSING)))


def _speaks_of(text: str, hidden: frozenset[str]) -> bool:
    return bool(hidden) and any(name.partition(".")[0] in hidden for name in names_in(text))


def _with_last(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if names and names[-1] == name else (*names, name)


def _shown(loops: Loops, variables: Mapping[str, Any]) -> str:
    """A turn as a message shows it."""
    return ", ".join(f"`{name}` = {shown_value(variables[name])}" for name, _ in loops)

"""Tasks of a Program as entries of Otter's YAML: loops spread, types that `task` declares given as their base.

In: resolved tasks without params. Out: one concrete task for each turn, and entries as maps. Reports: OT604. What is absent: which loops become an
`explode`, and what a step's tasks are called (see `export_steps`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from otterdsl.compiler.analysis.deciding import decide
from otterdsl.compiler.analysis.fitting import turned
from otterdsl.compiler.analysis.program import Assignment, Edge, Loop, ResolvedTask, Subtasks
from otterdsl.compiler.analysis.report import Report, shown
from otterdsl.compiler.analysis.scope import POISON, member
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.condition import Item
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import PLACEHOLDER, Value, placeholders, to_text
from otterdsl.convert.emit import Plain
from otterdsl.convert.export_names import Naming
from otterdsl.convert.export_texts import Place, Unsayable, otter_name, otter_text, otter_value, settled, texts

Row = Mapping[str, Value]

_TEXT: Final = frozenset({"str", "duration", "size", "input", "output", "into", "key"})
# Tasks that Otter has too, and their fields in which it takes no path below the release.
_ELSEWHERE: Final[Mapping[str, str]] = {"copy": "source", "copy_many": "sources", "find_latest": "source"}


@dataclass(frozen=True, slots=True)
class Exporting:
    """What all tasks share. `defaults` are those of the fields of types that `task` declares. Mutated: `report`."""

    types: Mapping[str, TaskType]
    kept: Mapping[str, str]
    defaults: Mapping[str, Mapping[str, Value]]
    report: Report

    def refuse(self, span: Span, message: str, label: str = "", mend: str = "") -> None:
        """Reports: OT604."""
        self.report.add("OT604", span, message, label=label or "Otter has no word for this", mend=mend)

    def base(self, name: str) -> str:
        """The task type that Otter knows of one: what it extends in the end."""
        kind = self.types[name]
        while isinstance(kind.declaration, ast.TaskType) and kind.base is not None:
            kind = self.types[kind.base]
        return kind.name

    def type_of(self, task: str, field: str) -> Type | None:
        """The type of a task's field, None where it is not said."""
        found = self.types[task].fields.get(field)
        return found.type if found is not None else None


# ---------------------------------------------------------------- turns


def turns(task: ResolvedTask, outer: Row, to: Exporting) -> Iterator[Row]:
    """The variables' values in each turn of a task's loops, those around it included. Reports: OT604, where only a run could tell."""
    rows: list[Row] = [outer]
    for loop in task.loops:
        if not isinstance(loop.items, tuple | Item):
            message = f"the tasks `{shown(task.name)}` are as many as a run finds"
            to.refuse(task.name_span, message, mend="write `explode_glob` or `explode`, whose tasks Otter makes while it runs")
            return
        rows = [{**row, loop.variable: item} for row in rows for item in _items(loop, row)]
    for row in rows:
        holds = True if task.when is None else decide(task.when, row_lookup(tuple(row), tuple(row.values())))
        if holds is None:
            to.refuse(task.name_span, f"whether there is a task `{shown(task.name)}` is decided when a run starts", mend="decide it by a constant")
        elif holds:
            yield row


def _items(loop: Loop, row: Row) -> Sequence[Value]:
    if isinstance(loop.items, Item):
        head, *rest = loop.items.path.split(".")
        found = member(row[head], rest) if head in row else POISON
        return found if isinstance(found, tuple) else ()
    return loop.items if isinstance(loop.items, tuple) else ()


def in_turn(task: ResolvedTask, row: Row, to: Exporting) -> ResolvedTask:
    """The task as it is in a turn, those within it spread too."""
    if not row and not task.loops and not any(isinstance(each, Subtasks) for each in task.assignments):
        return task
    lookup = row_lookup(tuple(row), tuple(row.values()))

    def assigned(each: Assignment | Subtasks) -> Assignment | Subtasks:
        if isinstance(each, Subtasks):
            inner = ((inside, turn) for inside in each.tasks for turn in turns(inside, row, to))
            return Subtasks(each.name, tuple(in_turn(inside, turn, to) for inside, turn in inner))
        value = filled(each.value, lookup)
        return replace(each, value=turned(to.type_of(task.type, each.name), each.value, value)) if row else each

    return replace(
        task,
        name=to_text(filled(f" {task.name}", lookup))[1:],
        assignments=tuple(map(assigned, task.assignments)),
        after=tuple(replace(edge, target=to_text(filled(f" {edge.target}", lookup))[1:]) for edge in task.after),
        loops=(),
        when=None,
    )


# ---------------------------------------------------------------- entries


def entry(task: ResolvedTask, place: Place, naming: Naming, lifted: Sequence[str], to: Exporting) -> dict[str, Plain]:
    """The entry of a concrete task. `lifted` are names that it requires besides. Reports: OT604."""
    made: dict[str, Plain] = {}
    try:
        made["name"] = otter_text(otter_name(naming.of(task.name)), place)
        before = [*required(task.after, naming, to), *lifted]
        before += (name for each in task.assignments if isinstance(each, Subtasks) for name in _waited_within(task, each, place, naming, to))
        if before:
            made["requires"] = [otter_text(name, place) for name in dict.fromkeys(before)]
    except Unsayable as reason:
        to.refuse(task.name_span, reason.message, mend=reason.mend)
    dropped = _own_fields(task.type, to)
    for each in task.assignments:
        if isinstance(each, Subtasks):
            made[each.name] = _inner(task, each, place, naming, to)
        elif each.name not in dropped:
            _assign(made, task, each, place, to)
    for name, value in _defaults(task.type, to).items():
        if name not in made and name not in dropped:
            try:
                made[name] = otter_value(value, place, to.kept)
            except Unsayable as reason:
                to.refuse(task.name_span, reason.message, mend=reason.mend)
    return made


def required(edges: Iterable[Edge], naming: Naming, to: Exporting) -> Iterator[str]:
    """The names of what edges lead to. Reports: OT604, for what has none."""
    for edge in edges:
        try:
            yield from naming.targets(edge.target)
        except Unsayable as reason:
            to.refuse(edge.span, reason.message, mend=reason.mend)


def _defaults(name: str, to: Exporting) -> Mapping[str, Value]:
    """What `task` declarations say where a task says nothing: Otter's type does not know."""
    found: dict[str, Value] = {}
    kind = to.types[name]
    while isinstance(kind.declaration, ast.TaskType) and kind.base is not None:
        found = {**to.defaults.get(kind.name, {}), **found}
        kind = to.types[kind.base]
    return found


def _own_fields(name: str, to: Exporting) -> frozenset[str]:
    """The fields that `task` declarations added, which Otter's type does not have; their values are in the others by now."""
    own = set[str]()
    kind = to.types[name]
    while isinstance(kind.declaration, ast.TaskType) and kind.base is not None:
        own.update(field.name for field in kind.own)
        kind = to.types[kind.base]
    return frozenset(own - kind.fields.keys())


def _assign(made: dict[str, Plain], task: ResolvedTask, each: Assignment, place: Place, to: Exporting) -> None:
    """Mutates: `made` gets the field. Reports: OT604."""
    of = to.type_of(task.type, each.name)
    value = each.value
    if not _takes_text(of) or (of is not None and "key" in of.roles):
        # Otter looks at a field's type before it fills it in, and at a key before anything is.
        value = settled(value, to.kept)
    if to.base(task.type) == "explode" and each.name == "foreach":
        _check_items(value, each.span, to)
    try:
        made[each.name] = otter_value(value, place, to.kept)
    except Unsayable as reason:
        to.refuse(each.span, reason.message, mend=reason.mend)


def _check_items(value: Value, span: Span, to: Exporting) -> None:
    """Reports: OT604, for items that Otter's `explode` does not take, or would take for something else once they are put in."""
    mend = "write a `for`, which may run over anything"
    if isinstance(value, tuple) and not all(isinstance(item, str) for item in value):
        to.refuse(span, "Otter's `explode` takes only a list of texts", "not all of it is text", mend)
    elif any("$" in PLACEHOLDER.sub(lambda found: "" if found.group(1) else "$", text) for text in texts(value)):
        to.refuse(span, "Otter would take the `$` in an item for a placeholder's", "an item holds a `$`", mend)


def _takes_text(of: Type | None) -> bool:
    """Whether a type takes any text there is, within lists and maps too."""
    if of is None:
        return True
    return any(option.name in _TEXT or (option.argument is not None and _takes_text(option.argument)) for option in of.options)


def check_inputs(task: ResolvedTask, to: Exporting) -> None:
    """Reports: OT604, for each path of a concrete task that Otter would look for elsewhere, or nowhere."""
    for each in task.assignments:
        if isinstance(each, Assignment):
            _check_input(task, each, to)
        else:
            for inner in each.tasks:
                check_inputs(inner, to)


def _check_input(task: ResolvedTask, each: Assignment, to: Exporting) -> None:
    of = to.type_of(task.type, each.name)
    if of is None or "input" not in of.roles:
        return
    base = to.base(task.type)
    for text in texts(settled(each.value, to.kept)):
        if text.startswith(("./", "../")):
            message = f"`{shown(text)}` is relative to this file, of which Otter does not know"
            to.refuse(each.span, message, "relative to a `.otter` file", "write a URL or an absolute path")
        elif _ELSEWHERE.get(base) == each.name and "://" not in text and not text.startswith(("/", "${")):
            message = f"Otter's `{base}` reads nothing that lies in the release, as `{shown(text)}` does"
            to.refuse(each.span, message, "a relative path", "write a URL or an absolute path")


# ---------------------------------------------------------------- tasks within tasks


def _inner(task: ResolvedTask, field: Subtasks, place: Place, naming: Naming, to: Exporting) -> list[Plain]:
    within = place.within(provided(task, field.name, to))
    names = naming.within([(each.name, each.groups, to.base(each.type), each.type) for each in field.tasks])
    for each in field.tasks:
        named = references(each, within, to)
        if named and all(target in names.own for target in named):
            message = f"`{shown(each.name)}` names what `{shown(named[0])}` stores, which Otter fills in before it makes either"
            to.refuse(each.name_span, message, "made together with that", "take both out of the list")
    return [entry(_without(each, _outside(each, within, names, to)), within, names, (), to) for each in field.tasks]


def _waited_within(task: ResolvedTask, field: Subtasks, place: Place, naming: Naming, to: Exporting) -> Iterator[str]:
    """What the task itself has to wait for since tasks within it name what others store: Otter fills that in before it makes them."""
    within = place.within(provided(task, field.name, to))
    names = naming.within([(each.name, each.groups, to.base(each.type), each.type) for each in field.tasks])
    for each in field.tasks:
        for target in _outside(each, within, names, to):
            yield from naming.targets(target)
        for inner in each.assignments:
            if isinstance(inner, Subtasks):
                yield from (name for name in _waited_within(each, inner, within, names, to) if name not in names.own)


def _outside(task: ResolvedTask, place: Place, naming: Naming, to: Exporting) -> tuple[str, ...]:
    """The targets outside its list that a task waits for since it names what they store."""
    return tuple(target for target in references(task, place, to) if target not in naming.own)


def references(task: ResolvedTask, place: Place, to: Exporting) -> tuple[str, ...]:
    """The targets of a task's references, where it names what is stored; none where it only repeats a value."""
    stored = any(
        not place.level(name) and name not in to.kept
        for each in task.assignments
        if isinstance(each, Assignment)
        for name in placeholders(each.value)
    )
    return tuple(edge.target for edge in task.after if edge.reason == "reference") if stored else ()


def _without(task: ResolvedTask, targets: Sequence[str]) -> ResolvedTask:
    return replace(task, after=tuple(edge for edge in task.after if edge.target not in targets)) if targets else task


def provided(task: ResolvedTask, field: str, to: Exporting) -> dict[str, bool]:
    """The placeholders that a task fills in the tasks of a field."""
    declared = to.types[task.type].fields.get(field)
    found: dict[str, bool] = {}
    for written in (declared.provides or ()) if declared is not None else ():
        whole = PLACEHOLDER.fullmatch(written)
        if whole is None or whole.group(1) is None:
            found[written] = True
            continue
        other = to.types[task.type].fields.get(whole.group(1))
        given = next((each.value for each in task.assignments if isinstance(each, Assignment) and each.name == whole.group(1)), None)
        value = given if given is not None else other.schema.default if other is not None and other.schema is not None else None
        if isinstance(value, str):
            found[to_text(settled(f" {value}", to.kept))[1:]] = True
    return found

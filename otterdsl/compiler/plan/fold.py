"""Fold params into a Program: what a run could have said about them is decided now.

In: a Program, values for some of its params, and a checker of values. Out: a Program without those params, `${name}` replaced by their values, the
conditions on them decided and the statements that they rule out gone. Diagnostics say what does not fit. What is absent: every other param.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from otterdsl.compiler.analysis.program import Assignment, Edge, Loop, Program, ResolvedStep, ResolvedTask, ResolvedType, Subtasks
from otterdsl.compiler.analysis.schemas import ValueChecker, ValueProblem, ValueRequest
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.plan.decide import decide
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Checked, Diagnostic, Label, has_errors
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.values.bodies import ShellBody
from otterdsl.compiler.values.condition import Constant, Item, Param
from otterdsl.compiler.values.sources import Glob, Json, Lines, LoopItems, Stored
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import PLACEHOLDER, Value, substitute, to_text

Values = Mapping[str, Value]


def fold_params(program: Program, values: Values, check_values: ValueChecker) -> Checked[Program]:
    """The Program with the params that `values` names replaced by these, which are in placeholder form and of the params' types.

    Reports: OT301, a value that does not fit a field it comes to stand in; OT207, tasks whose names become the same; OT503, a `$` that comes to stand
    right before a placeholder. The Program is the one given
    where there are errors.
    """
    if not values:
        return Checked(program)
    folding = _Folding(values)
    folded = replace(
        program,
        params=tuple(replace(each, default=folding.value(each.default, ())) for each in program.params if each.name not in values),
        types=tuple(_type(each, program, folding) for each in program.types),
        steps=tuple(_step(step, folding) for step in program.steps),
    )
    folded = _as_text(program, folded, check_values)
    found = [*_unwritable(program, folding), *_collisions(folded), *_misfits(program, folded, check_values)]
    return Checked(program if has_errors(found) else folded, tuple(found))


# ---------------------------------------------------------------- what replaces what


@dataclass(frozen=True, slots=True)
class _Folding:
    """The values to put in, in placeholder form. `hidden` are loop variables of the same name, which hide a param."""

    values: Values

    def text(self, text: str, hidden: Collection[str]) -> str:
        """A text that stays one: a name or a label."""
        # The space keeps a name that is one placeholder alone a text, whatever the value's type.
        return str(substitute(f" {text}", self._lookup(hidden)))[1:]

    def value(self, value: Value, hidden: Collection[str]) -> Value:
        """A value with its placeholders filled, keys too."""
        match value:
            case str():
                whole = PLACEHOLDER.fullmatch(value)
                name = (whole.group(1) or "") if whole else ""
                # `substitute` takes None for "leave it", and null is a value here.
                return self.values[name] if name in self.values and name not in hidden else substitute(value, self._lookup(hidden))
            case tuple():
                return tuple(self.value(item, hidden) for item in value)
            case Mapping():
                return self.mapping(value, hidden)
            case _:
                return value

    def mapping(self, value: Values, hidden: Collection[str]) -> Values:
        """A mapping with its placeholders filled."""
        return {self.text(key, hidden): self.value(item, hidden) for key, item in value.items()}

    def _lookup(self, hidden: Collection[str]) -> "_Lookup":
        return _Lookup(self.values, hidden)


@dataclass(frozen=True, slots=True)
class _Lookup:
    values: Values
    hidden: Collection[str]

    def __call__(self, name: str) -> Value:
        return None if name in self.hidden or name not in self.values else "null" if (value := self.values[name]) is None else value


# ---------------------------------------------------------------- types


def _type(each: ResolvedType, program: Program, folding: _Folding) -> ResolvedType:
    """The type folded; in its body and checks its fields hide params."""
    fields = tuple(replace(field, default=folding.value(field.default, ())) for field in each.fields)
    hidden = set(_fields_of(each, program)) if each.body or each.checks else ()
    body = replace(each.body, environment=folding.mapping(each.body.environment, hidden)) if isinstance(each.body, ShellBody) else each.body
    checks = tuple(replace(check, arguments=folding.mapping(check.arguments, hidden)) for check in each.checks)
    return replace(each, fields=fields, body=body, checks=checks)


def _fields_of(each: ResolvedType, program: Program) -> Iterator[str]:
    """The fields that `.otter` files declare of a type. Those of Python classes are not called as a param: a body could not name that."""
    types = {declared.name: declared for declared in program.types}
    at: ResolvedType | None = each
    while at is not None:
        yield from (field.name for field in at.fields)
        at = types.get(at.base) if at.base is not None else None


# ---------------------------------------------------------------- statements


def _step(step: ResolvedStep, folding: _Folding) -> ResolvedStep:
    tasks, gone = _folded(step.tasks, folding, ())
    return replace(step, tasks=tuple(_without(task, gone) for task in tasks))


def _folded(tasks: tuple[ResolvedTask, ...], folding: _Folding, outer: Collection[str]) -> tuple[list[ResolvedTask], set[str]]:
    """The statements folded, those whose conditions hold, and what `requires` may call the others."""
    kept: list[ResolvedTask] = []
    gone: set[str] = set()
    for task in tasks:
        found = _task(task, folding, outer)
        if found is not None:
            kept.append(found)
        else:
            gone.update(_names(task, folding))
    return kept, gone - {name for task in kept for name in (task.name, *task.groups)}


def _task(task: ResolvedTask, folding: _Folding, outer: Collection[str]) -> ResolvedTask | None:
    """The statement folded, None where its condition does not hold."""
    hidden = {*outer, *(loop.variable for loop in task.loops)}
    when = decide(task.when, folding.values, hidden, folding.value)
    if isinstance(when, Constant):
        if not when.value:
            return None
        when = None
    return replace(
        task,
        name=folding.text(task.name, hidden),
        assignments=tuple(_assignment(each, folding, hidden) for each in task.assignments),
        after=tuple(replace(edge, target=folding.text(edge.target, hidden)) for edge in task.after),
        loops=tuple(_loops(task.loops, folding, outer)),
        when=when,
        groups=tuple(folding.text(group, hidden) for group in task.groups),
    )


def _loops(loops: tuple[Loop, ...], folding: _Folding, outer: Collection[str]) -> Iterator[Loop]:
    """The loops folded; each sees the variables of those around it. What lies within an outer variable has no param in it."""
    hidden = set(outer)
    for loop in loops:
        yield Loop(loop.variable, _items(loop.items, folding, hidden))
        hidden.add(loop.variable)


def _items(items: LoopItems, folding: _Folding, hidden: Collection[str]) -> LoopItems:
    match items:
        case tuple():
            return tuple(folding.value(item, hidden) for item in items)
        case Param(name):
            value = folding.values.get(name)
            return value if isinstance(value, tuple) and name not in hidden else items
        case Glob(pattern):
            return replace(items, pattern=folding.text(pattern, hidden))
        case Lines(path):
            return replace(items, path=folding.text(path, hidden))
        case Json(path, query):
            return replace(items, path=folding.text(path, hidden), query=folding.text(query, hidden))
        case Item() | Stored():
            return items


def _assignment(each: Assignment | Subtasks, folding: _Folding, hidden: Collection[str]) -> Assignment | Subtasks:
    if isinstance(each, Assignment):
        return replace(each, value=folding.value(each.value, hidden))
    tasks, gone = _folded(each.tasks, folding, hidden)
    return Subtasks(each.name, tuple(_without(task, gone) for task in tasks))


def _names(task: ResolvedTask, folding: _Folding) -> Iterator[str]:
    """What `requires` may call a statement, once folded: its name, its loops, each of its turns."""
    hidden = {loop.variable for loop in task.loops}
    for name in (task.name, *task.groups):
        yield folding.text(name, hidden)
    variables = tuple(loop.variable for loop in task.loops)
    for row in _rows(task.loops):
        yield folding.text(to_text(filled(task.name, row_lookup(variables, row))), ())


def _rows(loops: tuple[Loop, ...]) -> list[tuple[Value, ...]]:
    """The values of the loops' variables in each turn; none, where a loop is within what only a turn around all of them has."""
    rows: list[tuple[Value, ...]] = [()] if loops else []
    for position, loop in enumerate(loops):
        outer = tuple(each.variable for each in loops[:position])
        found = []
        for row in rows:
            items = row_lookup(outer, row)(loop.items.path) if isinstance(loop.items, Item) else loop.items
            found += [(*row, item) for item in items] if isinstance(items, tuple) else []
        rows = found
    return rows


def _without(task: ResolvedTask, gone: Collection[str]) -> ResolvedTask:
    """The task without waiting for what is gone, it and those within it."""
    if not gone:
        return task
    after: tuple[Edge, ...] = tuple(edge for edge in task.after if edge.target not in gone)
    inner = tuple(
        Subtasks(each.name, tuple(_without(sub, gone) for sub in each.tasks)) if isinstance(each, Subtasks) else each for each in task.assignments
    )
    return replace(task, after=after, assignments=inner)


# ---------------------------------------------------------------- what does not fit


def _unwritable(program: Program, folding: _Folding) -> Iterator[Diagnostic]:
    """OT503 for each value in which a param's `$` would make an escape of the placeholder behind it."""
    for task in _all_tasks(program):
        lookup = _Lookup(folding.values, {loop.variable for loop in task.loops})
        texts = [(task.name, task.name_span), *((each.value, each.span) for each in task.assignments if isinstance(each, Assignment))]
        for value, span in texts:
            if any(_meets(text, lookup) for text in _texts(value)):
                message = "with the params given, a `$` stands right before a value that a run fills in"
                yield Diagnostic("OT503", CODES["OT503"].severity, message, span, help="put something between the two, or fold the other too")


def _meets(text: str, lookup: _Lookup) -> bool:
    """Whether a placeholder that stays stands right behind one whose value ends with a `$`."""
    marks = [found for found in PLACEHOLDER.finditer(text) if found.group(1)]
    return any(
        first.end() == second.start() and lookup(second.group(1)) is None and to_text(lookup(first.group(1)) or "").endswith("$")
        for first, second in pairwise(marks)
    )


def _texts(value: Value) -> Iterator[str]:
    match value:
        case str():
            yield value
        case tuple():
            for item in value:
                yield from _texts(item)
        case Mapping():
            for key, item in value.items():
                yield key
                yield from _texts(item)
        case _:
            return


def _collisions(program: Program) -> Iterator[Diagnostic]:
    for step in program.steps:
        seen: dict[str, ResolvedTask] = {}
        for task in step.tasks:
            if (other := seen.setdefault(task.name, task)) is not task:
                message = f"with the params given, two tasks of step `{step.name}` are called `{task.name}`"
                related = (Label(other.name_span, "the other one"),)
                yield Diagnostic("OT207", CODES["OT207"].severity, message, task.name_span, "taken", related=related)


def _as_text(before: Program, after: Program, check_values: ValueChecker) -> Program:
    """The Program with the text of a param in each field that takes text and not the param's type, as a run gives it."""
    spans = {
        each.span
        for task, problem in _problems(before, after, check_values)
        for each in task.assignments
        if isinstance(each, Assignment) and problem.path == (each.name,)
    }
    # Only what was one placeholder alone: all else is text already.
    whole = {each.span for task in _all_tasks(before) for each in task.assignments if isinstance(each, Assignment) and _is_whole(each.value)}

    def step_with_text(step: ResolvedStep) -> ResolvedStep:
        return replace(step, tasks=tuple(_with_text(task, spans & whole) for task in step.tasks))

    return replace(after, steps=tuple(step_with_text(step) for step in after.steps)) if spans & whole else after


def _is_whole(value: Value) -> bool:
    return isinstance(value, str) and PLACEHOLDER.fullmatch(value) is not None


def _with_text(task: ResolvedTask, spans: Collection[Span]) -> ResolvedTask:
    return replace(
        task,
        assignments=tuple(
            Subtasks(each.name, tuple(_with_text(inner, spans) for inner in each.tasks))
            if isinstance(each, Subtasks)
            else replace(each, value=to_text(each.value))
            if each.span in spans and isinstance(each.value, bool | int | float)
            else each
            for each in task.assignments
        ),
    )


def _problems(before: Program, after: Program, check_values: ValueChecker) -> Iterator[tuple[ResolvedTask, ValueProblem]]:
    """What does not fit of the tasks that folding changed."""
    old = {(task.span, task.name_span): task for task in _all_tasks(before)}
    changed = [task for task in _all_tasks(after) if task.assignments != old[task.span, task.name_span].assignments]
    for problem in check_values([_request(task, after) for task in changed]) if changed else ():
        yield changed[problem.request], problem


def _misfits(before: Program, after: Program, check_values: ValueChecker) -> Iterator[Diagnostic]:
    """OT301 for each value that folding brought to a field that it does not fit."""
    for task, problem in _problems(before, after, check_values):
        field = str(problem.path[0]) if problem.path else ""
        span = next((each.span for each in task.assignments if isinstance(each, Assignment) and each.name == field), task.name_span)
        yield Diagnostic("OT301", CODES["OT301"].severity, f"with the params given, {field or 'this task'}: {problem.message}", span)


def _request(task: ResolvedTask, program: Program) -> ValueRequest:
    """What pydantic is to be asked of a task: its values against the nearest type that Python defines and the declared fields on the way there."""
    types = {each.name: each for each in program.types}
    declared: dict[str, Type] = {}
    base: str | None = task.type
    while base in types:
        declared = {**{field.name: field.type for field in types[base].fields}, **declared}
        base = types[base].base
    values = {each.name: each.value for each in task.assignments if isinstance(each, Assignment)}
    return ValueRequest(base, values, declared)


def _all_tasks(program: Program) -> Iterator[ResolvedTask]:
    for step in program.steps:
        for task in step.tasks:
            yield from _with_inner(task)


def _with_inner(task: ResolvedTask) -> Iterator[ResolvedTask]:
    yield task
    for each in task.assignments:
        if isinstance(each, Subtasks):
            for inner in each.tasks:
                yield from _with_inner(inner)

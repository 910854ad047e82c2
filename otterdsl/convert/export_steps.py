"""The steps of a pipeline as lists of Otter's entries.

In: a `Prepared` pipeline. Out: entries by step, and what order Otter will not keep that the checker knows of. Reports: OT604, OT605. Statements of a
file that `convert` wrote come back as what they were, as far as they still say it. What is absent: settings, the scratchpad, YAML.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from otterdsl.compiler.analysis.program import Edge, ResolvedStep, ResolvedTask, Subtasks
from otterdsl.compiler.analysis.report import Report, listed
from otterdsl.compiler.analysis.scope import ABSENT
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import Value, escape, to_text
from otterdsl.convert.emit import Plain
from otterdsl.convert.export_loops import Exploded, explode_entry, exploded, names_itself, waits_for_more
from otterdsl.convert.export_names import Naming, naming, renamed, unused
from otterdsl.convert.export_prepared import Prepared
from otterdsl.convert.export_tasks import Exporting, Row, check_inputs, entry, in_turn, references, turns
from otterdsl.convert.export_texts import Place
from otterdsl.convert.export_whole import names_of
from otterdsl.convert.export_written import Names, loop_labels, written


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A task that Otter will not keep waiting for another, though it names what that one stores or makes."""

    step: str
    task: str
    edge: Edge


@dataclass(frozen=True, slots=True)
class Steps:
    """The entries of each step, and what was left unsaid."""

    entries: Mapping[str, list[dict[str, Plain]]]
    unsaid: tuple[Unsaid, ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A statement and its tasks, concrete but for an explode's. `as_is` is the entry that it came from."""

    node: ast.TaskUse | ast.For
    tasks: tuple[ResolvedTask, ...]
    spread: tuple[ResolvedTask, ...]
    as_is: dict[str, Plain] | None = None
    loop: Exploded | None = None


def export_steps(prepared: Prepared, report: Report) -> Steps:
    """All steps. Mutates: `report`."""
    defaults = {
        kind.name: {field.name: field.default for field in kind.fields if not field.required}
        for kind in prepared.program.types
        if kind.kind == "task"
    }
    to = Exporting(prepared.types, prepared.kept, defaults, report)
    trees = {each.span: each for module in prepared.modules for each in module.declarations if isinstance(each, ast.Step)}
    names = names_of(prepared.modules, prepared.types)
    entries: dict[str, list[dict[str, Plain]]] = {}
    unsaid: list[Unsaid] = []
    before = {step.name: step.tasks for step in prepared.whole.steps}
    for step in prepared.program.steps:
        tree = trees[step.span]
        if step.requires:
            message = f"Otter runs steps by themselves: `{step.name}` will not wait for {listed(step.requires)}"
            report.add("OT605", _required_at(tree, step), message, label="left out", mend="run them in this order")
        of_step = Names(names.keys, names.types, names.declared, names.params, frozenset(loop_labels(tree.block)))
        absent = frozenset(_all_names(before[step.name], {}, prepared.values, to))
        units = _units(tree, step, of_step if prepared.converted else None, absent, to)
        entries[step.name] = _entries(units, absent, to)
        unsaid += (each for unit in units if unit.as_is is not None for each in _unsaid(step.name, unit))
    return Steps(entries, tuple(unsaid))


def _required_at(tree: ast.Step, step: ResolvedStep) -> Span:
    for item in tree.block.items:
        for target in item.targets if isinstance(item, ast.Requires) else ():
            name = target.plain if isinstance(target, ast.StringExpr) else target.head.text
            if name in step.requires:
                return target.span
    return tree.name.span


# ---------------------------------------------------------------- statements


def _statements(block: ast.Block) -> Iterator[ast.TaskUse | ast.For]:
    """The tasks and outermost loops of a block, those under an `if` among them."""
    for item in block.items:
        match item:
            case ast.TaskUse() | ast.For():
                yield item
            case ast.If():
                node: ast.If | ast.Block | None = item
                while isinstance(node, ast.If):
                    yield from _statements(node.then)
                    node = node.orelse
                if node is not None:
                    yield from _statements(node)
            case ast.Requires():
                pass


def _units(tree: ast.Step, step: ResolvedStep, names: Names | None, absent: Collection[str], to: Exporting) -> list[_Unit]:
    """The statements of a step in the order of the text, each loop decided. `names` where entries may come back as they were."""
    plain = names is not None and not any(isinstance(item, ast.Requires) for item in tree.block.items)
    direct = {id(item) for item in tree.block.items}
    left = iter(step.tasks)
    upcoming = next(left, None)
    units: list[_Unit] = []
    for node in _statements(tree.block):
        tasks: list[ResolvedTask] = []
        while upcoming is not None and upcoming.span.file == node.span.file and node.span.start <= upcoming.span.start < node.span.end:
            tasks.append(upcoming)
            upcoming = next(left, None)
        as_is = written(node, names) if plain and names is not None and id(node) in direct else None
        if not tasks and as_is is None:
            continue
        spread = tuple(in_turn(task, row, to) for task in tasks for row in turns(task, {}, to))
        units.append(_Unit(node, tuple(tasks), spread, as_is))
    return _decided(units, absent, to)


def _decided(units: list[_Unit], absent: Collection[str], to: Exporting) -> list[_Unit]:
    """The units with those loops as an `explode` of which no task that the step lists names a single turn."""
    taken = {*to.kept, *(name for unit in units for task in unit.tasks for name in _stored(task, to))}
    loops = {
        index: loop
        for index, unit in enumerate(units)
        if unit.as_is is None and isinstance(unit.node, ast.For) and (loop := exploded(unit.node, unit.tasks, taken, to)) is not None
    }
    there = {name for unit in units for task in unit.spread for name in (task.name, *task.groups)}
    unclear = {*_named_alike(units, to), *(name for name in absent if name not in there)}
    owner = {task.name: index for index in loops for task in units[index].spread}
    pending = [index for index in range(len(units)) if index not in loops]
    pending += (index for index, loop in loops.items() if names_itself(loop, {name: 1 for name, at in owner.items() if at == index}, to))
    # The turns of an `explode` and what they wait for need one name that holds for all turns.
    pending += (
        index for index in loops if any(task.name in unclear or any(edge.target in unclear for edge in task.after) for task in units[index].spread)
    )
    more = {index for index in loops if waits_for_more(units[index].spread, to)}
    # What is stored is waited for by the `explode`, and so by a task of the step. One that waits for more than a turn needs may close a circle.
    pending += (
        owner[target]
        for index in loops
        for task in units[index].spread
        for target in (*references(task, Place(1), to), *(edge.target for edge in task.after if owner.get(edge.target, index) in more - {index}))
        if target in owner
    )
    pending = list(dict.fromkeys(pending))
    spread = set(pending)
    while pending:
        # A task of the step may require only what stands in the step.
        for task in units[pending.pop()].spread:
            for edge in task.after:
                index = owner.get(edge.target)
                if index is not None and index not in spread:
                    spread.add(index)
                    pending.append(index)
    return [_Unit(unit.node, unit.tasks, unit.spread, unit.as_is, None if index in spread else loops.get(index)) for index, unit in enumerate(units)]


def _all_names(tasks: tuple[ResolvedTask, ...], outer: Row, values: Mapping[str, Value], to: Exporting) -> Iterator[str]:
    """The names that may be those of no task, as an `if` leaves it out or a loop has no items: of all turns, whatever an `if` says."""
    for task in tasks:
        yield from (name for label in task.groups for name in (label, escape(label)))
        for row in turns(replace(task, when=None), outer, to):
            lookup = row_lookup(tuple(row), tuple(row.values()))
            yield to_text(filled(filled(f" {task.name}", lookup), lambda name: values.get(name, ABSENT)))[1:]
            for each in task.assignments:
                if isinstance(each, Subtasks):
                    yield from _all_names(each.tasks, row, values, to)


def _named_alike(units: list[_Unit], to: Exporting) -> Iterator[str]:
    """The tasks of types that `task` declares whose first choice of a name in Otter another has too."""
    first: dict[str, list[ResolvedTask]] = {}
    for unit in units:
        for task in unit.spread:
            base = task.type if unit.as_is is not None else to.base(task.type)
            name = task.name if base == task.type else renamed(task.name, base, task.type)[0]
            first.setdefault(name, []).append(task)
    labels = {label for unit in units for task in unit.tasks for label in task.groups}
    for name, tasks in first.items():
        if len(tasks) > 1 or name in labels:
            yield from (task.name for task in tasks if task.name != name)


def _stored(task: ResolvedTask, to: Exporting) -> Iterator[str]:
    """The names under which a task may store something."""
    yield task.name
    for each in task.assignments:
        if not isinstance(each, Subtasks) and each.name in to.types[task.type].keys and isinstance(each.value, str):
            yield each.value


# ---------------------------------------------------------------- entries


def _entries(units: list[_Unit], absent: Collection[str], to: Exporting) -> list[dict[str, Plain]]:
    called = [
        (task.name, task.groups, to.base(task.type), task.type) for unit in units if unit.as_is is None and unit.loop is None for task in unit.spread
    ]
    of_loops = [(task.name, (), to.base(task.type), task.type) for unit in units if unit.loop is not None for task in unit.spread]
    as_they_were = [(task.name, (), task.type, task.type) for unit in units if unit.as_is is not None for task in unit.spread]
    used = {str(unit.as_is["name"]) for unit in units if unit.as_is is not None} | {name for name, *_ in (*called, *of_loops, *as_they_were)}
    groups: dict[str, tuple[str, ...]] = {}
    explodes: dict[int, str] = {}
    for index, unit in enumerate(units):
        if unit.as_is is not None and isinstance(unit.node, ast.For):
            # A task of the step can wait for a turn only by waiting for all of them.
            groups |= {name: (str(unit.as_is["name"]),) for task in unit.spread for name in (task.name, *task.groups)}
        elif unit.loop is not None:
            explodes[index] = unused(unit.loop.called(), used)
            used.add(explodes[index])
            if unit.loop.label is not None:
                groups[unit.loop.label] = (explodes[index],)
    names = naming([*called, *of_loops, *as_they_were], [*explodes.values(), *groups], groups, absent=absent)
    made_late = {name for name, *_ in of_loops}
    return [entry for index, unit in enumerate(units) for entry in _of_unit(unit, explodes.get(index, ""), made_late, names, to)]


def _of_unit(unit: _Unit, name: str, made_late: Collection[str], names: Naming, to: Exporting) -> Iterator[dict[str, Plain]]:
    if unit.as_is is not None:
        yield unit.as_is
        return
    for task in unit.spread:
        check_inputs(task, to)
    if unit.loop is not None:
        yield explode_entry(unit.loop, name, unit.spread, made_late, names, to)
    else:
        for task in unit.spread:
            yield entry(task, Place(), names, (), to)


# ---------------------------------------------------------------- what stays unsaid


def _unsaid(step: str, unit: _Unit) -> Iterator[Unsaid]:
    said = _required(unit.as_is or {})
    for task in unit.tasks:
        yield from _of_task(step, task, said)


def _of_task(step: str, task: ResolvedTask, said: frozenset[str]) -> Iterator[Unsaid]:
    for edge in task.after:
        if edge.reason != "requires" and edge.target not in said:
            yield Unsaid(step, task.name, edge)
    for each in task.assignments:
        if isinstance(each, Subtasks):
            for inner in each.tasks:
                yield from _of_task(step, inner, said)


def _required(entry: Mapping[str, Plain]) -> frozenset[str]:
    """All that an entry requires, within it too."""
    found = set[str]()
    for key, value in entry.items():
        if key == "requires" and isinstance(value, list):
            found.update(str(each) for each in value)
        elif isinstance(value, list):
            found.update(name for each in value if isinstance(each, Mapping) for name in _required(each))
    return frozenset(found)

"""Loops as Otter's `explode`, where that does the same. In: a loop and its tasks. Out: an `Exploded` and its entry, None for one to be spread.

Otter makes the tasks of an `explode` while it runs: nothing else of the step may name one of them, they have what is stored filled in before they are
made, and the items are texts. What is absent: loops that are spread, whose turns are tasks like any other.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from otterdsl.compiler.analysis.program import ResolvedTask, Subtasks
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import Value, placeholder, placeholders, unescape
from otterdsl.convert.emit import Plain
from otterdsl.convert.export_names import Naming
from otterdsl.convert.export_tasks import Exporting, entry, in_turn, references
from otterdsl.convert.export_texts import NAME, Place
from otterdsl.convert.export_written import EACH


@dataclass(frozen=True, slots=True)
class Exploded:
    """A loop that Otter's `explode` can do: its variable, the one that it has there, its items and its tasks."""

    loop: ast.For
    variable: str
    exported: str
    items: tuple[str, ...]
    tasks: tuple[ResolvedTask, ...]

    @property
    def label(self) -> str | None:
        """The label of the loop."""
        return self.tasks[0].groups[0] if self.tasks[0].groups else None

    def called(self) -> tuple[str, ...]:
        """The names that it might have, the best first."""
        if self.label is not None:
            return (f"explode {self.label}", f"explode loop {self.label}")
        return (f"explode {self.variable} of {self.tasks[0].type}",)


def exploded(loop: ast.For, tasks: tuple[ResolvedTask, ...], taken: Collection[str], to: Exporting) -> Exploded | None:
    """The loop as an `explode`, as far as it alone decides. `taken` are names that have a value in the scratchpad, or may get one."""
    items = tasks[0].loops[0].items if tasks and len(tasks[0].loops) == 1 else ()
    if not isinstance(items, tuple) or not items:
        return None
    texts = tuple(item for item in items if isinstance(item, str) and "$" not in item)
    if len(texts) < len(items) or not all(_fits(task) for task in tasks):
        return None
    label = tasks[0].groups[0] if tasks[0].groups else "x"
    variable = tasks[0].loops[0].variable
    names = (variable, EACH, "item", "entry")
    exported = next((name for name in names if NAME.fullmatch(name) and name not in taken), None)
    if exported is None or "$" in label or not label.strip():
        return None
    return Exploded(loop, variable, exported, texts, tasks)


def _fits(task: ResolvedTask) -> bool:
    """Whether a task may stand in an `explode`: in one loop, without an `if`, with its label, making no tasks, and nothing is left to itself."""
    if len(task.loops) != 1 or task.when is not None or " " not in task.name:
        return False
    for each in task.assignments:
        if isinstance(each, Subtasks) or each.name == "scratchpad_ignore_missing" or _keyed(each.value, task.loops[0].variable):
            return False
    return True


def _keyed(value: Value, variable: str) -> bool:
    """Whether the variable stands in a key of a map, where Otter fills nothing in."""
    match value:
        case tuple():
            return any(_keyed(item, variable) for item in value)
        case Mapping():
            return any(variable in placeholders(key) for key in value) or any(_keyed(item, variable) for item in value.values())
        case _:
            return False


def names_itself(loop: Exploded, made: Mapping[str, object], to: Exporting) -> bool:
    """Whether a task of the loop names what one of its turns stores. `made` are the names of all turns."""
    place = Place(1, {loop.variable: 1})
    return any(target in made for task in loop.tasks for target in references(task, place, to))


def explode_entry(loop: Exploded, name: str, naming: Naming, to: Exporting) -> dict[str, Plain]:
    """The entry of an `explode`. Reports: OT604."""
    templates = [in_turn(replace(task, loops=()), {loop.variable: placeholder(loop.exported)}, to) for task in loop.tasks]
    place = Place(1, {loop.exported: 1})
    own = naming.within([(task.name, (), to.base(task.type), task.type) for task in templates])
    lifted = dict.fromkeys(_lifted(templates, place, own, to))
    before = dict.fromkeys(target for each in lifted for target in naming.targets(each))
    made: dict[str, Plain] = {"name": unescape(name)}
    if before:
        made["requires"] = [unescape(each) for each in before]
    made["foreach"] = list(loop.items)
    if loop.exported != EACH:
        made["each_placeholder"] = loop.exported
    tasks = [replace(task, after=tuple(edge for edge in task.after if edge.target not in lifted)) for task in templates]
    made["do"] = [entry(task, place, own, (), to) for task in tasks]
    return made


def _lifted(tasks: list[ResolvedTask], place: Place, own: Naming, to: Exporting) -> Iterator[str]:
    """What the `explode` itself requires: what all of its tasks do, and those that store what a task of it names."""
    for edge in tasks[0].after:
        of_all = all(any(other.target == edge.target for other in task.after) for task in tasks)
        if of_all and edge.target not in own.own and not any(placeholders(edge.target)):
            yield edge.target
    for task in tasks:
        yield from references(task, place, to)

"""Loops as Otter's `explode`, where that does the same. In: a loop and its tasks. Out: an `Exploded` and its entry, None for one to be spread.

Otter makes the tasks of an `explode` while it runs: no task that the step itself lists may require one of them, though tasks made by another
`explode` may; they have what is stored filled in before they are made, and the items are texts. What is absent: loops that are spread, whose turns
are tasks like any other.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from otterdsl.compiler.analysis.program import Edge, ResolvedTask, Subtasks
from otterdsl.compiler.analysis.scope import ABSENT
from otterdsl.compiler.analysis.turns import filled
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import Value, placeholder, placeholders, to_text, unescape
from otterdsl.convert.emit import Plain
from otterdsl.convert.export_names import Naming
from otterdsl.convert.export_tasks import Exporting, entry, in_turn, references, required
from otterdsl.convert.export_texts import NAME, Place, Unsayable
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


def waits_for_more(turns: tuple[ResolvedTask, ...], to: Exporting) -> bool:
    """Whether a turn names what is stored: the `explode` waits for that, and so all turns do."""
    return any(references(task, Place(1), to) for task in turns)


def explode_entry(
    loop: Exploded, name: str, spread: tuple[ResolvedTask, ...], made_late: Collection[str], naming: Naming, to: Exporting
) -> dict[str, Plain]:
    """The entry of an `explode`. `spread` are its turns, `made_late` the names of the turns of all that are an `explode`. Reports: OT604."""
    templates = [in_turn(replace(task, loops=()), {loop.variable: placeholder(loop.exported)}, to) for task in loop.tasks]
    place = Place(1, {loop.exported: 1})
    called = [(task.name, (), to.base(task.type), task.type) for task in templates]
    names = naming.within(called)
    shared = {edge.target: edge for edge in _shared(templates, names, made_late)}
    awaited = {target for task in templates for target in references(task, place, to)}
    stored = {edge.target: edge for task in spread for edge in task.after if edge.target in references(task, place, to)}
    before = dict.fromkeys(required({**shared, **stored}.values(), naming, to))
    made: dict[str, Plain] = {"name": unescape(name)}
    if before:
        made["requires"] = [unescape(each) for each in before]
    made["foreach"] = list(loop.items)
    if loop.exported != EACH:
        made["each_placeholder"] = loop.exported
    tasks = [
        replace(task, after=tuple(edge for edge in task.after if edge.target not in shared and edge.target not in awaited)) for task in templates
    ]
    inside = naming.within(called, dict(_by_turns(tasks, loop, names, to)))
    made["do"] = [entry(task, place, inside, (), to) for task in tasks]
    return made


def _shared(tasks: list[ResolvedTask], own: Naming, made_late: Collection[str]) -> Iterator[Edge]:
    """What all tasks of an `explode` wait for, and so it may itself: what the step lists."""
    for edge in tasks[0].after:
        of_all = all(any(other.target == edge.target for other in task.after) for task in tasks)
        if of_all and edge.target not in own.own and edge.target not in made_late and not any(placeholders(edge.target)):
            yield edge


def _by_turns(tasks: list[ResolvedTask], loop: Exploded, own: Naming, to: Exporting) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What the tasks of a loop wait for turn by turn outside it, as the YAML names it. Reports: OT604, where one name does not do for all turns."""
    for edge in (edge for task in tasks for edge in task.after):
        if edge.target in own.own or loop.exported not in placeholders(edge.target):
            continue
        kind, _, label = edge.target.partition(" ")
        candidates = (edge.target, f"{to.base(kind)} {label}" if kind in to.types else edge.target)
        try:
            found = [own.targets(_in_turn(edge.target, loop, item)) for item in loop.items]
        except Unsayable as reason:
            to.refuse(edge.span, reason.message, mend=reason.mend)
            found = [()]
        fits = (each for each in candidates if all(names == (_in_turn(each, loop, item),) for names, item in zip(found, loop.items, strict=False)))
        name = next(fits, None)
        if name is None and any(found):
            to.refuse(
                edge.span, f"what `{unescape(edge.target)}` is in each turn has no one name in Otter", mend="require the whole loop by its label"
            )
        yield edge.target, (name,) if name is not None else ()


def _in_turn(text: str, loop: Exploded, item: str) -> str:
    return to_text(filled(f" {text}", lambda name: item if name == loop.exported else ABSENT))[1:]

"""The graph of a Program: a node for each task statement and loop with a label, an edge for each thing waited for, with the reason for it.

In: a Program. Out: a `Graph`, plain values with spans. A loop's turns are one node, so that the graph grows with the text and not with the fan-out;
only its names are known turn by turn. What is absent: drawing, and what a run does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from otterdsl.compiler.analysis.program import Loop, Program, ResolvedStep, ResolvedTask, Subtasks
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.values.condition import Condition, Item
from otterdsl.compiler.values.value import Value, to_text, unescape

MOST_TURNS: Final = 1_000_000
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that a statement waits for: its name as the statement has it, the nodes that it stands for, why, and where that is said."""

    target: str
    nodes: tuple[int, ...]
    reason: Literal["requires", "reference", "data"]
    span: Span


@dataclass(frozen=True, slots=True)
class Node:
    """A task statement. `turns` is how many tasks it makes at most, None where only a run knows; `inner` are the names of the tasks within it."""

    name: str
    type: str
    loops: tuple[Loop, ...]
    turns: int | None
    when: Condition | None
    groups: tuple[str, ...]
    links: tuple[Link, ...]
    inner: tuple[str, ...]
    span: Span
    name_span: Span


@dataclass(frozen=True, slots=True)
class StepGraph:
    """A step: the steps before it, its nodes in the order of the text, and for each label of a loop the nodes in it."""

    name: str
    requires: tuple[str, ...]
    nodes: tuple[Node, ...]
    groups: Mapping[str, tuple[int, ...]]
    names: Mapping[str, tuple[int, Row | None]]
    span: Span

    def followers(self, number: int) -> Iterator[tuple[Node, Link]]:
        """The statements that wait for a node, each with the link that says so."""
        for node in self.nodes:
            for link in node.links:
                if number in link.nodes:
                    yield node, link


@dataclass(frozen=True, slots=True)
class Graph:
    """A pipeline's steps, in the order of the text."""

    pipeline: str
    steps: tuple[StepGraph, ...]


def build_graph(program: Program) -> Graph:
    """The graph of a Program."""
    return Graph(program.name, tuple(_step(step) for step in program.steps))


def turn_rows(loops: tuple[Loop, ...]) -> list[Row] | None:
    """What the loops' variables are in each turn; None where only a run knows, or there are too many to look at."""
    rows: list[Row] = [()]
    for position, loop in enumerate(loops):
        outer = tuple(each.variable for each in loops[:position])
        found: list[Row] = []
        for row in rows:
            items = row_lookup(outer, row)(loop.items.path) if isinstance(loop.items, Item) else loop.items
            if not isinstance(items, tuple):
                return None
            found += [(*row, item) for item in items]
            if len(found) > MOST_TURNS:
                return None
        rows = found
    return rows


def turn_text(text: str, node: Node, row: Row | None) -> str:
    """A name of a statement as it is in one of its turns, as people read it."""
    if row is None:
        return unescape(text)
    return unescape(to_text(filled(text, row_lookup(tuple(loop.variable for loop in node.loops), row))))


def _step(step: ResolvedStep) -> StepGraph:
    rows = [turn_rows(task.loops) for task in step.tasks]
    names: dict[str, tuple[int, Row | None]] = {}
    groups: dict[str, list[int]] = {}
    for number, (task, turns) in enumerate(zip(step.tasks, rows, strict=True)):
        names.setdefault(task.name, (number, None))
        for row in turns if turns is not None and task.loops else ():
            name = to_text(filled(task.name, row_lookup(tuple(loop.variable for loop in task.loops), row)))
            names.setdefault(name, (number, row))
        for label in task.groups:
            groups.setdefault(label, []).append(number)
    made: dict[str, int] = {}
    for number, task in enumerate(step.tasks):
        for name in _inner(task):
            made.setdefault(name, number)

    def nodes_of(target: str) -> tuple[int, ...]:
        if unescape(target) in groups:
            return tuple(dict.fromkeys(groups[unescape(target)]))
        found = names.get(target) or names.get(unescape(target))
        if found is not None:
            return (found[0],)
        return (made[target],) if target in made else ()

    nodes = tuple(
        Node(
            task.name,
            task.type,
            task.loops,
            None if turns is None else len(turns),
            task.when,
            task.groups,
            tuple(Link(edge.target, nodes_of(edge.target), edge.reason, edge.span) for edge in task.after),
            tuple(_inner(task)),
            task.span,
            task.name_span,
        )
        for task, turns in zip(step.tasks, rows, strict=True)
    )
    return StepGraph(step.name, step.requires, nodes, {label: tuple(dict.fromkeys(of)) for label, of in groups.items()}, names, step.span)


def _inner(task: ResolvedTask) -> Iterator[str]:
    for each in task.assignments:
        if isinstance(each, Subtasks):
            for sub in each.tasks:
                yield sub.name
                yield from _inner(sub)

"""A step with open loops comes to the same tasks, in an order that keeps the same edges, as one whose loops are constant."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from otterdsl.runtime import Compare, Item, Lines, Not, Param, Spec, Task
from otterdsl.runtime.step.model import node_of
from otterdsl.runtime.step.schedule import Schedule
from otterdsl.runtime.task.open_loops import Entry, go_on
from otterdsl.runtime.task.spread import spread

OUTER = ("x", "y")
CONSTANTS = ("p", "q")
CONDITIONS = (
    True,
    Param("on"),
    Not(Param("on")),
    Compare(Item("a"), "==", "x"),
    Not(Compare(Item("a"), "==", "x")),
    Compare(Item("b"), "!=", "1"),
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One of a step: how deep it is in the loops, its condition, the earlier ones that it requires, whether there is an `else` too."""

    number: int
    depth: int
    condition: Any
    requires: tuple[int, ...]
    has_else: bool

    @property
    def name(self) -> str:
        return " ".join((f"s{self.number}", *("${a}", "${c}", "${b}")[: self.depth]))


@st.composite
def steps(draw: st.DrawFn) -> list[Statement]:
    made: list[Statement] = []
    for number in range(draw(st.integers(1, 5))):
        depth = draw(st.integers(0, 3))
        conditions = [each for each in CONDITIONS if not (depth < 1 and "'a'" in repr(each)) and not (depth < 3 and "'b'" in repr(each))]
        requires = draw(st.lists(st.sampled_from(range(number)), max_size=2, unique=True)) if number else []
        made.append(Statement(number, depth, draw(st.sampled_from(conditions)), tuple(requires), draw(st.booleans())))
    return made


def classes(step: list[Statement], loops: tuple[Any, Any, Any]) -> list[type[Task]]:
    """The statements as classes, those of one name beside each other."""
    found = []
    for each in step:
        requires = [name for number in each.requires for name in as_required(step[number], each.depth)]
        for_each = dict(zip(("a", "c", "b"), loops[: each.depth], strict=False))
        conditions = [each.condition, Not(each.condition)] if each.has_else else [each.condition]
        spec = Spec(name=each.name, requires=requires)
        found += [type("Statement", (Task,), {"spec": spec, "for_each": for_each, "when": when, "group": f"g{each.number}"}) for when in conditions]
    return found


def as_required(of: Statement, depth: int) -> list[str]:
    """A statement as one that is so deep requires it: turn by turn where both are in a loop, by what it is called where it alone is.

    Of those whose number is odd only the first turn of the constant loop is required.
    """
    constants = ["${c}"] if depth > 1 else CONSTANTS[:1] if of.number % 2 else CONSTANTS
    parts = [("${a}" if depth > 0 else "$${a}", each, "${b}" if depth > 2 else "$${b}") for each in constants]
    return list(dict.fromkeys(" ".join((f"s{of.number}", *each[: of.depth])) for each in parts))


def run(schedule: Schedule, entries: Mapping[str, Entry], inner: Mapping[str, tuple[str, ...]], chance: random.Random) -> list[str]:
    """Run a schedule, what is ready in any order. Gives the tasks in the order in which they started."""
    known = dict(entries)
    ready: list[str] = []
    order: list[str] = []
    while schedule.has_ready or ready:
        while schedule.has_ready:
            ready.append(schedule.take())
        name = ready.pop(chance.randrange(len(ready)))
        entry = known[name]
        if entry.loop is not None:
            source = entry.loop.source
            items = OUTER if source == Lines("outer") else inner[source.path]  # type: ignore[union-attr]  # all are lines
            turns, absent = go_on(entry, items)
            schedule.add(map(node_of, turns), name, absent)
            known.update((turn.name, turn) for turn in turns)
        else:
            order.append(name)
        schedule.finish(name)
    assert schedule.left == 0, schedule.explain()
    return order


@settings(deadline=None, max_examples=150)
@given(steps(), st.booleans(), st.integers(0, 3), st.integers(0, 3), st.randoms(use_true_random=False))
def test_open_loops_do_what_constant_ones_do(step: list[Statement], on: bool, xs: int, ys: int, chance: random.Random) -> None:
    inner = {"x": tuple(map(str, range(xs))), "y": tuple(map(str, range(ys)))}
    params = {"on": on}
    listed = classes(step, (Lines("outer"), CONSTANTS, Lines("${a}")))
    chance.shuffle(listed)
    found = spread(listed, params)
    schedule = Schedule(absent=found.absent, groups=found.groups)
    schedule.add(map(node_of, found.entries))
    order = run(schedule, {entry.name: entry for entry in found.entries}, inner, chance)
    expected = turns_of(step, inner, on)
    assert sorted(order) == sorted(expected)
    at = {name: number for number, name in enumerate(order)}
    for name, requires in expected.items():
        assert all(at[other] < at[name] for other in requires if other in at), (name, order)


def turns_of(step: list[Statement], inner: Mapping[str, tuple[str, ...]], on: bool) -> dict[str, list[str]]:
    """Each task that there has to be, and what it requires, worked out turn by turn."""
    rows: dict[int, list[tuple[str, ...]]] = {0: [()], 1: [(a,) for a in OUTER], 2: [(a, c) for a in OUTER for c in CONSTANTS]}
    rows[3] = [(a, c, b) for a, c in rows[2] for b in inner[a]]

    def name(of: Statement, row: tuple[str, ...]) -> str:
        return " ".join((f"s{of.number}", *row))

    def kept(of: Statement, row: tuple[str, ...]) -> bool:
        values = dict(zip(("a", "c", "b"), row, strict=False))
        found = {repr(CONDITIONS[0]): True, repr(CONDITIONS[1]): on, repr(CONDITIONS[2]): not on}
        found |= {
            repr(CONDITIONS[3]): values.get("a") == "x",
            repr(CONDITIONS[4]): values.get("a") != "x",
            repr(CONDITIONS[5]): values.get("b") != "1",
        }
        return of.has_else or found[repr(of.condition)]

    return {
        name(each, row): [
            name(step[number], other)
            for number in each.requires
            for other in rows[step[number].depth]
            if other[: min(len(row), len(other))] == row[: min(len(row), len(other))]
            if len(row) > 1 or number % 2 == 0 or len(other) < 2 or other[1] == CONSTANTS[0]
        ]
        for each in step
        for row in rows[each.depth]
        if kept(each, row)
    }

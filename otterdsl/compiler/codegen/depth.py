"""How deeply the brackets of a generated statement nest. In: a planned step. Out: a number; Python reads no more than 200."""

from collections.abc import Mapping

from otterdsl.compiler.plan.model import PlannedStep, PlannedTask
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Not
from otterdsl.compiler.values.value import Value


def depth_of_step(step: PlannedStep) -> int:
    """The most brackets that are open at once in a step's module."""
    return max(map(_task, step.tasks), default=0)


def _task(task: PlannedTask) -> int:
    loops = [2 + depth_of_value(loop.items) for loop in task.loops if isinstance(loop.items, tuple)]
    values = [1 + (1 if isinstance(value, str) else depth_of_value(value)) for value in task.spec.values()]
    # A task within a task stands in the list of its field, its own call and, in a loop, a `Spread`.
    inner = [3 + _task(each) for tasks in task.subtasks.values() for each in tasks]
    return 2 + max(*loops, *values, *inner, _condition(task.when), 0)


def depth_of_value(value: Value) -> int:
    """The most brackets that are open at once in a value."""
    deepest, level, items = 0, 0, [value]
    while items:
        # Level by level, not by recursion: this is what finds values too deep to recurse into.
        items = [each for item in items for each in (item.values() if isinstance(item, Mapping) else item if isinstance(item, tuple) else ())]
        level += 1
        deepest = level
    return deepest


def _condition(condition: Condition | None) -> int:
    match condition:
        case None:
            return 0
        case Constant(value):
            return depth_of_value(value)
        case Compare(left, _, right):
            return 1 + max(_condition(left), _condition(right))
        case Not(inner):
            return 1 + _condition(inner)
        case AllOf(inners) | AnyOf(inners):
            return 1 + max(map(_condition, inners), default=0)
        case _:
            return 1

"""Nodes that wait for each other in a circle, which no run could ever get through.

In: nodes that were just added. Out: nothing, or a StepInvalidError that draws the circle.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from otterdsl.runtime.step.node import Tracked
from otterdsl.runtime.util.errors import StepInvalidError

_DRAWN: Final = 6  # how many nodes are named at each end of a long circle


def refuse_cycle(nodes: Iterable[Tracked]) -> None:
    """Walk what the new nodes wait for, depth first. Raises: StepInvalidError, with the path of a cycle.

    A node that is on the path is met again: that is a cycle. One that was left is fine, and is not walked twice.
    """
    left: set[Tracked] = set()
    for start in nodes:
        if start in left:
            continue
        path: dict[Tracked, Iterator[Tracked]] = {start: iter(start.waits())}
        while path:
            last = next(reversed(path))
            following = next(path[last], None)
            if following is None:
                left.add(last)
                del path[last]
            elif following in path:
                raise StepInvalidError(f"the tasks wait for each other in a circle: {_drawn(list(path), following)}")
            elif following not in left:
                path[following] = iter(following.waits())


def _drawn(path: list[Tracked], start: Tracked) -> str:
    names = [node.title for node in path[path.index(start) :]]
    # A loop's statement is there as a group of that name too.
    circle = [name for index, name in enumerate(names) if index == 0 or name != names[index - 1]]
    circle.append(circle[0])
    if len(circle) > 2 * _DRAWN:
        return f"{_arrows(circle[:_DRAWN])} → … → {_arrows(circle[-_DRAWN:])}"
    return _arrows(circle)


def _arrows(circle: Iterable[str]) -> str:
    return " → ".join(f"`{name}`" for name in circle)

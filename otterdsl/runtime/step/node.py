"""What a schedule is made of: nodes as they are added, and as they are kept.

What is absent: when a node may run, which is the schedule's.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias, Union

Required: TypeAlias = Union[str, tuple[str, ...]]
"""The name of a task or group that is required. A turn of a loop that only a run can spread is a tuple: last its own name, before it what its
statement is called, the loops around filled in one by one. It need not come, where a condition has left it out."""


class Progress(Enum):
    """How far a node is."""

    WAITING = "waiting"
    READY = "ready"
    STARTED = "started"
    FINISHED = "finished"
    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"


class Node(NamedTuple):
    """A task to add: what it requires (tasks and groups), the groups that it is in, and whether it may add tasks itself.

    `spreads` is for a node that stands for tasks that are yet to be told apart: the names by which turns of it are required. It is no task, and
    `title` is what messages call it.
    """

    name: str
    requires: Sequence[Required] = ()
    groups: Sequence[str] = ()
    may_add: bool = True
    spreads: Sequence[str] = ()
    title: str = ""


class Tracked:
    """A node as it is kept. `missing` counts what it waits for before it is ready, `open_children` what it then waits for to be done."""

    __slots__ = (
        "children",
        "followers",
        "is_group",
        "may_add",
        "missing",
        "name",
        "open_children",
        "parent",
        "progress",
        "requires",
        "spreads",
        "title",
    )

    def __init__(self, node: Node, parent: "Tracked | None" = None, *, is_group: bool = False) -> None:
        self.name = node.name
        self.title = node.title or node.name
        self.parent = parent
        self.is_group = is_group
        self.may_add = node.may_add and not is_group
        self.spreads = node.spreads
        self.progress = Progress.WAITING
        self.missing = 0
        self.open_children = 0
        self.requires: list[Tracked] = []
        self.followers: list[Tracked] = []
        self.children: list[Tracked] = []

    def waits(self) -> list["Tracked"]:
        """What it still waits for."""
        return [each for each in (*self.requires, *self.children) if each.progress is not Progress.DONE]

    def follow(self, target: "Tracked") -> None:
        """Come after a node, and wait for it if it is not done. Mutates both."""
        self.requires.append(target)
        if target.progress is not Progress.DONE:
            self.missing += 1
            target.followers.append(self)

    def dependents(self) -> list["Tracked"]:
        """What cannot be done without it."""
        return self.followers if self.parent is None else [*self.followers, self.parent]

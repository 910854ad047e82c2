"""A run's progress as numbers. In: events, one by one. Out: for each step how far it is, what runs now, and what failed.

Taking an event costs the same however large the run is; drawing (`progress`) looks at the board a few times a second. Nothing is printed here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ENDS = ("finished", "failed", "skipped", "aborted")


@dataclass(slots=True)
class StepBoard:
    """A step: how many tasks are known of it, and how many ended in which way. `running` maps a task's name to when it started, in seconds."""

    name: str
    known: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    running: dict[str, float] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many tasks have ended, in whatever way."""
        return sum(self.ended.values())

    @property
    def total(self) -> int:
        """How many tasks there are, as far as is known: a task may add others while it runs."""
        return max(self.known, self.done + len(self.running))

    @property
    def failed(self) -> int:
        """How many tasks failed."""
        return self.ended.get("failed", 0)

    @property
    def whole(self) -> bool:
        """Whether nothing is left of it."""
        return self.done >= self.total and not self.running


class Board:
    """The steps of a run, in their order. `take` mutates it."""

    def __init__(self, tasks: Mapping[str, int]) -> None:
        self.steps = {name: StepBoard(name, known) for name, known in tasks.items()}

    def take(self, event: str, step: str, task: str, now: float) -> None:
        """Note that something became of a task."""
        board = self.steps.setdefault(step, StepBoard(step))
        if event == "started":
            board.running[task] = now
        elif event in ENDS:
            board.running.pop(task, None)
            board.ended[event] = board.ended.get(event, 0) + 1

    def longest_running(self, most: int) -> list[tuple[StepBoard, str, float]]:
        """The tasks that have run longest, at most so many: step, name, when it started."""
        everything: Iterable[tuple[StepBoard, str, float]] = (
            (board, task, since) for board in self.steps.values() for task, since in list(board.running.items())
        )
        return sorted(everything, key=lambda each: each[2])[:most]

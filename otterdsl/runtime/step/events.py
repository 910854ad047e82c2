"""What a run tells while it goes on: an event for each task that starts, finishes, fails or is aborted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

EventKind: TypeAlias = Literal["started", "finished", "failed", "aborted"]


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """Something happened to a task."""

    event: EventKind
    step: str
    task: str
    time: datetime
    message: str = ""


OnEvent: TypeAlias = Callable[[TaskEvent], None]

"""What a run tells while it goes on: an event for each task that starts, finishes, fails, is tried again or is aborted."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from otterdsl.runtime.masking import mask

logger = logging.getLogger(__name__)

EventKind: TypeAlias = Literal["started", "finished", "failed", "retried", "aborted"]


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """Something happened to a task. `retried`: an attempt failed, and there will be another one."""

    event: EventKind
    step: str
    task: str
    time: datetime
    message: str = ""


OnEvent: TypeAlias = Callable[[TaskEvent], None]


class Teller:
    """Tells the events of a step to who listens, if anybody does."""

    def __init__(self, step: str, on_event: OnEvent | None) -> None:
        self._step = step
        self._on_event = on_event

    @property
    def has_listener(self) -> bool:
        """Whether anybody listens."""
        return self._on_event is not None

    def tell(self, event: EventKind, task: str, message: str = "") -> None:
        """Tell that something happened to a task. A listener that fails is told nothing more: a run goes on without."""
        if self._on_event is None:
            return
        try:
            self._on_event(TaskEvent(event, self._step, mask(task), datetime.now(UTC), mask(message)))
        except Exception:
            self._on_event = None
            logger.exception("an event of step %s could not be told", self._step)

"""A step of a run: its specs, the tasks built from them, and its record."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from otterdsl.runtime.manifest.model import Result, StepManifest, TaskManifest
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.scratchpad.placeholder import has_placeholder, to_text
from otterdsl.runtime.step.node import Node
from otterdsl.runtime.task.makers import may_add
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.open_loops import Entry
from otterdsl.runtime.task.spread import SpreadStep
from otterdsl.runtime.task.task_reporter import TaskReporter
from otterdsl.runtime.task.turns import MOST_TASKS
from otterdsl.runtime.util.errors import StepInvalidError

logger = logging.getLogger(__name__)


class Step:
    """A step: `specs` to build tasks from, `tasks` as they are built, `manifest` as they come out.

    A compiled step gives its tasks as `entries`, which know their class, groups and what was left out; `places` says where they stand in the
    source: for a class its statement, for a spec without one the task of that name.
    """

    def __init__(
        self, name: str, specs: Sequence[Spec] = (), *, entries: SpreadStep | None = None, places: Mapping[str, object] | None = None
    ) -> None:
        self.name = name
        plain = tuple(Entry(spec.name, tuple(spec.requires), (), spec) for spec in specs)
        self.entries = entries or SpreadStep(plain, frozenset(), frozenset())
        self.specs: list[Spec] = list(specs) or [entry.spec for entry in self.entries.entries]
        self.manifest = StepManifest(name=name)
        self.tasks: dict[str, Task] = {}
        self.places = places or {}
        self._index: dict[str, int] = {}
        self._subtasks: dict[str, list[str]] = {}

    def name_tasks(self, scratchpad: Scratchpad) -> None:
        """Fill in the names of tasks that were given as specs, and what they require, as far as their placeholders have values. Mutates."""
        filled = tuple(_named(entry, scratchpad) for entry in self.entries.entries)
        if filled != self.entries.entries:
            self.entries = SpreadStep(filled, self.entries.absent, self.entries.groups)

    def start(self) -> None:
        """The step begins."""
        self.manifest.started_run_at = datetime.now(UTC)
        logger.debug("step %s started running", self.name)

    def finish(self, result: Result, failure_reason: str | None = None) -> None:
        """The step is over."""
        self.manifest.finished_run_at = datetime.now(UTC)
        self.manifest.result = result
        self.manifest.failure_reason = failure_reason
        for record in self.manifest.tasks:
            self.manifest.artifacts.extend(record.artifacts)
        logger.debug("step %s came out as %s", self.name, result.value)

    def upsert_task_manifest(self, task: TaskReporter) -> None:
        """Put a task's record into the step's, in place of an earlier one of that name. Mutates."""
        self._put(task.manifest)

    def refuse_more(self, count: int) -> None:
        """See that so many tasks may be added. Raises: StepInvalidError."""
        if len(self.specs) + count > MOST_TASKS:
            raise StepInvalidError(f"the step has more than {MOST_TASKS:,} tasks")

    def add_subtasks(self, parent: str, entries: Sequence[Entry]) -> None:
        """Note the tasks that a task or a loop has added. Mutates."""
        self.specs.extend(entry.spec for entry in entries)
        self._subtasks[parent] = [entry.name for entry in entries]

    def arrange(self) -> None:
        """Put the records in the order of the source, each task before those that it added: whichever was the faster. Mutates."""
        place: dict[str, int] = {}
        waiting = [entry.name for entry in reversed(self.entries.entries)]
        while waiting:
            place[name := waiting.pop()] = len(place)
            waiting += reversed(self._subtasks.get(name, ()))
        self.manifest.tasks.sort(key=lambda record: place.get(record.name, len(place)))
        self._index = {record.name: number for number, record in enumerate(self.manifest.tasks)}

    def abort_tasks(self, names: Sequence[str]) -> None:
        """Note that tasks never ran. Mutates."""
        for name in names:
            self._put(TaskManifest(name=name, result=Result.ABORTED))

    def fail_task(self, name: str, reason: str) -> None:
        """Note that a task could not be built. Mutates."""
        self._put(TaskManifest(name=name, result=Result.FAILURE, failure_reason=reason))

    def _put(self, record: TaskManifest) -> None:
        at = self._index.setdefault(record.name, len(self.manifest.tasks))
        if at == len(self.manifest.tasks):
            self.manifest.tasks.append(record)
        else:
            self.manifest.tasks[at] = record

    def place_of(self, spec: Spec, task_class: type[Task] | None) -> object | None:
        """Where the statement that a class was made for stands, or the task that a spec was read from; None where that is not known."""
        return self.places.get(task_class.__name__ if task_class is not None and "spec" in task_class.__dict__ else spec.name)


def node_of(entry: Entry) -> Node:
    """A task as the schedule has it, or what stands for tasks that are yet to be told apart."""
    if entry.loop is None:
        return Node(entry.name, entry.requires, entry.groups, may_add(entry.spec))
    return Node(entry.name, entry.requires, entry.groups, True, entry.loop.spreads, entry.loop.title)


def _named(entry: Entry, scratchpad: Scratchpad) -> Entry:
    if entry.task_class is not None or entry.loop is not None or not has_placeholder([entry.name, *entry.requires]):
        return entry
    name, *requires = (to_text(scratchpad.replace(each, ignore_missing=True)) for each in (entry.name, *entry.requires))
    return entry._replace(name=name, requires=tuple(requires))

"""Keep a task's record up to date while it runs: `TaskReporter`, which every task is, and `report`, which tells it.

A task that goes wrong is a result, not an exception: `report` writes the failure down and gives the task back. What is absent: where a task
runs; `begin` and `settle` are the two halves of `report` for an executor that runs a plain function somewhere else.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import wraps
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final

from otterdsl.runtime.manifest.model import Artifact, Result, TaskManifest
from otterdsl.runtime.masking import mask
from otterdsl.runtime.util.errors import OtterError, TaskAbortedError, TaskRunError
from otterdsl.runtime.util.unclosed import Unclosed, hold_unclosed

if TYPE_CHECKING:
    from otterdsl.runtime.task.model import Task

logger = logging.getLogger(__name__)

_PHASES: Final = frozenset({"run", "validate"})


class TaskReporter:
    """The record of a task, and what may happen to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.manifest = TaskManifest(name=name)
        self._phase: str | None = None
        self._unclosed: Unclosed | None = None

    @property
    def artifacts(self) -> list[Artifact] | None:
        """What the task made."""
        return self.manifest.artifacts

    @artifacts.setter
    def artifacts(self, artifacts: list[Artifact] | None) -> None:
        self.manifest.artifacts = [] if artifacts is None else artifacts

    def start_run(self) -> None:
        """The run begins."""
        self.manifest.started_run_at = datetime.now(UTC)
        logger.debug("task %s started running", self.name)

    def finish_run(self, done: bool = False) -> None:
        """The run is over; with `done`, so is the task."""
        self.manifest.finished_run_at = datetime.now(UTC)
        if done:
            self.manifest.result = Result.SUCCESS
        logger.debug("task %s finished running", self.name)

    def start_validation(self) -> None:
        """The validation begins."""
        self.manifest.started_validation_at = datetime.now(UTC)
        logger.debug("task %s started validation", self.name)

    def finish_validation(self) -> None:
        """The validation is over, and the task with it."""
        self.manifest.finished_validation_at = datetime.now(UTC)
        self.manifest.result = Result.SUCCESS
        logger.debug("task %s finished validation", self.name)

    def abort(self) -> None:
        """The task was stopped because another one failed."""
        self.manifest.result = Result.ABORTED
        self._stop_clock()
        logger.warning("task %s aborted", self.name)

    def fail(self, error: BaseException, where: str) -> None:
        """The task went wrong in `where`."""
        self.manifest.result = Result.FAILURE
        self.manifest.failure_reason = reason_of(error)
        self._stop_clock()
        # A traceback tells who wrote the task where it broke; an error of ours says all there is in its message.
        known = isinstance(error, OtterError)
        logger.error("task %s failed in %s: %s", self.name, where, self.manifest.failure_reason, exc_info=None if known else error)

    def _stop_clock(self) -> None:
        record, now = self.manifest, datetime.now(UTC)
        if record.started_run_at is not None and record.finished_run_at is None:
            record.finished_run_at = now
        if record.started_validation_at is not None and record.finished_validation_at is None:
            record.finished_validation_at = now


def reason_of(error: BaseException) -> str:
    """Why something failed, on its own line: the message, with the kind of error where the message alone says too little; no secrets."""
    text = mask(str(error))
    if isinstance(error, SystemExit):
        return f"it called sys.exit({'' if error.code is None else mask(repr(error.code))})"
    if isinstance(error, OtterError) and text:
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def begin(task: TaskReporter, phase: str) -> None:
    """Note that `run` or `validate` begins."""
    task._phase = phase
    task._unclosed = hold_unclosed()
    if phase == "run":
        task.start_run()
    elif phase == "validate":
        task.start_validation()


def settle(task: "Task", phase: str, result: object, error: BaseException | None) -> None:
    """Note how `run` or `validate` ended: with `error`, or with what it gave back, which must be the task itself."""
    task._phase = None
    if error is None and phase in _PHASES and result is not task:
        given = "nothing" if result is None else f"a {type(result).__name__}"
        error = TaskRunError(f"`{phase}` gave back {given}: it must return the task itself (`return self`)")
    if error is None and task.manifest.artifacts:
        error = _refused_artifact(task.manifest)
    error = _close(task, error)
    if isinstance(error, TaskAbortedError):
        task.abort()
    elif error is not None:
        task.fail(error, phase)
        task.context.abort.set()  # at once, so that nothing new begins before the coordinator hears of it
    elif task.manifest.result is Result.PENDING:
        if phase == "run":
            task.finish_run(done=not task.has_validation())
        elif phase == "validate":
            task.finish_validation()


def cancelled(task: TaskReporter) -> None:
    """Note that `run` or `validate` was cancelled, which is for the coordinator to account for."""
    task._phase = None
    _close(task, TaskAbortedError())


def _close(task: TaskReporter, error: BaseException | None) -> BaseException | None:
    """Put in place what the method left open, or remove it if that went wrong; gives what went wrong."""
    held, task._unclosed = task._unclosed, None
    try:
        left = [] if held is None else held.end(well=error is None)
    except OtterError as failed:
        return failed
    for location in left:
        logger.warning("%s was left open, and is put in place as it was written: close what you open", location)
    return error


def _refused_artifact(record: TaskManifest) -> TaskRunError | None:
    """What is wrong with a task's artifacts, which would keep the whole manifest from being written; they are taken out of the record. Mutates."""
    try:
        for artifact in record.artifacts:
            if not isinstance(artifact, Artifact):
                raise TypeError(f"{artifact!r} is a {type(artifact).__name__}, and no Artifact")
            if type(artifact) is not Artifact:
                artifact.model_dump(mode="json", serialize_as_any=True)
    except Exception as error:  # noqa: BLE001 (how an artifact is written down is its author's)
        record.artifacts = []
        return TaskRunError(f"its artifacts cannot be written down: {error}")
    return None


def report(func: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Decorate `run` or `validate`, async or not, to keep the task's record; what comes out is async.

    An exception becomes the task's failure (TaskAbortedError: its abortion), and the task is returned all the same. Within a method that is
    reported already, such as through `super().run()`, it does nothing.
    """
    phase = getattr(func, "__name__", None)
    if phase is None:
        raise ValueError("a reported function needs a name")

    @wraps(func)
    async def reported(self: "Task", *args: Any, **kwargs: Any) -> Any:
        if self._phase == phase:
            result = func(self, *args, **kwargs)
            return await result if isawaitable(result) else result
        begin(self, phase)
        result, error = None, None
        try:
            result = func(self, *args, **kwargs)
            if isawaitable(result):
                result = await result
        except BaseException as caught:
            # What a task does to itself (sys.exit, Ctrl-C in its own code) is its failure; only being cancelled is the event loop's business.
            if _is_cancellation(caught):
                cancelled(self)
                raise
            error = caught
        settle(self, phase, result, error)
        return self

    reported.plain = None if iscoroutinefunction(func) else func  # type: ignore[attr-defined]  # read by executors: this one may block
    reported.reported = reported  # type: ignore[attr-defined]  # read by executors
    return reported


def _is_cancellation(error: BaseException) -> bool:
    if isinstance(error, Exception):
        return False
    from asyncio import CancelledError

    return isinstance(error, CancelledError)

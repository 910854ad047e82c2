"""Task types with a body: `ShellTask` and `PythonTask`, from the files that a body is given to those that are put in place.

All of it happens within `run`: the body, its checks, then the files; so nothing that is half made or wrong is ever seen. A class may extend one
whose body is of the other kind: the body that is nearest is the one that runs. What is absent: how a script or Python is run (`shell`, `python`).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from otterdsl.runtime.bodies.checks import Check, body_class, checks_of, run_checks
from otterdsl.runtime.bodies.python import run_python
from otterdsl.runtime.bodies.shell import run_shell
from otterdsl.runtime.bodies.workspace import Workspace
from otterdsl.runtime.task.model import Task
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.tasks._transfer import until_abort
from otterdsl.runtime.util.errors import OtterError, TaskRunError


class BodyTask(Task):
    """What the two kinds share."""

    takes_body: ClassVar[bool] = True
    _checked_from: datetime | None = None
    checks: ClassVar[tuple[Check, ...]] = ()

    validate = Task.validate  # a body takes the place of all that the extended type does, its validation among it

    @report
    async def run(self) -> Self:
        """Run the body on files of its own, check what it made, and put that in place."""
        self._checked_from = None
        workspace = Workspace(self.spec, self.context)
        try:
            await until_abort(workspace.open(), self.context.abort)
            await self._run_body(workspace.values)
            if checks_of(type(self)):
                self._begin_checks()
                await until_abort(run_checks(self, workspace.values, workspace.location), self.context.abort)
            self.artifacts = await workspace.commit()
        except OtterError as error:
            error.args = (workspace.named(str(error)),)  # people know a file by its place, not by where it is on the way there
            raise
        finally:
            await workspace.close()
        return self

    def finish_run(self, done: bool = False) -> None:
        """The run is over; what checks took of it is told apart."""
        super().finish_run(done)
        if self._checked_from is not None:
            self.manifest.finished_run_at, self.manifest.finished_validation_at = self._checked_from, self.manifest.finished_run_at

    def _begin_checks(self) -> None:
        self._checked_from = datetime.now(UTC)
        self.manifest.finished_run_at = self.manifest.started_validation_at = self._checked_from

    async def _run_body(self, values: Mapping[str, Any]) -> None:
        written = body_class(type(self))
        if written is None:
            raise TaskRunError(f"`{type(self).__name__}` has no body: it needs a `script` or a `body`")
        if "script" in written.__dict__:
            await until_abort(run_shell(written.__dict__["script"], self._environment(written), values, self.context), self.context.abort)
        else:
            body: Callable[..., Any] = self.body  # type: ignore[attr-defined]  # `body_class` found it
            await run_python(body, values, self.context)

    @staticmethod
    def _environment(written: type) -> Mapping[str, Any]:
        # That of the class itself: a script has no use for what another one, of a type that it extends, was given.
        found: Mapping[str, Any] = written.__dict__.get("environment", {})
        return found


class ShellTask(BodyTask):
    """A task type whose work is a shell script: its lines, and what the variables of its environment hold, in placeholder form.

    The names in these values are fields of the task first, then what the run's scratchpad holds.
    """

    environment: ClassVar[Mapping[str, Any]] = {}
    script: ClassVar[tuple[str, ...]] = ()


class PythonTask(BodyTask):
    """A task type whose work is Python: a method `body`, async or not, which is called with the fields that its parameters name."""

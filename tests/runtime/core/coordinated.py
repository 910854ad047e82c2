"""What tests of the coordinator share: tasks that do nothing, fail, add others, and specs in one line."""

import asyncio
from typing import Any, Self

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_reporter import report


class Noop(Task):
    """Does nothing, well."""

    @report
    async def run(self) -> Self:
        return self


def failing(error: BaseException) -> type[Task]:
    """A class whose tasks raise this."""

    class Failing(Task):
        @report
        async def run(self) -> Self:
            await asyncio.sleep(0.02)
            raise error

    return Failing


def adding(*specs: Spec) -> type[Task]:
    """A class whose tasks add these."""

    class Adding(Task):
        @report
        async def run(self) -> Self:
            self.context.add_specs(specs)
            return self

    return Adding


def spec(name: str, *requires: str, **fields: Any) -> Spec:
    """A spec in one line."""
    return Spec(name=name, requires=list(requires), **fields)


class Remember(Task):
    """Writes what its spec gives it into an artifact."""

    async def run(self) -> Self:
        self.artifacts = [Artifact(source=str((self.spec.model_extra or {})["given"]), destination="x")]
        return self

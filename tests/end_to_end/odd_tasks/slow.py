"""`slow`: writes half a file, waits, and writes the rest."""

import time
from typing import Self

from otterdsl.runtime.storage import StorageHandle
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.util.errors import TaskAbortedError


class SlowSpec(Spec):
    """How long, and which file."""

    seconds: float
    out: str


class Slow(Task):
    """Looks at `abort` while it waits."""

    spec: SlowSpec

    @report
    def run(self) -> Self:
        """Write it."""
        with StorageHandle(self.spec.out, self.context.config).open("w") as file:
            file.write("half")
            until = time.monotonic() + self.spec.seconds
            while time.monotonic() < until:
                if self.context.abort.wait(0.01):
                    raise TaskAbortedError
            file.write("rest")
        return self

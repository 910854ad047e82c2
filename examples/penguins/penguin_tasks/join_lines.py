"""Join lines of a summary to a table."""

import asyncio
import csv
import io
import json
from pathlib import PurePosixPath
from typing import Annotated, Self

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.storage import AsyncStorageHandle
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Input, Output
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.util.errors import TaskRunError
from otterdsl.runtime.validators.file import async_exists


class JoinLinesSpec(Spec):
    """A glob of lines, and where the table goes."""

    source: Annotated[str, Input]
    destination: Annotated[str, Output]


class JoinLines(Task):
    """Read the lines at once, as waiting is all there is to it, and write them in the order of their names."""

    spec: JoinLinesSpec

    @report
    async def run(self) -> Self:
        """Write the table."""
        where = PurePosixPath(self.spec.source)
        paths = await AsyncStorageHandle(str(where.parent), config=self.context.config).glob(where.name)
        if not paths:
            raise TaskRunError(f"nothing matches {self.spec.source}")
        texts = await asyncio.gather(*(AsyncStorageHandle(path, config=self.context.config).read_text() for path in sorted(paths)))
        lines = [json.loads(text) for text, _ in texts]
        out = io.StringIO()
        table = csv.DictWriter(out, fieldnames=list(lines[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(lines)
        destination = AsyncStorageHandle(self.spec.destination, config=self.context.config)
        await destination.write_text(out.getvalue())
        self.artifacts = [Artifact(source=sorted(paths), destination=destination.absolute)]
        return self

    @report
    async def validate(self) -> Self:
        """See that the table is there."""
        await async_exists(self.spec.destination, config=self.context.config)
        return self

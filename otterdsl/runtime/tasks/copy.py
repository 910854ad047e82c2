"""`copy`: one file, from wherever it is, into the release."""

import logging
from typing import Annotated, Any, Self

from otterdsl.runtime.storage import AsyncStorageHandle
from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.task.model import Spec, Task, TaskContext
from otterdsl.runtime.task.roles import Input, Output
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.tasks._transfer import copied, until_abort
from otterdsl.runtime.util.errors import TaskValidationError
from otterdsl.runtime.validators import file

logger = logging.getLogger(__name__)


class CopySpec(Spec):
    """What `copy` takes."""

    source: Annotated[str, Input]
    """The file to copy: an http(s) URL, a path, or a `file://` URI. A relative path lies under the release root."""

    destination: Annotated[str, Output]
    """Where the copy goes, relative to the release root."""

    settings: dict[str, Any] | None = None
    """What the store of the source is told besides the address, for stores that take something: files and http(s) take nothing."""


class Copy(Task):
    """Copy a file into the release.

    The copy is written beside its place and moved there when it is complete.
    """

    spec: CopySpec

    def __init__(self, spec: CopySpec, context: TaskContext) -> None:
        super().__init__(spec, context)
        self._size: int | None = None

    @report
    async def run(self) -> Self:
        """Copy the file."""
        source = AsyncStorageHandle(self.spec.source, self.context.config)
        destination = AsyncStorageHandle(self.spec.destination, self.context.config)
        artifact, self._size = await until_abort(copied(source, destination), self.context.abort)
        self.artifacts = [artifact]
        logger.info("copied %s to %s", shown(self.spec.source), shown(self.spec.destination))
        return self

    @report
    async def validate(self) -> Self:
        """Check that the copy is there, with as many bytes as were copied."""
        config = self.context.config
        await file.async_exists(self.spec.destination, config)
        if self._size is None:
            await file.async_size(self.spec.source, self.spec.destination, config)
            return self
        # What was received is known to be whole; asking the server again could only be answered by another version.
        found = (await AsyncStorageHandle(self.spec.destination, config).stat()).size
        if found != self._size:
            raise TaskValidationError(f"`{shown(self.spec.destination)}` holds {found} bytes, but {self._size} were copied")
        return self

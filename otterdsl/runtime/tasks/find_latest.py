"""`find_latest`: the file that was modified last, among those in a folder or those that a glob matches."""

import logging
from typing import Annotated, Self

from otterdsl.runtime.storage import AsyncStorageHandle
from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.place import split_glob
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Input, Key
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.util.errors import NotFoundError

logger = logging.getLogger(__name__)


class FindLatestSpec(Spec):
    """What `find_latest` takes."""

    source: Annotated[str, Input]
    """A folder, or a glob. A relative one lies under the release root."""

    scratchpad_key: Annotated[str, Key] | None = None
    """The scratchpad key that the file's location is stored under; none: the task's name."""


class FindLatest(Task):
    """Find the file that was modified last, and store its location in the scratchpad.

    Of files with one modification time, the last by name counts.
    """

    spec: FindLatestSpec

    @report
    async def run(self) -> Self:
        """Look at each file, and store the latest."""
        latest: tuple[float, str] | None = None
        for location in await self._locations():
            found = await AsyncStorageHandle(location, self.context.config).stat()
            if found.mtime is not None:
                latest = max(latest or (found.mtime, location), (found.mtime, location))
        if latest is None:
            raise NotFoundError(f"no file matches `{shown(self.spec.source)}`")
        logger.info("the latest of %s is %s", shown(self.spec.source), shown(latest[1]))
        self.context.scratchpad.store(self.spec.scratchpad_key or self.spec.name, latest[1])
        return self

    async def _locations(self) -> list[str]:
        folder, pattern = split_glob(self.spec.source)
        return await AsyncStorageHandle(folder, self.context.config).glob(pattern or "*")

"""`copy_many`: many files, several at a time, into one folder of the release."""

import logging
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.storage import AsyncStorageHandle
from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.place import file_name, split_glob
from otterdsl.runtime.task.model import Spec, Task, TaskContext
from otterdsl.runtime.task.roles import Input, Into
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.tasks._transfer import copied, until_abort
from otterdsl.runtime.util.errors import NotFoundError, TaskRunError, TaskValidationError

logger = logging.getLogger(__name__)


class CopyManySpec(Spec):
    """What `copy_many` takes: `sources`, or the file that lists them."""

    sources: list[Annotated[str, Input]] | Annotated[str, Input] | None = None
    """The files to copy: a list of locations, or one location, which may be a glob."""

    source_list_file: Annotated[str, Input] | None = None
    """A text file with a location on each line, in place of `sources`."""

    destination: Annotated[str, Into]
    """The folder that the copies go into, each under its source's name, relative to the release root."""

    max_concurrency: Annotated[int, Field(ge=1)] = 10
    """How many files are copied at the same time."""

    settings: dict[str, Any] | None = None
    """What the store of the sources is told besides the address, for stores that take something: files and http(s) take nothing."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.sources is None) == (self.source_list_file is None):
            raise ValueError("one of `sources` and `source_list_file` must be given, and only one")
        return self


class CopyMany(Task):
    """Copy many files into a folder of the release.

    Two files of one name are refused, and so is a glob that matches nothing. When one copy fails, the others stop.
    """

    spec: CopyManySpec

    def __init__(self, spec: CopyManySpec, context: TaskContext) -> None:
        super().__init__(spec, context)
        self._sizes: dict[str, int | None] = {}

    @report
    async def run(self) -> Self:
        """Find the files, and copy them."""
        await until_abort(self._copy_all(), self.context.abort)
        return self

    @report
    async def validate(self) -> Self:
        """Check that the copies are there, each with as many bytes as were copied."""
        for destination, size in self._sizes.items():
            try:
                found = (await AsyncStorageHandle(destination, self.context.config).stat()).size
            except NotFoundError as error:
                raise TaskValidationError(str(error)) from error
            if found != size:
                raise TaskValidationError(f"`{shown(destination)}` holds {found} bytes, but {size} were copied")
        return self

    async def _copy_all(self) -> None:
        from asyncio import TaskGroup

        pairs = self._pairs(await self._sources())
        artifacts: list[Artifact | None] = [None] * len(pairs)
        waiting = iter(enumerate(pairs))

        async def copy_some(waiting: Iterator[tuple[int, tuple[AsyncStorageHandle, AsyncStorageHandle]]]) -> None:
            for index, (source, destination) in waiting:
                artifacts[index], self._sizes[destination.absolute] = await copied(source, destination)

        try:
            async with TaskGroup() as group:
                for _ in range(min(self.spec.max_concurrency, len(pairs))):
                    group.create_task(copy_some(waiting))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        self.artifacts = [artifact for artifact in artifacts if artifact is not None]
        logger.info("copied %d files to %s", len(pairs), shown(self.spec.destination))

    async def _sources(self) -> list[str]:
        config = self.context.config
        if self.spec.source_list_file is not None:
            text, _ = await AsyncStorageHandle(self.spec.source_list_file, config).read_text()
            return [line.strip() for line in text.splitlines() if line.strip()]
        if not isinstance(self.spec.sources, str):
            return self.spec.sources or []
        folder, pattern = split_glob(self.spec.sources)
        if not pattern:
            return [self.spec.sources]
        found = await AsyncStorageHandle(folder, config).glob(pattern)
        if not found:
            raise NotFoundError(f"no file matches `{shown(self.spec.sources)}`")
        return found

    def _pairs(self, sources: list[str]) -> list[tuple[AsyncStorageHandle, AsyncStorageHandle]]:
        config = self.context.config
        named: dict[str, str] = {}
        pairs = []
        for text in sources:
            source = AsyncStorageHandle(text, config)
            name = file_name(source.absolute)
            if not name:
                raise TaskRunError(f"`{shown(text)}` has no file name that its copy could have")
            if name in named:
                raise TaskRunError(f"`{shown(named[name])}` and `{shown(text)}` would both be copied to `{shown(name)}`")
            named[name] = text
            pairs.append((source, AsyncStorageHandle(f"{self.spec.destination.rstrip('/')}/{name}", config)))
        return pairs

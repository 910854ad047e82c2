"""`download`: one file of the release, to the same path under `work_path`."""

from pathlib import Path
from typing import Annotated, Self

from otterdsl.runtime.storage import AsyncStorageHandle
from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.task.model import Spec, Task, TaskContext
from otterdsl.runtime.task.roles import Input
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.tasks._transfer import until_abort
from otterdsl.runtime.util.errors import NotFoundError, StorageError, TaskRunError
from otterdsl.runtime.validators import file


class DownloadSpec(Spec):
    """What `download` takes."""

    source: Annotated[str, Input]
    """The file, relative to the release root."""


class Download(Task):
    """Download a file of the release, for tasks that need it on the local disk.

    It goes to the same path under `work_path`. A file that is local already is kept where it is. There is no artifact: the release is as it was.
    """

    spec: DownloadSpec

    def __init__(self, spec: DownloadSpec, context: TaskContext) -> None:
        super().__init__(spec, context)
        self.destination = Path(f"{context.config.work_path}/{spec.source}")

    @report
    async def run(self) -> Self:
        """Download the file."""
        source, destination = self._places()
        if source.url is None and source.path == destination.absolute:
            if not (await source.stat()).is_reg:
                raise NotFoundError(f"`{shown(source.absolute)}` is not a file")
            return self
        try:
            _ = source.relative
        except StorageError as error:
            raise TaskRunError(f"`{shown(self.spec.source)}` must lie in the release: `copy` it there first") from error
        await until_abort(source.copy_to(destination), self.context.abort)
        return self

    @report
    async def validate(self) -> Self:
        """Check that the file is there, of the size that the release tells."""
        await file.async_exists(self.spec.source, self.context.config, force_local=True)
        await file.async_size(self.spec.source, self.spec.source, self.context.config, force_local=True)
        return self

    def _places(self) -> tuple[AsyncStorageHandle, AsyncStorageHandle]:
        config = self.context.config
        return AsyncStorageHandle(self.spec.source, config), AsyncStorageHandle(self.spec.source, config, force_local=True)

"""`explode_glob`: the same tasks once more for each file that a glob matches."""

from typing import Annotated, Self

from otterdsl.runtime.storage import AsyncStorageHandle
from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.place import split_glob
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Input, Provides
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.tasks._subtasks import subtasks
from otterdsl.runtime.util.errors import NotFoundError, StorageError


class ExplodeGlobSpec(Spec):
    """What `explode_glob` takes."""

    glob: Annotated[str, Input]
    """What the files match: `*`, `?`, `[…]` within a part of the path, `**` for any number of folders."""

    do: Annotated[list[Spec], Provides("uri", "match_prefix", "match_path", "match_stem", "match_ext", "uuid")]
    """The tasks, made once for each file. Their names must hold a placeholder, so that no two are equal."""

    allow_empty: bool = False
    """Whether it is right that no file matches."""


class ExplodeGlob(Task):
    """Make the tasks in `do` once for each file that a glob matches.

    In `do`, `${uri}` is the file, relative to the release root where it lies in it. It is `${match_prefix}/${match_path}/${match_stem}.${match_ext}`:
    the folder that the glob begins with, the folders that it matched, the name without its last extension, that extension. Where a part is
    empty, the `/` behind or the `.` before it goes too. `${uuid}` is made of the `uri`, and is the same in each run.
    """

    spec: ExplodeGlobSpec

    @report
    async def run(self) -> Self:
        """Find the files, and add the tasks of each."""
        folder, pattern = split_glob(self.spec.glob)
        if not pattern:
            raise StorageError(f"`{shown(self.spec.glob)}` is no glob: it holds no `*`, `?` or `[`")
        place = AsyncStorageHandle(folder, self.context.config)
        found = await place.glob(pattern)
        if not found and not self.spec.allow_empty:
            raise NotFoundError(f"no file matches `{shown(self.spec.glob)}`")
        start = len(place.absolute.rstrip("/")) + 1
        for location in found:
            values = self._values(location, location[start:])
            around = {"${match_prefix}/": "match_prefix", "${match_path}/": "match_path", ".${match_ext}": "match_ext"}
            self.context.add_specs(subtasks(self.spec.do, values, {text: name for text, name in around.items() if not values[name]}))
        return self

    def _values(self, location: str, matched: str) -> dict[str, str]:
        from uuid import NAMESPACE_URL, uuid5

        try:
            uri = AsyncStorageHandle(location, self.context.config).relative
        except StorageError:
            uri = location
        path, _, name = matched.rpartition("/")
        stem, _, extension = name.rpartition(".")
        if not stem:  # a name without a dot, or with none but its first letter
            stem, extension = name, ""
        return {
            "uri": uri,
            "match_prefix": uri.removesuffix(matched).rstrip("/"),
            "match_path": path,
            "match_stem": stem,
            "match_ext": extension,
            "uuid": str(uuid5(NAMESPACE_URL, uri)),
        }

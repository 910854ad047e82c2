"""`explode_glob`: the same tasks once more for each file that a glob matches."""

from typing import Annotated, Final, Self

from otterdsl.runtime.storage.globbed import globbed
from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.threads import in_thread
from otterdsl.runtime.task.model import Spec, Task
from otterdsl.runtime.task.roles import Input, Provides
from otterdsl.runtime.task.task_reporter import report
from otterdsl.runtime.tasks._subtasks import subtasks
from otterdsl.runtime.util.errors import NotFoundError

_OWN: Final = frozenset({"uri", "uuid"})


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
        found = await in_thread(lambda: list(globbed(self.spec.glob, self.context.config)))
        if not found and not self.spec.allow_empty:
            raise NotFoundError(f"no file matches `{shown(self.spec.glob)}`")
        for file in found:
            values = {name if name in _OWN else f"match_{name}": text for name, text in file.items()}
            around = {"${match_prefix}/": "match_prefix", "${match_path}/": "match_path", ".${match_ext}": "match_ext"}
            self.context.add_specs(subtasks(self.spec.do, values, {text: name for text, name in around.items() if not values[name]}))
        return self

"""What a body works on: its fields, with local files for its inputs and hidden paths for what it makes.

In: a filled spec and its context. Out: a `Workspace`, whose `values` are the fields as the body sees them; `commit` puts in place what was made,
`close` removes whatever is left. Remote inputs are read into a private folder under `work_path`. What is absent: the body, and its checks.
"""

import os
import shutil
import tempfile
from asyncio import TaskGroup
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.storage import AsyncStorageHandle, StorageHandle
from otterdsl.runtime.storage.drafts import Draft, FileDraft, FolderDraft, Made, put_in_place
from otterdsl.runtime.storage.model import masked, shown
from otterdsl.runtime.storage.place import Place, file_name, split_glob
from otterdsl.runtime.storage.staged import find_target
from otterdsl.runtime.storage.threads import in_thread
from otterdsl.runtime.task.fields import spec_fields
from otterdsl.runtime.task.model import Spec, TaskContext
from otterdsl.runtime.tasks._transfer import MirroredArtifact
from otterdsl.runtime.util.errors import NotFoundError, OtterError, ScratchpadError, TaskRunError

_AT_ONCE: Final = 4  # how many inputs are fetched at the same time
_LONGEST_NAME: Final = 200

EVERY_TASKS: Final = frozenset(Spec.model_fields)
"""The fields that tasks of all types have."""


@dataclass(frozen=True, slots=True)
class _Read:
    """An input: where it is, and the local file that the body reads in its place."""

    place: AsyncStorageHandle
    path: str


class Workspace:
    """The files of one run of a body. Closed without `commit`, everything is as it was."""

    def __init__(self, spec: Spec, context: TaskContext) -> None:
        self.values: dict[str, Any] = {**spec.__dict__, **(spec.__pydantic_extra__ or {})}
        self._config = context.config
        self._fields = spec_fields(type(spec))
        self._paths = self._fields.inputs | self._fields.outputs | self._fields.intos
        self._reads: list[_Read] = []
        self._drafts: list[tuple[str, Draft]] = []
        self._folder: str | None = None

    async def open(self) -> None:
        """Find the inputs, fetch those that are remote, make room for the outputs; `close` is due also where this fails. Raises: OtterError."""
        if not self._paths:
            return
        await in_thread(self._prepare)
        remote = [each for each in self._reads if each.place.url is not None]
        if remote:
            await self._fetch(remote)

    async def _fetch(self, remote: list[_Read]) -> None:
        waiting = iter(remote)

        async def fetch(waiting: Iterator[_Read]) -> None:
            for each in waiting:
                await each.place.copy_to(Place(each.path))

        try:
            async with TaskGroup() as group:
                for _ in range(min(_AT_ONCE, len(remote))):
                    group.create_task(fetch(waiting))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def commit(self) -> list[Artifact]:
        """Put in place what was made; what tells of it. Raises: OtterError, also for an output that was not made."""
        return await in_thread(self._put_in_place) if self._drafts else []

    async def close(self) -> None:
        """Remove what was fetched and what was not put in place."""
        if self._drafts or self._folder is not None:
            await in_thread(self._remove)

    def location(self, text: str) -> str:
        """Where what a check names is to be read: a path of this workspace as it is, anything else seen from the release. Raises: StorageError."""
        if any(draft.owns(text) for _, draft in self._drafts) or any(text == each.path for each in self._reads):
            return text
        return location_of(Place(text, self._config))

    def named(self, text: str) -> str:
        """The text, of an error for instance, with the names that people know in place of this workspace's own."""
        for _, draft in self._drafts:
            text = draft.named(text)
        for each in self._reads:
            if each.place.url is not None:
                text = text.replace(each.path, masked(each.place.absolute))
        return text

    # ------------------------------------------------------------ in a thread

    def _prepare(self) -> None:
        fields = self._fields
        for name, value in self.values.items():  # in the order of the fields, on which the order of artifacts depends
            if name in fields.inputs:
                self._change(name, value, self._input)
            elif name in fields.outputs:
                self._change(name, value, partial(self._file, name))
            elif name in fields.intos:
                self._change(name, value, partial(self._files, name))
        self._see_no_file_twice()
        for _, draft in self._drafts:
            draft.open()

    def _change(self, name: str, value: Any, change: Callable[[str, bool], str | list[str]]) -> None:
        with _of_field(name):
            self.values[name] = _mapped(value, change)

    def _input(self, text: str, within_list: bool) -> str | list[str]:
        folder, pattern = split_glob(text)
        if not pattern or self._is_there(text):
            return self._read(text)
        if not within_list:
            raise TaskRunError(f"`{shown(text)}` is a pattern, where one file was expected: declare the field `list[input]`")
        found = StorageHandle(folder, self._config).glob(pattern)
        if not found:
            raise NotFoundError(f"no file matches `{shown(text)}`")
        return [self._read(each) for each in found]

    def _read(self, text: str) -> str:
        place = AsyncStorageHandle(text, self._config)
        if place.url is None:
            path = place.path
            StorageHandle(path).stat()
        else:
            path = f"{self._own_folder()}/{len(self._reads)}/{_usable(file_name(place.absolute))}"
        self._reads.append(_Read(place, path))
        return path

    def _is_there(self, text: str) -> bool:
        place = Place(text, self._config)
        return place.url is not None or os.path.lexists(place.path)

    def _own_folder(self) -> str:
        if self._folder is None:
            root = os.path.abspath(self._config.work_path)
            os.makedirs(root, exist_ok=True)
            self._folder = tempfile.mkdtemp(prefix=".otter-", suffix=".part", dir=root)
        return self._folder

    def _file(self, name: str, text: str, _: bool) -> str:
        draft = FileDraft(find_target(*Place(text, self._config).destination()))
        self._drafts.append((name, draft))
        return draft.path

    def _files(self, name: str, text: str, _: bool) -> str:
        path, root = Place(f"{text.rstrip('/')}/x", self._config).destination()
        folder = os.path.dirname(path)
        draft = FolderDraft(folder, root, lambda inner: find_target(*Place(f"{folder}/{inner}", self._config).destination()))
        self._drafts.append((name, draft))
        return draft.path

    def _see_no_file_twice(self) -> None:
        seen: dict[str, str] = {}
        for name, draft in self._drafts:
            if isinstance(draft, FileDraft):
                if draft.target.path in seen:
                    raise TaskRunError(f"`{seen[draft.target.path]}` and `{name}` name one file, `{shown(draft.location)}`")
                seen[draft.target.path] = name

    def _put_in_place(self) -> list[Artifact]:
        made = [(draft, self._made(name, draft)) for name, draft in self._drafts]
        put_in_place([each for _, files in made for each in files])
        self._remove()
        return [self._artifact(draft.location if isinstance(draft, FileDraft) else [each.target.text for each in files]) for draft, files in made]

    def _made(self, name: str, draft: Draft) -> list[Made]:
        with _of_field(name):
            files = draft.made()
            if not files:
                what = "no file was made at" if isinstance(draft, FileDraft) else "no file was put into"
                raise NotFoundError(f"{what} `{shown(draft.location)}`")
            return files

    def _artifact(self, destination: str | list[str]) -> Artifact:
        sources = [masked(each.place.absolute) for each in self._reads]
        if len(sources) != 1:
            return Artifact(source=sources, destination=destination)
        mirror = self._reads[0].place.mirror
        if mirror is None:
            return Artifact(source=sources[0], destination=destination)
        return MirroredArtifact(source=sources[0], destination=destination, mirror=masked(mirror))

    def _remove(self) -> None:
        while self._drafts:
            self._drafts.pop()[1].discard()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def location_of(place: Place) -> str:
    """Where a place is read: a URL, or the path of a local file, whatever mirror stands for it."""
    return place.path if place.url is None else place.url


def value_of(name: str, values: Mapping[str, Any], otherwise: Callable[[str], Any]) -> Any:
    """What a name in a body or a check stands for: a field of its type, a member of one that is a map, or else what `otherwise` gives.

    What every task has, such as `name` or `requires`, comes last: params may be called so. Raises: ScratchpadError.
    """
    if name in values and name not in EVERY_TASKS:
        return values[name]
    field, *members = name.split(".")
    value: Any = values.get(field) if members else None
    for member in members:
        value = value.get(member) if isinstance(value, Mapping) else None
    if value is not None:
        return value
    try:
        return otherwise(name)
    except ScratchpadError:
        if name in values:
            return values[name]
        raise


@contextmanager
def _of_field(name: str) -> Iterator[None]:
    """Have an error say which field it is about."""
    try:
        yield
    except OtterError as error:
        error.args = (f"`{name}`: {error}",)
        raise


def _mapped(value: Any, change: Callable[[str, bool], str | list[str]], within_list: bool = False) -> Any:
    """The value with each text in it changed; one within a list may become several."""
    match value:
        case str() | Path():
            return change(str(value), within_list)
        case list() | tuple():
            changed: list[Any] = []
            for each in value:
                new = _mapped(each, change, True)
                changed.extend(new if isinstance(each, str | Path) and isinstance(new, list) else [new])
            return changed
        case dict():
            return {key: _mapped(each, change) for key, each in value.items()}
        case _:
            return value


def _usable(name: str) -> str:
    if name in ("", ".", ".."):
        return "input"
    return name if len(os.fsencode(name)) <= _LONGEST_NAME else f"input{''.join(Path(name).suffixes)[-_LONGEST_NAME // 8 :]}"

"""What copying tasks share: one copy that stops when the run does, and the artifact that tells of it."""

from collections.abc import Coroutine
from contextlib import suppress
from threading import Event
from typing import Any, Final, TypeVar

from otterdsl.runtime.manifest.model import Artifact
from otterdsl.runtime.storage import AsyncStorageHandle
from otterdsl.runtime.storage.model import masked
from otterdsl.runtime.util.errors import TaskAbortedError

T = TypeVar("T")

_LOOK_SECONDS: Final = 0.2


class MirroredArtifact(Artifact):
    """A file that was read from a mirror: `source` is what the mirror stands for."""

    mirror: str
    """Where it was read in place of `source`."""


async def copied(source: AsyncStorageHandle, destination: AsyncStorageHandle) -> tuple[Artifact, int | None]:
    """Copy a file; what tells of it, and how many bytes were put in place."""
    await source.copy_to(destination)
    size = (await destination.stat()).size
    place = masked(source.absolute)
    if source.mirror is None:
        return Artifact(source=place, destination=destination.absolute), size
    return MirroredArtifact(source=place, destination=destination.absolute, mirror=masked(source.mirror)), size


async def until_abort(work: Coroutine[Any, Any, T], abort: Event) -> T:
    """What the work gives back. When `abort` is set first, the work is cancelled, and has cleaned up before TaskAbortedError is raised."""
    import asyncio

    task = asyncio.ensure_future(work)
    try:
        # The event is a thread's, which no loop can wait for; work that ends is noticed at once.
        while not (await asyncio.wait({task}, timeout=_LOOK_SECONDS))[0]:
            if abort.is_set():
                raise TaskAbortedError
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task

"""Write the records of steps while their tasks end: at most once a second, and less often where writing takes its time.

One writer serves all steps that run together: the file is replaced whole, so what changed in many of them is put in at once. Nothing is asked again
and again: a change plans one write, and further changes before it are in it.
"""

import asyncio
from typing import Final

from otterdsl.runtime.manifest.model import Manifest, StepManifest
from otterdsl.runtime.util.errors import ManifestError

_INTERVAL: Final = 1.0
_SHARE: Final = 10  # writing may take at most this part of the time


class RecordWriter:
    """Writes records of steps into the manifest."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._changed: dict[str, StepManifest] = {}
        self._interval = _INTERVAL
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None

    def changed(self, record: StepManifest) -> None:
        """A record has changed: see that it is written before long. Mutates."""
        self._changed[record.name] = record
        if self._timer is None and self._writing is None:
            self._timer = asyncio.get_running_loop().call_later(self._interval, self._begin)

    async def finish(self, record: StepManifest) -> None:
        """Write a record as it is now, with all others that have changed. Mutates. Raises: ManifestError."""
        self._changed[record.name] = record
        if self._writing is not None:
            await asyncio.wait([self._writing])  # it began before, and may lack the end
        # Of the steps that end together, the first to come here writes for all.
        writing = self._begin() if record.name in self._changed else self._writing
        if writing is not None:
            await asyncio.shield(writing)

    def _begin(self) -> "asyncio.Task[None]":
        """Begin to write what has changed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._changed = self._changed, {}
        self._writing = asyncio.get_running_loop().create_task(self._write(batch))
        # A write that fails on the way is tried again with the next change; only who waits for it need hear of it.
        self._writing.add_done_callback(lambda done: done.cancelled() or done.exception())
        return self._writing

    async def _write(self, batch: dict[str, StepManifest]) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            first, *more = batch.values()
            await self._manifest.update(first, *more)
        except ManifestError:
            self._changed = {**batch, **self._changed}
            raise
        finally:
            self._interval = max(_INTERVAL, _SHARE * (loop.time() - start))
            self._writing = None

"""Write a step's record while tasks end: at most once a second, and less often where writing takes its time.

Nothing is asked again and again: a change plans one write, and further changes before it are in it.
"""

import asyncio
from contextlib import suppress
from typing import Final

from otterdsl.runtime.manifest.model import Manifest, StepManifest
from otterdsl.runtime.util.errors import ManifestError

_INTERVAL: Final = 1.0
_SHARE: Final = 10  # writing may take at most this part of the time


class StepWriter:
    """Writes the record of one step into the manifest."""

    def __init__(self, manifest: Manifest, record: StepManifest) -> None:
        self._manifest = manifest
        self._record = record
        self._interval = _INTERVAL
        self._timer: asyncio.TimerHandle | None = None
        self._write: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """The record has changed: see that it is written before long."""
        if self._timer is None and self._write is None:
            self._timer = asyncio.get_running_loop().call_later(self._interval, self._begin)

    def _begin(self) -> None:
        self._timer = None
        self._write = asyncio.get_running_loop().create_task(self._write_now())

    async def _write_now(self) -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        # A write that fails now is tried again with the next change; the last one, at the step's end, may not fail.
        try:
            with suppress(ManifestError):
                await self._manifest.update(self._record)
        finally:
            self._interval = max(_INTERVAL, _SHARE * (loop.time() - start))
            self._write = None

    async def finish(self) -> None:
        """Write what there is now. Raises: ManifestError."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._write is not None:
            await self._write
        await self._manifest.update(self._record)

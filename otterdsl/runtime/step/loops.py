"""Spread the open loops of a step while it runs: ask for their items, once for all statements of a loop, and tell the tasks apart.

Items are asked for in threads, and tasks are told apart in threads too: nothing here keeps the event loop busy. What was found is remembered while
the step runs, by what it was asked with, so that all statements of one loop see the same. What is absent: what comes after, which the coordinator
sees to.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath
from typing import Any, TypeAlias

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.executors.threads import Threads
from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.step.asking import ask
from otterdsl.runtime.task.conditions import shown_value
from otterdsl.runtime.task.open_loops import Entry, go_on
from otterdsl.runtime.task.sources import Glob, Json, Lines, Source, Stored, as_written, with_texts
from otterdsl.runtime.task.task_registry import from_source
from otterdsl.runtime.util.errors import OtterError, StepInvalidError

Turns: TypeAlias = tuple[list[Entry], list[str]]
"""The tasks of a loop, and the names of those that a condition left out."""


class OpenLoops:
    """Spreads loops on the event loop that calls it."""

    def __init__(self, config: Config, scratchpad: Scratchpad) -> None:
        self._config = config
        self._scratchpad = scratchpad
        self._threads = Threads("otterdsl-loop", config.pool_size)
        self._known: dict[Source, asyncio.Task[list[Any]]] = {}
        self._stored: dict[str, list[Any]] = {}
        self._spreading: dict[str, asyncio.Task[Turns]] = {}

    def begin(self, entry: Entry, most: int, on_end: "Callable[[asyncio.Task[Turns]], None]") -> None:
        """Begin to spread a loop. `on_end` is called with its turns, unless the step has stopped by then."""

        def end(spreading: "asyncio.Task[Turns]") -> None:
            if self._spreading.pop(entry.name, None) is not None:
                on_end(spreading)

        self._spreading[entry.name] = asyncio.get_running_loop().create_task(self.turns(entry, most))
        self._spreading[entry.name].add_done_callback(end)

    def stop(self) -> None:
        """Spread nothing more. What is being asked for is only read, so that nobody needs to wait for it."""
        spreading, self._spreading = self._spreading, {}
        for each in spreading.values():
            each.cancel()

    async def turns(self, entry: Entry, most: int) -> Turns:
        """The turns of an open loop, `most` at most. Raises: OtterError."""
        if entry.loop is None:
            raise ValueError(f"`{entry.name}` has no loop to spread")
        source = entry.loop.source
        try:
            items = await self._items(source)
            found: Turns = await self._call(go_on, entry, items, most)
        except OtterError as error:
            raise StepInvalidError(f"the loop over {as_written(source)}: {error}") from error
        return found

    def close(self) -> None:
        """Let the threads end; one that still waits for an answer ends with it, and keeps no program from ending."""
        for each in self._known.values():
            each.cancel()
        self._threads.close()

    async def _items(self, source: Source) -> list[Any]:
        if isinstance(source, Stored):
            return self._list(source.name)
        filled = self._filled(source)
        if filled not in self._known:
            self._known[filled] = asyncio.get_running_loop().create_task(self._call(ask, filled, self._config))
        return await asyncio.shield(self._known[filled])

    def _list(self, key: str) -> list[Any]:
        """What a task stored, as it was when it was first asked for: whoever is given it could change it."""
        if key not in self._stored:
            value = self._scratchpad.require(key)
            if not isinstance(value, (list, tuple)):
                raise StepInvalidError(f"`{key}` is {shown_value(value)}, and no list")
            self._stored[key] = list(value)
        return self._stored[key]

    def _filled(self, source: Source) -> Source:
        """The source with its texts filled in. Raises: ScratchpadError, StepInvalidError."""
        filled = with_texts(source, self._text)
        root = self._config.source_root
        if root is None:
            return filled
        match filled:
            case Glob(pattern):
                return replace(filled, pattern=from_source(pattern, str(root)))
            case Lines(path) | Json(path, _):
                return replace(filled, path=from_source(path, str(root)))
            case Stored():
                return filled

    def _text(self, template: str) -> str:
        value = self._scratchpad.replace(template)
        if not isinstance(value, (str, PurePath)):
            raise StepInvalidError(f"`{template}` is {shown_value(value)}, and no text")
        return str(value)

    async def _call(self, function: Any, *arguments: Any) -> Any:
        result, error = await self._threads.call(function, *arguments)
        if error is not None:
            raise error
        return result

"""Threads for functions that may block, awaited from an event loop.

They are daemons: one that never comes back keeps no program from ending, unlike those of `concurrent.futures`. A thread is started when none is
idle and serves many calls. What is absent: a limit, which is the caller's to keep.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context, copy_context
from queue import SimpleQueue
from typing import Any, NamedTuple


class _Call(NamedTuple):
    context: Context
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[tuple[Any, BaseException | None]]"


class Threads:
    """A set of threads that grows as it must."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._count = 0

    def call(self, function: Callable[..., Any], *arguments: Any) -> Awaitable[tuple[Any, BaseException | None]]:
        """What the function gives back and what it raised: nothing that it raises, `SystemExit` and the like among them, is raised here."""
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._calls.put(_Call(copy_context(), function, arguments, loop, future))
        with self._lock:
            if self._idle:
                self._idle -= 1
                return future
            self._count += 1
            number = self._count
        threading.Thread(target=self._serve, name=f"{self._name}-{number}", daemon=True).start()
        return future

    def close(self) -> None:
        """Let idle threads end; busy ones end when their function does."""
        with self._lock:
            for _ in range(self._count):
                self._calls.put(None)

    def _serve(self) -> None:
        while (call := self._calls.get()) is not None:
            outcome: tuple[Any, BaseException | None]
            try:
                outcome = call.context.run(call.function, *call.arguments), None
            except BaseException as error:  # noqa: BLE001 (it is handed over, not swallowed)
                outcome = None, error
            with self._lock:
                self._idle += 1
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                call.loop.call_soon_threadsafe(_resolve, call.future, outcome)


def _resolve(future: "asyncio.Future[tuple[Any, BaseException | None]]", outcome: tuple[Any, BaseException | None]) -> None:
    if not future.done():
        future.set_result(outcome)

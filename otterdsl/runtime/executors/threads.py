"""Threads for functions that may block, awaited from an event loop.

They are daemons: one that never comes back keeps no program from ending, unlike those of `concurrent.futures`. A thread is started when none is
idle, up to a limit where there is one, and serves many calls. `DaemonExecutor` gives an event loop such threads for its own `run_in_executor`.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from typing import Any, ParamSpec, TypeAlias, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Ended: TypeAlias = tuple[Any, BaseException | None]
"""What a function gave back, and what it raised."""


class Threads:
    """A set of threads that grows as it must, to `most` at most."""

    def __init__(self, name: str, most: int | None = None) -> None:
        self._name = name
        self._most = most
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._count = 0

    def call(self, function: Callable[..., Any], *arguments: Any) -> Awaitable[Ended]:
        """What the function gives back and what it raised: nothing that it raises, `SystemExit` and the like among them, is raised here."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Ended] = loop.create_future()
        self.start(partial(_answer, loop, future, partial(copy_context().run, function, *arguments)))
        return future

    def start(self, work: Callable[[], None]) -> None:
        """Have something done, as soon as a thread is free. It may raise nothing."""
        self._calls.put(work)
        with self._lock:
            if self._idle:
                self._idle -= 1
                return
            if self._count == self._most:
                return
            self._count += 1
            number = self._count
        threading.Thread(target=self._serve, name=f"{self._name}-{number}", daemon=True).start()

    def close(self) -> None:
        """Let idle threads end; busy ones end when their function does."""
        with self._lock:
            for _ in range(self._count):
                self._calls.put(None)

    def _serve(self) -> None:
        while (work := self._calls.get()) is not None:
            work()
            with self._lock:
                self._idle += 1


def _answer(loop: asyncio.AbstractEventLoop, future: "asyncio.Future[Ended]", function: Callable[[], Any]) -> None:
    ended: Ended
    try:
        ended = function(), None
    except BaseException as error:  # noqa: BLE001 (it is handed over, not swallowed)
        ended = None, error
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(_resolve, future, ended)


def _resolve(future: "asyncio.Future[Ended]", ended: Ended) -> None:
    if not future.done():
        future.set_result(ended)


class DaemonExecutor(ThreadPoolExecutor):
    """What an event loop takes for its default executor, with daemons for threads: those of its base class are never started."""

    def __init__(self, threads: Threads) -> None:
        super().__init__(1)
        self._daemons = threads

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Have a function called in a thread; what it gives back or raises, later."""
        future: Future[T] = Future()
        self._daemons.start(partial(_fulfil, future, partial(function, *args, **kwargs)))
        return future


def _fulfil(future: "Future[T]", function: Callable[[], T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 (it is handed over, not swallowed)
        future.set_exception(error)

"""The two bridges between waiting code and the event loop: files are waited for in threads, URLs on a loop that waiting code shares.

What is absent: any knowledge of files and URLs. asyncio is imported by what uses it: whoever checks a pipeline imports this, and runs none.
"""

import atexit
import os
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import copy_context
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from concurrent.futures import Future, ThreadPoolExecutor

P = ParamSpec("P")
T = TypeVar("T")

_THREADS: Final = 16
_CLOSING_SECONDS: Final = 5.0


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function gives back, called in a thread. A caller that is cancelled first waits for it, so that nothing goes on behind its back."""
    return await stoppable(lambda: None, function, *args, **kwargs)


async def stoppable(stop: Callable[[], None], function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Like `in_thread`; `stop` is called when the caller is cancelled, and tells the function to end."""
    import asyncio

    call = partial(copy_context().run, partial(function, *args, **kwargs))
    future = _pool(os.getpid()).submit(call)
    try:
        return await asyncio.wrap_future(future)
    except asyncio.CancelledError:
        stop()
        await _ended(future)
        raise


async def _ended(future: "Future[Any]") -> None:
    import asyncio

    if not future.cancelled():
        with suppress(Exception):
            await asyncio.wrap_future(future)


@cache
def _pool(process: int) -> "ThreadPoolExecutor":
    from concurrent.futures import ThreadPoolExecutor

    # A pool of its own: tasks that fill the loop's default threads must not keep a download from being written. One a process, for
    # a forked one has no threads.
    return ThreadPoolExecutor(_THREADS, thread_name_prefix=f"storage-{process}")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine gives back, for code that waits: it runs on a loop of its own thread, made once a process."""
    from asyncio import run_coroutine_threadsafe

    future = run_coroutine_threadsafe(work, _shared_loop(os.getpid()).loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


class _SharedLoop:
    """A running event loop in a daemon thread, closed with all it holds when the process ends."""

    def __init__(self) -> None:
        import asyncio
        from concurrent.futures import Future

        self._ready: Future[AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(),), name="storage-loop", daemon=True)
        self._thread.start()
        self.loop = self._ready.result()
        atexit.register(self._close)

    async def _run(self) -> None:
        from asyncio import Event, get_running_loop

        self._closed = Event()
        self._ready.set_result(get_running_loop())
        await self._closed.wait()

    def _close(self) -> None:
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._closed.set)
        self._thread.join(_CLOSING_SECONDS)


_making: Final = threading.Lock()
_loops: Final[dict[int, _SharedLoop]] = {}


def _shared_loop(process: int) -> _SharedLoop:
    with _making:
        if process not in _loops:
            _loops[process] = _SharedLoop()
        return _loops[process]

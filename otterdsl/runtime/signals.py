"""SIGTERM stops a run as Ctrl-C does: tasks are told to stop, the manifest is written, and then the program ends as one that was terminated.

What is absent: Ctrl-C itself, which `asyncio.run` turns into a cancellation; and any say where a program has its own handler, or runs in another
thread than the main one.
"""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

TERMINATED: Final = 128 + signal.SIGTERM
"""The exit status of a program that was terminated, as a shell has it."""


@contextmanager
def terminable() -> Iterator[None]:
    """Cancel the current task at SIGTERM while this lasts, and once more at a second one. Raises: SystemExit, once the task has stopped for it."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    told = False

    def stop() -> None:
        nonlocal told
        told = True
        if task is not None:
            task.cancel()

    loop.add_signal_handler(signal.SIGTERM, stop)
    try:
        yield
    except asyncio.CancelledError:
        if told:
            raise SystemExit(TERMINATED) from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)

"""How a run waits: nothing asks again and again whether something has happened."""

import ast
import selectors
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pipelines import load, run

import otterdsl.runtime as runtime_room
from otterdsl.runtime.step import writer as writer_module

ROOM = Path(runtime_room.__path__[0])
# What waits for the world outside may have to ask it again; these rooms wait for nothing but what this process itself tells them.
MODULES = [*ROOM.glob("*.py"), *(path for name in ("config", "executors", "scratchpad", "step", "task") for path in ROOM.glob(f"{name}/*.py"))]

WAITING = """
import asyncio
from test_waiting import WAKES
class Waits(Task):
    spec = Spec(name='waits a')
    async def run(self):
        await WAKES.while_waiting(asyncio.sleep)
        return self
class WaitsInThread(Task):
    spec = Spec(name='waits b', requires=['waits a'])
    def run(self):
        asyncio.run(WAKES.while_waiting(asyncio.sleep))
        return self
class Follows(Noop):
    spec = Spec(name='noop c', requires=['waits b'])
"""


class Wakes:
    """Counts how often each thread's event loop wakes up, and those of them that came while a task did nothing but wait."""

    def __init__(self) -> None:
        self.all: Counter[str] = Counter()
        self.idle: list[Counter[str]] = []

    async def while_waiting(self, wait: Callable[[float], Awaitable[object]]) -> None:
        """Count while something is waited for, a second long."""
        await wait(0.5)  # what the start of the task has set in motion comes to rest
        before = Counter(self.all)
        await wait(1)
        self.idle.append(self.all - before)


WAKES = Wakes()


@pytest.fixture
def _counted(monkeypatch: pytest.MonkeyPatch) -> None:
    selector = selectors.DefaultSelector
    real = selector.select

    def select(self: selectors.DefaultSelector, timeout: float | None = None) -> Any:
        found = real(self, timeout)
        WAKES.all[threading.current_thread().name] += 1
        return found

    monkeypatch.setattr(selector, "select", select)
    monkeypatch.setattr(writer_module, "_INTERVAL", 600.0)  # the record is written once a second, which is no asking
    WAKES.all.clear()
    WAKES.idle.clear()


@pytest.mark.usefixtures("_counted")
def test_neither_the_coordinator_nor_the_worker_wakes_up_while_a_task_waits(tmp_path: Path) -> None:
    assert run(load({"one": WAITING}), tmp_path).result.ok
    of_async, of_thread = WAKES.idle
    main = threading.current_thread().name
    assert WAKES.all[main] > 0
    assert WAKES.all["otterdsl-worker"] > 0
    # A loop that asks ten times a second would be seen here ten times. A task that sleeps on the worker's loop wakes it itself, once.
    assert (of_async[main], of_thread[main], of_thread["otterdsl-worker"]) == (0, 0, 0)
    assert of_async["otterdsl-worker"] <= 2


def asked_again(text: str) -> list[int]:
    """The lines where a loop waits with an end to its patience, and where anything sleeps or waits for seconds."""
    tree = ast.parse(text)
    loops = [node for node in ast.walk(tree) if isinstance(node, (ast.While, ast.For, ast.AsyncFor))]
    in_loops = {call for loop in loops for call in ast.walk(loop) if isinstance(call, ast.Call)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return sorted({call.lineno for call in calls if _name(call) in ("sleep", "wait_for", "poll") or (call in in_loops and _impatient(call))})


def _name(call: ast.Call) -> str:
    match call.func:
        case ast.Attribute(_, name) | ast.Name(name):
            return name
        case _:
            return ""


def _impatient(call: ast.Call) -> bool:
    of_asyncio = isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "asyncio"
    seconds = _name(call) in ("wait", "acquire") and bool(call.args) and not of_asyncio
    return seconds or any(keyword.arg in ("timeout", "block", "blocking") for keyword in call.keywords) or _name(call).endswith("_nowait")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOM)))
def test_no_loop_of_the_runtime_waits_for_a_while_only(path: Path) -> None:
    assert asked_again(path.read_text()) == []


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("while True:\n    event.wait(0.01)", [2]),
        ("while not event.wait(timeout=0.01):\n    pass", [1]),
        ("while True:\n    await asyncio.wait(tasks, timeout=0.01)", [2]),
        ("async def f():\n    await asyncio.wait_for(x, 1)", [2]),
        ("from time import sleep\nsleep(1)", [2]),
        ("for _ in y:\n    queue.get(timeout=1)", [2]),
        ("for _ in y:\n    queue.get_nowait()", [2]),
        ("while True:\n    event.wait()\n    queue.get()\n    await asyncio.wait(tasks, return_when=FIRST_COMPLETED)", []),
    ],
)
def test_a_loop_that_asks_again_is_seen(text: str, lines: list[int]) -> None:
    assert asked_again(text) == lines

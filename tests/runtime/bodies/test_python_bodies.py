import asyncio
import os
import shutil
import threading
from pathlib import Path

import pytest

from otterdsl.runtime import Check, PythonTask, ShellTask
from otterdsl.runtime.manifest.model import Artifact, Result
from otterdsl.runtime.storage import StorageHandle
from otterdsl.runtime.util.errors import TaskRunError


def test_fields_are_arguments(bodies, root, files):
    def body(self, source, destination, value):
        assert (type(source), type(destination), value) == (str, str, [1, "x"])
        Path(destination).write_text(Path(source).read_text().upper())

    (root / "a").write_text("text")
    ran = bodies.py(body, source="a", destination="o/b.txt", value=[1, "x"])
    assert ran.ok, ran.reason
    assert files() == {"a": "text", "o/b.txt": "TEXT"}
    assert ran.record.artifacts == [Artifact(source=f"{root}/a", destination=f"{root}/o/b.txt")]


def test_an_async_body_is_awaited(bodies, server, files):
    async def body(self, sources, folder):
        await asyncio.sleep(0)
        for source in sources:
            shutil.copy(source, folder)

    server.files["/a.txt"] = b"a"
    assert bodies.py(body, sources=[server.url("/a.txt")], folder="f").ok
    assert files() == {"f/a.txt": "a"}


def test_what_is_no_field_comes_from_the_scratchpad(bodies):
    seen = {}

    def body(self, ensembl, value, *, other=7, **rest):
        seen.update(ensembl=ensembl, value=value, other=other, rest=sorted(rest))

    assert bodies.py(body, value=1).ok
    names = ["destination", "folder", "second", "source", "sources"]
    assert seen == {"ensembl": 115, "value": 1, "other": 7, "rest": names}
    assert "nothing gives `${nope}` a value" in bodies.py(lambda self, nope: None).reason


def test_a_body_does_not_block_the_loop(bodies):
    where = []

    def body(self):
        where.append(threading.current_thread())

    assert bodies.py(body).ok
    assert where[0] is not threading.main_thread()


@pytest.mark.parametrize("error", [ValueError("no"), TaskRunError("no"), SystemExit(3), KeyboardInterrupt()])
def test_what_it_raises_is_its_failure_and_leads_to_it(bodies, files, caplog, error):
    def body(self, destination):
        Path(destination).write_text("half")
        raise error

    ran = bodies.py(body, destination="b")
    assert not ran.ok
    assert files() == {}
    if isinstance(error, ValueError):
        assert ran.reason == "ValueError: no"
        assert "raise error" in caplog.text


def test_an_error_names_what_people_know(bodies, root):
    def body(self, destination):
        raise TaskRunError(f"cannot make {destination}")

    assert bodies.py(body, destination="d/b").reason == f"cannot make {root}/d/b"


def test_what_it_leaves_open_is_put_in_place(bodies, files):
    def body(self):
        StorageHandle("left", self.context.config).open("w").write("x")

    assert bodies.py(body).ok
    assert files() == {"left": "x"}


def test_a_body_may_be_replaced_by_one_of_the_other_kind(bodies, files):
    shell = bodies.shell('echo shell > "${OTTER_destination}"', checks=[Check("exists", location="nothing")])

    def body(self, destination):
        Path(destination).write_text("python")

    assert bodies.run(type("Made", (PythonTask, shell), {"body": body}), destination="a").ok
    assert bodies.run(type("Made", (shell,), {"body": body, "checks": ()}), destination="b").ok
    python = type("Base", (PythonTask,), {"body": body})
    assert bodies.run(bodies.shell('echo shell > "${OTTER_destination}"', bases=(ShellTask, python)), destination="c").ok
    assert files() == {"a": "python", "b": "python", "c": "shell\n"}


def test_a_body_that_cannot_be_stopped_puts_nothing_in_place(bodies, root):
    begun, go_on, over = threading.Event(), threading.Event(), threading.Event()

    def body(self, destination):
        Path(destination).write_text("x")
        begun.set()
        go_on.wait()
        over.set()

    task = bodies.task(type("Made", (PythonTask,), {"body": body}), destination="b")

    async def interrupted() -> None:
        running = asyncio.create_task(task.run())
        await asyncio.to_thread(begun.wait)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(interrupted())
    assert list(root.iterdir()) == []
    go_on.set()
    assert over.wait(10)
    assert list(root.iterdir()) == []


def test_an_async_body_stops_when_another_task_fails(bodies, root):
    async def body(self, destination):
        os.mkdir(f"{destination}.tmp")
        self.context.abort.set()
        await asyncio.sleep(60)

    ran = bodies.py(body, destination="b")
    assert ran.record.result is Result.ABORTED
    assert list(root.iterdir()) == []

import asyncio
import os
import subprocess
import sys
import threading
import time
import tracemalloc

import pytest

from otterdsl.runtime.storage import AsyncStorageHandle, StorageHandle, local
from otterdsl.runtime.storage.staged import find_target
from otterdsl.runtime.util.errors import NotFoundError, StorageError

MIB = 1024 * 1024


def test_copies_files_and_urls(server, config, root):
    server.files["/a"] = b"from a server"
    StorageHandle(server.url("/a"), config).copy_to(StorageHandle("x/a", config))
    revision = StorageHandle("x/a", config).copy_to(StorageHandle("y/a", config))
    assert StorageHandle("y/a", config).read() == (b"from a server", revision)
    assert (root / "x" / "a").stat().st_ino != (root / "y" / "a").stat().st_ino
    assert (root / "y" / "a").stat().st_nlink == 1


def test_async_copies_the_same(server, config):
    server.files["/a"] = b"from a server"

    async def both():
        await AsyncStorageHandle(server.url("/a"), config).copy_to(AsyncStorageHandle("x/a", config))
        await AsyncStorageHandle("x/a", config).copy_to(AsyncStorageHandle("y/a", config))
        return (await AsyncStorageHandle("y/a", config).read())[0]

    assert asyncio.run(both()) == b"from a server"


def test_an_empty_file(server, config):
    server.files["/empty"] = b""
    StorageHandle(server.url("/empty"), config).copy_to(StorageHandle("a", config))
    StorageHandle("a", config).copy_to(StorageHandle("b", config))
    assert StorageHandle("b", config).read()[0] == b""


@pytest.mark.parametrize(
    ("path", "error"),
    [("/missing", NotFoundError), ("/500", StorageError), ("/cut", StorageError), ("/cut-chunks", StorageError), ("/garbage", StorageError)],
)
def test_a_failed_copy_leaves_the_old_file(server, config, root, path, error):
    StorageHandle("a/x", config).write(b"old")
    with pytest.raises(error):
        StorageHandle(server.url(path), config).copy_to(StorageHandle("a/x", config))
    with pytest.raises(error):
        asyncio.run(AsyncStorageHandle(server.url(path), config).copy_to(AsyncStorageHandle("a/new", config)))
    assert os.listdir(root / "a") == ["x"]
    assert (root / "a" / "x").read_bytes() == b"old"


def test_a_refused_destination_is_not_even_asked_for(server, config):
    server.files["/a"] = b"a"
    with pytest.raises(StorageError, match="leaves the release root"):
        StorageHandle(server.url("/a"), config).copy_to(StorageHandle("../x", config))
    assert server.requests == []


def test_a_missing_source_makes_no_folders(server, config, root):
    for source in (server.url("/missing"), "missing"):
        with pytest.raises(NotFoundError):
            StorageHandle(source, config).copy_to(StorageHandle("a/b", config))
    assert not root.exists()


def test_a_source_that_is_its_destination(config, root):
    StorageHandle("a", config).write(b"precious")
    (root / "link").symlink_to("a")
    (root / "hard").hardlink_to(root / "a")
    for source, destination in (("a", "a"), ("a", "./a"), ("a", "link"), ("link", "a"), ("a", "hard")):
        with pytest.raises(StorageError, match="is its own destination"):
            StorageHandle(source, config).copy_to(StorageHandle(destination, config))
    assert (root / "a").read_bytes() == b"precious"
    assert sorted(os.listdir(root)) == ["a", "hard", "link"]


def test_a_cancelled_download_leaves_nothing(server, config, root):
    def something_there() -> list[str]:
        while not (root / "a").is_dir() or not os.listdir(root / "a"):
            time.sleep(0.005)
        return os.listdir(root / "a")

    async def cancelled() -> list[str]:
        copy = asyncio.create_task(AsyncStorageHandle(server.url("/stall"), config).copy_to(AsyncStorageHandle("a/x", config)))
        during = await asyncio.to_thread(something_there)
        copy.cancel()
        with pytest.raises(asyncio.CancelledError):
            await copy
        assert os.listdir(root / "a") == []
        return during

    (during,) = asyncio.run(cancelled())
    assert during.startswith(".otter-")


@pytest.mark.parametrize("moment", range(12))
def test_a_download_cancelled_at_any_moment_leaves_nothing_or_the_whole(server, config, root, moment):
    server.files["/a"] = b"whole"

    async def cancelled() -> None:
        copy = asyncio.create_task(AsyncStorageHandle(server.url("/a"), config).copy_to(AsyncStorageHandle("a/x", config)))
        for _ in range(moment * 3):
            await asyncio.sleep(0)
        await asyncio.sleep(moment / 2000)
        copy.cancel()
        await asyncio.gather(copy, return_exceptions=True)

    asyncio.run(cancelled())
    left = os.listdir(root / "a") if (root / "a").exists() else []
    assert left in ([], ["x"])
    if left:
        assert (root / "a" / "x").read_bytes() == b"whole"


def test_a_cancelled_local_copy_stops_and_leaves_nothing(config, root, monkeypatch):
    StorageHandle("big", config).write(bytes(3 * MIB))
    started, go = threading.Event(), threading.Event()
    real = local.Stage.write

    def slow(self, parts) -> None:
        started.set()
        go.wait()
        real(self, parts)

    monkeypatch.setattr(local.Stage, "write", slow)

    async def cancelled() -> None:
        copy = asyncio.create_task(AsyncStorageHandle("big", config).copy_to(AsyncStorageHandle("copy", config)))
        await asyncio.to_thread(started.wait)
        copy.cancel()
        await asyncio.sleep(0)
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await copy
        assert os.listdir(root) == ["big"]

    asyncio.run(cancelled())


def test_a_stopped_copy(config, root):
    StorageHandle("a", config).write(b"x")
    with pytest.raises(StorageError, match="was stopped"):
        local.copy(str(root / "a"), find_target(str(root / "b"), None), lambda: True)
    assert os.listdir(root) == ["a"]


@pytest.mark.parametrize("waits", [True, False])
def test_copies_stream(server, config, root, waits):
    StorageHandle("warm", config).write(b"")
    StorageHandle(server.url("/big?1"), config).copy_to(StorageHandle("warm", config))
    tracemalloc.start()
    try:
        url = server.url("/big?50")
        if waits:
            StorageHandle(url, config).copy_to(StorageHandle("big", config))
        else:
            asyncio.run(AsyncStorageHandle(url, config).copy_to(AsyncStorageHandle("big", config)))
        StorageHandle("big", config).copy_to(StorageHandle("again", config))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (root / "again").stat().st_size == 50 * MIB
    assert peak < 16 * MIB


def test_nothing_is_left_open_and_aiohttp_waits_for_the_first_request(server, tmp_path):
    server.files["/a"] = b"a"
    program = f"""
import sys
from pathlib import Path
from types import SimpleNamespace
from otterdsl.runtime.storage import AsyncStorageHandle, StorageHandle
from otterdsl.runtime.tasks import copy, copy_many, download, explode, explode_glob, find_latest, hello_world
from otterdsl.runtime.validators import file
assert not {{"aiohttp", "asyncio", "ssl", "concurrent.futures"}} & set(sys.modules)
import asyncio
config = SimpleNamespace(work_path=Path({str(tmp_path)!r}), release_uri=None, mirrors={{}})
StorageHandle("x", config).write(b"")
assert "aiohttp" not in sys.modules
StorageHandle({server.url("/a")!r}, config).copy_to(StorageHandle("y", config))
with StorageHandle({server.url("/a")!r}, config).open() as file:
    assert file.read() == "a"
asyncio.run(AsyncStorageHandle({server.url("/a")!r}, config).copy_to(AsyncStorageHandle("z", config)))
"""
    done = subprocess.run([sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", program], capture_output=True, text=True, timeout=60)
    noise = [line for line in done.stderr.splitlines() if not line.startswith("Executing <")]
    assert (done.returncode, noise) == (0, [])
    assert sorted(os.listdir(tmp_path)) == ["x", "y", "z"]

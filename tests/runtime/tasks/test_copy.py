import asyncio
import os
import threading

import pytest

from otterdsl.runtime.config.model import Config
from otterdsl.runtime.manifest.model import Artifact, Result
from otterdsl.runtime.tasks._transfer import MirroredArtifact
from otterdsl.runtime.tasks.copy import Copy, CopySpec
from otterdsl.runtime.tasks.download import Download, DownloadSpec
from otterdsl.runtime.util.errors import TaskAbortedError


def spec(source: str, destination: str = "a/x") -> CopySpec:
    return CopySpec(name="copy x", source=source, destination=destination)


@pytest.mark.parametrize("kind", ["url", "path", "uri", "relative"])
def test_copies_into_the_release(server, root, tmp_path, make, settled, kind):
    server.answers["/gr%C3%B6%C3%9Fe%20x"] = server.answers["/etag"]
    (tmp_path / "in put").write_bytes(b"tagged")
    (root / "there").write_bytes(b"tagged")
    source, absolute = {
        "url": (server.url("/größe x"), server.url("/größe x")),
        "path": (f"{tmp_path}/in put", f"{tmp_path}/in put"),
        "uri": (f"file://{tmp_path}/in%20put", f"{tmp_path}/in put"),
        "relative": ("there", f"{root}/there"),
    }[kind]
    task = make(Copy, spec(source))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert (root / "a" / "x").read_bytes() == b"tagged"
    assert task.artifacts == [Artifact(source=absolute, destination=f"{root}/a/x")]
    assert os.listdir(root / "a") == ["x"]


@pytest.mark.parametrize(
    ("source", "destination", "reason"),
    [
        ("/missing", "x", "`{url}/missing` does not exist: the server answered 404 Not Found (404 Client Error)"),
        ("/500", "x", "`{url}/500` cannot be read: the server answered 500 Internal Server Error"),
        ("/cut", "x", "`{url}/cut` cannot be read: the body was cut off after 1000 of 5000 bytes"),
        ("/etag", "../x", "`../x` leaves the release root `{root}`"),
        ("/etag", "/etc/x", "`/etc/x` leaves the release root `{root}`"),
        ("/etag", "gs://bucket/x", "storage for `gs://` is not supported yet: `gs://bucket/x`"),
    ],
)
def test_a_copy_that_fails_says_why_and_leaves_nothing(server, root, make, settled, source, destination, reason):
    task = make(Copy, spec(server.url(source), destination))
    assert asyncio.run(settled(task)) is Result.FAILURE
    assert task.manifest.failure_reason == reason.format(url=server.url(""), root=root)
    assert os.listdir(root) == []
    assert task.artifacts == []


def test_a_password_is_not_written_down(server, make, settled, caplog):
    caplog.set_level("DEBUG")
    task = make(Copy, spec(server.url("/etag").replace("://", "://me:secret@")))
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert task.artifacts[0].source == server.url("/etag").replace("://", "://me:***@")
    assert "secret" not in caplog.text


def test_the_server_is_asked_once(server, make, settled):
    assert asyncio.run(settled(make(Copy, spec(server.url("/etag"))))) is Result.SUCCESS
    assert [method for method, _, _ in server.requests] == ["GET"]


def test_a_copy_that_is_changed_before_it_is_validated(server, root, make):
    task = make(Copy, spec(server.url("/etag")))
    asyncio.run(task.run())
    (root / "a" / "x").write_bytes(b"less")
    asyncio.run(task.validate())
    assert task.manifest.result is Result.FAILURE
    assert task.manifest.failure_reason == "`a/x` holds 4 bytes, but 6 were copied"
    (root / "a" / "x").unlink()
    gone = make(Copy, spec(server.url("/etag")))
    asyncio.run(gone.validate())
    assert gone.manifest.failure_reason == f"`{root}/a/x` does not exist"


def test_validation_by_another_object_asks_the_source(server, root, make):
    (root / "a").mkdir()
    (root / "a" / "x").write_bytes(b"more than that")
    task = make(Copy, spec(server.url("/etag")))
    asyncio.run(task.validate())
    assert task.manifest.failure_reason == f"`a/x` holds 14 bytes, but `{server.url('/etag')}` 6"


def test_a_mirror_is_read_and_both_are_told(server, root, make, settled):
    server.files["/https/example.org/a?b"] = b""
    server.files["/https/example.org/a"] = b"mirrored"
    config = Config(work_path=root, mirrors={"https://": server.url("/https/")})
    task = make(Copy, spec("https://example.org/a"), config)
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert (root / "a" / "x").read_bytes() == b"mirrored"
    (artifact,) = task.artifacts
    assert artifact == MirroredArtifact(source="https://example.org/a", destination=f"{root}/a/x", mirror=server.url("/https/example.org/a"))
    assert task.manifest.model_dump()["artifacts"][0]["mirror"] == server.url("/https/example.org/a")


@pytest.mark.parametrize("path", ["/stall", "/silent"])
def test_another_task_failing_ends_a_copy_that_waits(server, root, make, path):
    task = make(Copy, spec(server.url(path)))
    timer = threading.Timer(0.1, task.context.abort.set)
    timer.start()
    asyncio.run(task.run())
    timer.join()
    assert task.manifest.result is Result.ABORTED
    assert [name for _, _, names in os.walk(root) for name in names] == []


def test_a_cancelled_copy_leaves_nothing(server, root, make):
    async def cancelled() -> None:
        running = asyncio.create_task(make(Copy, spec(server.url("/stall"))).run())
        await asyncio.to_thread(_until, lambda: (root / "a").is_dir() and os.listdir(root / "a"))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cancelled())
    assert os.listdir(root / "a") == []


def _until(there) -> None:
    while not there():
        threading.Event().wait(0.005)


def test_aborted_work_has_cleaned_up():
    from otterdsl.runtime.tasks._transfer import until_abort

    events: list[str] = []
    abort = threading.Event()

    async def work() -> None:
        try:
            abort.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            events.append("cleaned")

    with pytest.raises(TaskAbortedError):
        asyncio.run(until_abort(work(), abort))
    assert events == ["cleaned"]


@pytest.mark.parametrize("missing", ["source", "destination"])
def test_both_fields_must_be_given(missing):
    fields = {"name": "copy x", "source": "a", "destination": "b"}
    del fields[missing]
    with pytest.raises(ValueError, match=missing):
        CopySpec(**fields)


def test_download_brings_a_file_of_the_release(tmp_path, make, settled):
    (tmp_path / "release" / "a").mkdir()
    (tmp_path / "release" / "a" / "x").write_bytes(b"content")
    config = Config(work_path=tmp_path / "work", release_uri=f"file://{tmp_path}/release")
    task = make(Download, DownloadSpec(name="download x", source="a/x"), config)
    assert asyncio.run(settled(task)) is Result.SUCCESS
    assert task.destination.read_bytes() == b"content"
    assert task.destination == tmp_path / "work" / "a" / "x"
    assert task.artifacts == []


def test_download_from_a_server(server, tmp_path, make, settled):
    server.files["/release/a/x"] = b"content"
    config = Config(work_path=tmp_path / "work", release_uri=server.url("/release"))
    for source in ("a/x", server.url("/release/a/x")):
        task = make(Download, DownloadSpec(name="download x", source=source), config)
        assert asyncio.run(settled(task)) is Result.SUCCESS
        assert (tmp_path / "work" / "a" / "x").read_bytes() == b"content"
        (tmp_path / "work" / "a" / "x").unlink()


def test_download_keeps_what_is_local(root, make, settled):
    (root / "x").write_bytes(b"content")
    before = (root / "x").stat()
    for source in ("x", f"{root}/x"):
        task = make(Download, DownloadSpec(name="download x", source=source))
        assert asyncio.run(settled(task)) is Result.SUCCESS
    assert (root / "x").stat().st_ino == before.st_ino
    assert (root / "x").read_bytes() == b"content"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("nope", "nope` does not exist"),
        ("folder", "folder` is not a file"),
        ("https://example.org/x", "`https://example.org/x` must lie in the release"),
        ("../x", "does not exist"),
    ],
)
def test_download_of_what_it_cannot(root, make, settled, source, reason):
    (root / "folder").mkdir()
    task = make(Download, DownloadSpec(name="download x", source=source))
    assert asyncio.run(settled(task)) is Result.FAILURE
    assert reason in task.manifest.failure_reason

import asyncio
import errno
import os
import threading
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otterdsl.runtime.storage import AsyncStorageHandle, StorageHandle, staged
from otterdsl.runtime.storage.staged import Stage, find_target
from otterdsl.runtime.util.errors import NotFoundError, OtterError, PreconditionFailedError, StorageError


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_writes_make_their_folders_and_leave_only_the_file(config, root):
    handle = StorageHandle("a/b/größe 日.txt", config)
    revision = handle.write_text("größe\n")
    assert handle.read() == ("größe\n".encode(), revision)
    assert handle.stat().revision == revision
    assert handle.stat().size == 8
    assert files_below(root) == ["a/b/größe 日.txt"]


def test_async_writes_the_same(config, root):
    async def both():
        handle = AsyncStorageHandle("a/b.txt", config)
        revision = await handle.write_text("text", encoding="utf-16")
        assert (await handle.read_text(encoding="utf-16")) == ("text", revision)
        return await handle.write(b"new", expected_revision=revision)

    assert asyncio.run(both()) == StorageHandle("a/b.txt", config).read()[1]
    assert files_below(root) == ["a/b.txt"]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002, 0])
def test_the_mode_is_what_the_umask_leaves(config, root, mask):
    before = os.umask(mask)
    try:
        StorageHandle("a/b", config).write(b"")
        with StorageHandle("a/c", config).open("w") as file:
            file.write("x")
        StorageHandle("a/b", config).copy_to(StorageHandle("a/d", config))
    finally:
        os.umask(before)
    for name in ("b", "c", "d"):
        assert (root / "a" / name).stat().st_mode & 0o777 == 0o666 & ~mask
    assert (root / "a").stat().st_mode & 0o777 == 0o777 & ~mask


def test_a_reader_of_the_old_file_keeps_it(config, root):
    StorageHandle("a", config).write(b"old")
    with (root / "a").open("rb") as reader:
        StorageHandle("a", config).write(b"new")
        assert reader.read() == b"old"
    assert (root / "a").read_bytes() == b"new"


def test_a_revision_that_is_not_the_expected_one_is_refused(config, root):
    handle = StorageHandle("a", config)
    first = handle.write(b"1")
    second = handle.write(b"2", expected_revision=first)
    assert first != second
    with pytest.raises(PreconditionFailedError, match="is of revision"):
        handle.write(b"3", expected_revision=first)
    with pytest.raises(PreconditionFailedError, match="does not exist"):
        StorageHandle("b", config).write(b"", expected_revision=first)
    assert handle.read() == (b"2", second)
    assert files_below(root) == ["a"]


def test_of_many_writers_that_expect_one_revision_one_succeeds(config, root):
    handle = StorageHandle("count", config)
    handle.write(b"0")
    rounds = 5

    def add() -> None:
        done = 0
        while done < rounds:
            data, revision = handle.read()
            try:
                handle.write(str(int(data) + 1).encode(), expected_revision=revision)
            except PreconditionFailedError:
                continue
            done += 1

    writers = [threading.Thread(target=add) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert handle.read()[0] == b"40"
    assert files_below(root) == ["count"]


@pytest.mark.parametrize(
    ("destination", "reason"),
    [
        ("../x", "leaves the release root"),
        ("a/../../x", "leaves the release root"),
        ("a/../x", "leaves the release root"),
        ("..", "leaves the release root"),
        ("/etc/otter", "leaves the release root"),
        ("file:///etc/otter", "leaves the release root"),
        ("/dev/null", "leaves the release root"),
        ("manifest.json", "cannot write its manifest"),
        ("./manifest.json", "cannot write its manifest"),
        (".manifest.lock", "cannot write its manifest"),
        ("", "is a folder"),
        (".", "is a folder"),
        ("folder", "is a folder"),
        ("file/x", "a file stands where one of its folders should be"),
        ("n" * 300, "file name too long"),
        (f"{'n' * 300}/x", "file name too long"),
        ("pipe", "is not a regular file"),
        ("circle", "is a link that leads in a circle"),
        ("out/x", "its links lead to"),
        ("out-file", "its links lead to"),
        ("dangling", "its links lead to"),
        ("in/../../x", "leaves the release root"),
    ],
)
def test_a_destination_that_is_refused(config, root, tmp_path, destination, reason):
    (root / "folder").mkdir(parents=True)
    (root / "file").write_bytes(b"kept")
    os.mkfifo(root / "pipe")
    (root / "circle").symlink_to("circle")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_bytes(b"kept")
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "out-file").symlink_to(tmp_path / "outside" / "file")
    (root / "dangling").symlink_to("../new")
    (root / "in").symlink_to("folder")
    source = StorageHandle("file", config)
    before = files_below(tmp_path)
    handle = StorageHandle(destination, config)
    looped = AsyncStorageHandle(destination, config)
    for act in (
        lambda: handle.write(b"x"),
        lambda: handle.open("w"),
        lambda: source.copy_to(handle),
        lambda: asyncio.run(AsyncStorageHandle("file", config).copy_to(looped)),
        lambda: asyncio.run(looped.write(b"x")),
    ):
        with pytest.raises(StorageError) as raised:
            act()
        assert reason in str(raised.value)
        assert (destination if len(destination) > 1 else str(root))[:50] in str(raised.value)
    assert files_below(tmp_path) == before
    assert (tmp_path / "outside" / "file").read_bytes() == b"kept"


def test_links_within_the_root_are_followed(config, root):
    (root / "real").mkdir(parents=True)
    (root / "folder").symlink_to("real")
    (root / "file").symlink_to("real/target")
    StorageHandle("folder/x", config).write(b"x")
    StorageHandle("file", config).write(b"y")
    assert (root / "real" / "x").read_bytes() == b"x"
    assert (root / "real" / "target").read_bytes() == b"y"
    assert (root / "file").is_symlink()


def test_the_root_itself_may_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to("real")
    StorageHandle("x", SimpleNamespace(work_path=tmp_path / "root", release_uri=None)).write(b"x")
    assert (tmp_path / "real" / "x").read_bytes() == b"x"


def test_local_twins_stay_in_the_work_path(tmp_path):
    config = SimpleNamespace(work_path=tmp_path / "work", release_uri=f"file://{tmp_path}/release")
    StorageHandle("x", config, force_local=True).write(b"x")
    assert files_below(tmp_path) == ["work/x"]
    with pytest.raises(StorageError, match="leaves the release root"):
        StorageHandle(f"{tmp_path}/release/x", config, force_local=True).write(b"x")
    with pytest.raises(StorageError, match="leaves the release root"):
        StorageHandle("../release/x", config, force_local=True).write(b"x")


def test_without_a_config_the_caller_knows_where(tmp_path):
    StorageHandle(tmp_path / "a" / "x").write(b"x")
    assert files_below(tmp_path) == ["a/x"]


def test_a_folder_that_is_swapped_for_a_link_meanwhile(root, tmp_path):
    (root / "a").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    stage = Stage(find_target(str(root / "a" / "x"), str(root)))
    stage.open()
    stage.write((b"x",))
    (root / "a").rename(root / "b")
    (root / "a").symlink_to(tmp_path / "outside")
    with pytest.raises(StorageError, match="its folder was moved or linked away"):
        stage.commit()
    stage.discard()
    assert files_below(tmp_path) == []


def test_a_folder_that_is_a_link_out_before_the_stage_opens(root, tmp_path):
    (root / "a").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    target = find_target(str(root / "a" / "x"), str(root))
    (root / "a").rmdir()
    (root / "a").symlink_to(tmp_path / "outside")
    stage = Stage(target)
    with pytest.raises(StorageError, match="its folder was moved or linked away"):
        stage.open()
    stage.discard()
    assert files_below(tmp_path) == []


def test_a_destination_that_becomes_something_else_meanwhile(root):
    stage = Stage(find_target(str(root / "x"), str(root)))
    stage.open()
    (root / "x").symlink_to("/etc/passwd")
    with pytest.raises(StorageError, match="not a regular file"):
        stage.commit()
    stage.discard()
    assert files_below(root) == ["x"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["..", ".", "", "a", "out", "up", "in", "~", "...", "file:", "\\..\\", "%2e%2e"]) | st.text(max_size=5), max_size=6))
def test_nothing_is_ever_written_outside_the_root(tmp_path, parts):
    root = tmp_path / "root"
    if not root.exists():
        root.mkdir()
        (tmp_path / "outside").mkdir()
        (root / "out").symlink_to(tmp_path / "outside")
        (root / "up").symlink_to("..")
        (root / "in").symlink_to("a")
    config = SimpleNamespace(work_path=root, release_uri=None)
    with suppress(OtterError):
        StorageHandle("/".join(parts), config).write(b"x")
    assert sorted(os.listdir(tmp_path)) == ["outside", "root"]
    assert os.listdir(tmp_path / "outside") == []


def test_a_full_disk(config, root, monkeypatch):
    StorageHandle("a", config).write(b"old")
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 5000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, data)

    monkeypatch.setattr(staged.os, "write", full)
    with pytest.raises(StorageError, match=r"`.*/a` cannot be written: no space left on device"):
        StorageHandle("a", config).write(bytes(10_000))
    assert files_below(root) == ["a"]
    assert (root / "a").read_bytes() == b"old"


def test_a_folder_that_may_not_be_written(config, root, monkeypatch):
    real = os.open

    def denied(path: str, flags: int, *args: int, **kwargs: int) -> int:
        if flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path, flags, *args, **kwargs)

    monkeypatch.setattr(staged.os, "open", denied)
    with pytest.raises(StorageError, match=r"`.*/a` cannot be written: permission denied"):
        StorageHandle("a", config).write(b"x")
    assert files_below(root) == []


def test_a_file_is_put_in_place_when_it_is_closed(config, root):
    with StorageHandle("a/x", config).open("w") as file:
        file.write("größe\n")
        file.flush()
        assert not (root / "a" / "x").exists()
    with StorageHandle("a/y", config).open("wb") as file:
        file.write(b"bytes")
    assert (root / "a" / "x").read_bytes() == "größe\n".encode()
    assert files_below(root) == ["a/x", "a/y"]


@pytest.mark.parametrize("mode", ["w", "wb"])
def test_a_file_whose_block_fails_is_not_put_in_place(config, root, mode):
    StorageHandle("x", config).write(b"old")

    def fail() -> None:
        with StorageHandle("x", config).open(mode) as file:
            file.write("new" if mode == "w" else b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    file = StorageHandle("x", config).open(mode)
    file.write("new" if mode == "w" else b"new")
    del file  # dropped, and never closed
    assert files_below(root) == ["x"]
    assert (root / "x").read_bytes() == b"old"


def test_a_new_file_must_be_new(config, root):
    with StorageHandle("x", config).open("x") as file:
        file.write("1")
    with pytest.raises(PreconditionFailedError, match="exists already"):
        StorageHandle("x", config).open("x")
    file = StorageHandle("y", config).open("xb")
    (root / "y").write_bytes(b"came first")
    with pytest.raises(PreconditionFailedError, match="exists already"):
        file.close()
    assert (root / "y").read_bytes() == b"came first"
    assert files_below(root) == ["x", "y"]


@pytest.mark.parametrize("mode", ["a", "r+", "w+", "", "rw", "rU"])
def test_other_modes_are_refused(config, mode):
    with pytest.raises(StorageError, match=r"the mode `.*` is not supported"):
        StorageHandle("x", config).open(mode)


def test_a_copy_of_what_is_not_there(config, root):
    for act in (
        lambda: StorageHandle("nope", config).copy_to(StorageHandle("a/x", config)),
        lambda: StorageHandle("nope/below", config).read(),
        lambda: StorageHandle("nope", config).stat(),
        lambda: StorageHandle("nope", config).open(),
    ):
        with pytest.raises(NotFoundError, match=r"nope.*` does not exist"):
            act()
    assert not root.exists()

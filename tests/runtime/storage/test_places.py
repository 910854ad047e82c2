import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from otterdsl.runtime.storage import AsyncStorageHandle, StorageHandle
from otterdsl.runtime.storage.asynchronous.handle import AsyncStorageHandle as UpstreamAsync
from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.place import file_name, scheme_of, split_glob
from otterdsl.runtime.storage.synchronous.handle import StorageHandle as Upstream
from otterdsl.runtime.util.errors import StorageError


def remote(work: Path, release: str) -> SimpleNamespace:
    return SimpleNamespace(work_path=work, release_uri=release, mirrors={})


def test_handles_are_where_upstream_has_them():
    assert Upstream is StorageHandle
    assert UpstreamAsync is AsyncStorageHandle


def test_relative_locations_lie_under_the_work_path(config, root):
    handle = StorageHandle("a/./b//c.txt", config)
    assert handle.absolute == f"{root}/a/b/c.txt"
    assert handle.relative == "a/b/c.txt"
    assert not handle.is_absolute
    assert handle.mirror is None


def test_a_relative_work_path_lies_under_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    handle = StorageHandle("output/x", remote(Path("output"), ""))
    assert handle.absolute == f"{tmp_path}/output/output/x"


def test_the_release_root_comes_before_the_work_path(tmp_path):
    config = remote(tmp_path / "work", f"file://{tmp_path}/a%20release/")
    assert StorageHandle("x", config).absolute == f"{tmp_path}/a release/x"
    assert StorageHandle("x", config).relative == "x"
    assert StorageHandle("x", config, force_local=True).absolute == f"{tmp_path}/work/x"
    assert StorageHandle(f"{tmp_path}/work/x", config).absolute == f"{tmp_path}/a release/x"
    assert StorageHandle(f"{tmp_path}/work-not/x", config).absolute == f"{tmp_path}/work-not/x"


def test_a_remote_release_can_be_read_and_has_local_twins(tmp_path):
    config = remote(tmp_path, "https://example.org/release/")
    assert StorageHandle("a/b", config).absolute == "https://example.org/release/a/b"
    assert StorageHandle("a/b", config).relative == "a/b"
    assert StorageHandle("https://example.org/release/a", config, force_local=True).absolute == f"{tmp_path}/a"
    assert StorageHandle("https://example.org/other", config, force_local=True).absolute == "https://example.org/other"
    with pytest.raises(StorageError, match="cannot be local without a config"):
        StorageHandle("https://example.org/a", force_local=True)


def test_absolute_locations_are_what_they_say(config, tmp_path):
    assert StorageHandle("/x/../y", config).absolute == "/x/../y"
    assert StorageHandle(Path("/x"), config).is_absolute
    assert StorageHandle("file:///a%20b/c", config).absolute == "/a b/c"
    assert StorageHandle("file://localhost/c").is_absolute
    with pytest.raises(StorageError, match="does not lie in the release root"):
        _ = StorageHandle("/elsewhere", config).relative
    with pytest.raises(StorageError, match="a config must be given"):
        _ = StorageHandle("/elsewhere").relative


def test_a_relative_location_needs_a_config():
    with pytest.raises(StorageError, match="`a/b` is relative"):
        StorageHandle("a/b")


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("gs://bucket/x", "storage for `gs://` is not supported yet"),
        ("s3://bucket/x", "storage for `s3://` is not supported yet"),
        ("az://bucket/x", "storage for `az://` is not supported yet"),
        ("GS://bucket/x", "storage for `gs://` is not supported yet"),
        ("ftp://host/x", "unknown storage `ftp://`"),
        ("file://host/x", "a file URI reads `file:///path`"),
        ("/a\0b", "it holds a NUL"),
        ("file:///a%00b", "it holds a NUL"),
    ],
)
def test_what_no_storage_holds(location, reason, config):
    for handle in (StorageHandle, AsyncStorageHandle):
        with pytest.raises(StorageError) as raised:
            handle(location, config)
        assert reason in str(raised.value)
        assert str(raised.value).isprintable()


def test_schemes():
    assert [scheme_of(text) for text in ("/a", "a://b", "A+b.c-1://x", "1a://b", "://", "C:\\x", "mailto:x")] == ["", "a", "a+b.c-1", "", "", "", ""]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("a/b/*.csv", ("a/b/", "*.csv")),
        ("a/part-*.json", ("a/", "part-*.json")),
        ("*.csv", ("", "*.csv")),
        ("/**/x", ("/", "**/x")),
        ("a/[0-9]/x*", ("a/", "[0-9]/x*")),
        ("a/b", ("a/b", "")),
        ("file:///a/*", ("file:///a/", "*")),
        ("gs://b/x?", ("gs://b/", "x?")),
        ("https://[::1]/x?y=1", ("https://[::1]/x?y=1", "")),
        ("https://h/x*?y=1", ("https://h/", "x*?y=1")),
    ],
)
def test_a_glob_is_parted_at_a_folder(location, expected):
    assert split_glob(location) == expected


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("/a/b.txt", "b.txt"),
        ("b.txt", "b.txt"),
        ("/a/", ""),
        ("https://host/a/b%20c.txt?x=/y#z", "b%20c.txt"),
        ("https://host", ""),
        ("https://host?x=/y", ""),
        ("/a/what?#1", "what?#1"),
        ("gs://bucket/a/..", ".."),
    ],
)
def test_the_name_of_a_copy(location, name):
    assert file_name(location) == name


def test_a_location_in_a_message_is_one_short_line():
    assert shown("a\nb\x1b[31m\u202ec") == "a\\nb\\x1b[31m\\u202ec"
    assert shown("http://me:secret@host/x") == "http://me:***@host/x"
    assert len(shown("x" * 10_000)) < 600
    assert shown(os.fsdecode(b"a\xff")) == "a\\udcff"


def test_a_handle_shows_what_it_stands_for(config, root):
    assert repr(StorageHandle("x", config)) == f"StorageHandle('{root}/x')"

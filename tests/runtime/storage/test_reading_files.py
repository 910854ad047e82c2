import asyncio
import os
from pathlib import Path

import pytest

from otterdsl.runtime.storage import AsyncStorageHandle, StorageHandle, local
from otterdsl.runtime.storage.wildcards import matches
from otterdsl.runtime.util.errors import NotFoundError, StorageError


def make(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(path)
    return folder


def test_tells_of_files_and_folders(config, root):
    make(root, "a/b.txt")
    found = StorageHandle("a/b.txt", config).stat()
    assert (found.size, found.is_reg, found.is_dir) == (7, True, False)
    assert found.mtime == (root / "a" / "b.txt").stat().st_mtime
    folder = asyncio.run(AsyncStorageHandle("a", config).stat())
    assert (folder.size, folder.is_reg, folder.is_dir) == (None, False, True)


def test_a_revision_changes_with_each_version(config, root):
    make(root, "a")
    handle = StorageHandle("a", config)
    first = handle.stat().revision
    assert handle.read() == (b"a", first)
    (root / "a").write_text("other")
    assert handle.stat().revision != first


def test_opens_text_and_bytes(config, root):
    (root / "x").parent.mkdir()
    (root / "x").write_bytes("größe\n".encode())
    with StorageHandle("x", config).open() as file:
        assert file.read() == "größe\n"
    with StorageHandle("x", config).open("rb") as file:
        assert file.read() == "größe\n".encode()


@pytest.mark.parametrize("act", ["read", "open", "copy"])
def test_what_cannot_be_read(config, root, act):
    (root / "folder").mkdir(parents=True)
    os.mkfifo(root / "pipe")

    def attempt(name: str) -> None:
        handle = StorageHandle(name, config)
        if act == "copy":
            handle.copy_to(StorageHandle("copy", config))
        else:
            getattr(handle, act)()

    with pytest.raises(StorageError, match="folder` is a folder, not a file"):
        attempt("folder")
    with pytest.raises(StorageError, match="pipe` is not a regular file"):
        attempt("pipe")
    with pytest.raises(StorageError, match="`/dev/zero` is not a regular file"):
        attempt("/dev/zero")
    with pytest.raises(NotFoundError, match="nope` does not exist"):
        attempt("nope")
    with pytest.raises(StorageError, match="cannot be read: file name too long"):
        attempt("n" * 300)
    assert sorted(os.listdir(root)) == ["folder", "pipe"]


def test_text_in_another_encoding(config, root):
    root.mkdir()
    (root / "latin").write_bytes(b"gr\xf6\xdfe")
    assert StorageHandle("latin", config).read_text("latin-1")[0] == "größe"
    with pytest.raises(StorageError, match="latin` cannot be read as utf-8 text"):
        StorageHandle("latin", config).read_text()
    with pytest.raises(StorageError, match="cannot be read as klingon text"):
        StorageHandle("latin", config).read_text("klingon")


def test_a_file_that_changes_while_it_is_read(config, root, monkeypatch):
    make(root, "x")
    seen: list[int] = []
    real = local.revision_of

    def changing(found: os.stat_result) -> str:
        seen.append(1)
        return f"{real(found)}-{len(seen)}" if len(seen) <= calm else str(real(found))

    monkeypatch.setattr(local, "revision_of", changing)
    calm = 3
    assert StorageHandle("x", config).read()[0] == b"x"
    seen.clear()
    calm = 10_000
    with pytest.raises(StorageError, match="changes while it is read"):
        StorageHandle("x", config).read()
    with pytest.raises(StorageError, match="changed while it was copied"):
        StorageHandle("x", config).copy_to(StorageHandle("y", config))
    assert os.listdir(root) == ["x"]


TREE = ("a.csv", "b.csv", "c.json", "part-1.json", "part-10.json", "part-x.txt", "d/a.csv", "d/e/a.csv", "d/e/f/z", ".hidden", ".git/a.csv", "[x]")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.csv", "a.csv b.csv"),
        ("part-*.json", "part-1.json part-10.json"),
        ("part-?.*", "part-1.json part-x.txt"),
        ("part-[0-9].json", "part-1.json"),
        ("[!ab].*", "c.json"),
        ("[[]x]", "[x]"),
        ("**/*.csv", "a.csv b.csv d/a.csv d/e/a.csv"),
        ("**", "[x] a.csv b.csv c.json d/a.csv d/e/a.csv d/e/f/z part-1.json part-10.json part-x.txt"),
        ("**/**/a.csv", "a.csv d/a.csv d/e/a.csv"),
        ("d/**", "d/a.csv d/e/a.csv d/e/f/z"),
        ("*/a.csv", "d/a.csv"),
        ("**/e/*", "d/e/a.csv"),
        ("d/e/", "d/e"),
        ("*/", "d"),
        ("**/", "d d/e d/e/f"),
        (".*", ".hidden"),
        (".*/a.csv", ".git/a.csv"),
        ("a.csv", "a.csv"),
        ("./d//a.csv", "d/a.csv"),
        ("nope/*", ""),
        ("A.csv", ""),
    ],
)
def test_what_a_pattern_matches(tmp_path, pattern, expected):
    make(tmp_path, *TREE)
    assert matches(str(tmp_path), pattern) == expected.split()


def test_matches_are_absolute_and_sorted(config, root):
    make(root, "a/z", "a/ä", "a/b/c")
    assert StorageHandle("a", config).glob("*") == [f"{root}/a/z", f"{root}/a/ä"]
    assert asyncio.run(AsyncStorageHandle("a/", config).glob("**")) == [f"{root}/a/b/c", f"{root}/a/z", f"{root}/a/ä"]
    assert StorageHandle(f"file://{root}/a").glob("z") == [f"{root}/a/z"]


def test_links_do_not_lead_in_a_circle(tmp_path):
    make(tmp_path, "a/x")
    (tmp_path / "a" / "again").symlink_to("..")
    (tmp_path / "a" / "link").symlink_to("x")
    (tmp_path / "a" / "broken").symlink_to("nope")
    assert matches(str(tmp_path), "**") == ["a/link", "a/x"]
    assert matches(str(tmp_path), "a/again/a/*") == ["a/again/a/link", "a/again/a/x"]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert matches(str(tmp_path / "nope"), "**") == []
    make(tmp_path, "file")
    assert matches(str(tmp_path / "file"), "*") == []


@pytest.mark.parametrize("pattern", ["", "/", ".", "../*", "a/../*", "/etc/*"])
def test_what_is_no_pattern(tmp_path, pattern):
    with pytest.raises(StorageError, match="is no pattern for what lies below"):
        matches(str(tmp_path), pattern)


def test_a_name_that_is_not_utf_8(tmp_path):
    (tmp_path / os.fsdecode(b"a\xff.csv")).write_bytes(b"")
    make(tmp_path, "b.txt")
    assert matches(str(tmp_path), "*.txt") == ["b.txt"]
    with pytest.raises(StorageError, match="but its name is not UTF-8") as raised:
        matches(str(tmp_path), "*.csv")
    assert str(raised.value).isprintable()

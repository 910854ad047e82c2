"""Which files a pipeline is made of, and which it may not be made of."""

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from otterdsl.compiler import files as disk
from otterdsl.compiler.sources import Loaded, load

Write = Callable[[Mapping[str, str | bytes]], Path]

STEP = "step a { hello_world b {} }\n"


def loaded(path: Path | str) -> Loaded:
    return load(disk.project(str(path)))


def ids(found: Loaded) -> list[str]:
    assert found.sources is not None
    return [file.file for file in found.sources.files]


def said(found: Loaded) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in found.diagnostics]


def underlined(found: Loaded) -> list[str]:
    """The text that each diagnostic points at."""
    return [found.texts[each.span.file].text[each.span.start : each.span.end] for each in found.diagnostics if each.span]


# ---------------------------------------------------------------- order and names


def test_what_a_file_imports_stands_before_it(files: Write) -> None:
    root = files({"a.otter": 'import "b.otter"\nimport "sub/c.otter"\n' + STEP, "b.otter": 'import "sub/c.otter"\n', "sub/c.otter": ""})
    found = loaded(root / "a.otter")
    assert ids(found) == ["sub/c.otter", "b.otter", "a.otter"]
    assert said(found) == []
    assert sorted(found.sha256) == sorted(found.texts) == ["a.otter", "b.otter", "sub/c.otter"]
    assert found.sha256["sub/c.otter"] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_an_import_is_relative_to_its_file(files: Write) -> None:
    root = files({"one/a.otter": 'import "../two/b.otter"\n', "two/b.otter": 'import "c.otter"\n', "two/c.otter": ""})
    assert ids(loaded(root / "one" / "a.otter")) == ["../two/c.otter", "../two/b.otter", "a.otter"]


def test_ids_do_not_depend_on_the_current_folder_nor_on_how_the_entry_is_written(files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = files({"pipes/a.otter": 'import "../b.otter"\n', "b.otter": ""})
    expected = ["../b.otter", "a.otter"]
    for folder, typed in [
        (root, "pipes/a.otter"),
        (root / "pipes", "a.otter"),
        (root, "./pipes/../pipes/a.otter"),
        (root.parent, str(root / "pipes/a.otter")),
    ]:
        monkeypatch.chdir(folder)
        assert ids(loaded(typed)) == expected


def test_files_are_shown_as_the_entry_was_typed(files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = files({"pipes/a.otter": 'import "../b.otter"\nimport "c.otter"\n', "b.otter": "", "pipes/c.otter": ""})
    monkeypatch.chdir(root)
    assert {text.display for text in loaded("pipes/a.otter").texts.values()} == {"pipes/a.otter", "b.otter", "pipes/c.otter"}
    monkeypatch.chdir(root / "pipes")
    assert {text.display for text in loaded("a.otter").texts.values()} == {"a.otter", "../b.otter", "c.otter"}
    assert loaded("./a.otter").texts["a.otter"].display == "./a.otter"


def test_a_file_reached_in_two_ways_is_one(files: Write) -> None:
    root = files({"a.otter": 'import "b.otter"\nimport "sub/../b.otter"\nimport "link.otter"\nimport "./b.otter"\n', "b.otter": STEP, "sub/x": ""})
    (root / "link.otter").symlink_to("b.otter")
    assert ids(loaded(root / "a.otter")) == ["b.otter", "a.otter"]


def test_an_entry_reached_by_a_link_is_the_file_itself(files: Write) -> None:
    root = files({"real/a.otter": 'import "b.otter"\n', "real/b.otter": ""})
    (root / "link.otter").symlink_to("real/a.otter")
    found = loaded(root / "link.otter")
    assert ids(found) == ["b.otter", "a.otter"]
    assert found.texts["a.otter"].display == str(root / "link.otter")


def test_a_long_chain_of_imports_is_followed(files: Write) -> None:
    count = 1500
    chain = {f"f{number}.otter": f'import "f{number + 1}.otter"\n' for number in range(count)}
    found = loaded(files({**chain, f"f{count}.otter": STEP}) / "f0.otter")
    assert len(ids(found)) == count + 1
    assert said(found) == []


# ---------------------------------------------------------------- imports that cannot be followed


@pytest.mark.parametrize(
    ("written", "message", "mend"),
    [
        ('"nothing.otter"', "`nothing.otter` cannot be imported: there is no such file", ""),
        ('"ohter.otter"', "`ohter.otter` cannot be imported: there is no such file", "did you mean `other.otter`?"),
        ('"other"', "`other` cannot be imported: there is no such file", "did you mean `other.otter`?"),
        ('"other.otr"', "`other.otr` cannot be imported: there is no such file", "did you mean `other.otter`?"),
        ('"sub"', "`sub` cannot be imported: it is a folder", "name a `.otter` file in it"),
        ('"."', "`.` cannot be imported: it is a folder", "name a `.otter` file in it"),
        ('"other.otter/x.otter"', "`other.otter/x.otter` cannot be imported: not a directory", ""),
        ('""', "`` cannot be imported: that is no path", "write a path relative to this file"),
        ('"a\\u{0}b"', "`a\0b` cannot be imported: that is no path", "write a path relative to this file"),
        (
            '"/etc/hostname"',
            "`/etc/hostname` cannot be imported: an absolute path is not the same on another machine",
            "write a path relative to this file",
        ),
        (
            '"https://example.org/a.otter"',
            "`https://example.org/a.otter` cannot be imported: only files can be imported",
            "download it, and import the file",
        ),
        ('"file:///etc/hostname"', "`file:///etc/hostname` cannot be imported: only files can be imported", "download it, and import the file"),
        ('"${name}.otter"', "this cannot be imported: its path must be known before anything is read", "write the path without `${…}`"),
        ('"binary.otter"', "`binary.otter` cannot be imported: it is not a text file", "a pipeline is UTF-8 text; is it the right file?"),
        ('"' + "x" * 300 + '"', f"`{'x' * 300}` cannot be imported: file name too long", ""),
        ('"loop.otter"', "`loop.otter` cannot be imported: too many levels of symbolic links", ""),
        ('"pipe"', "`pipe` cannot be imported: it is a pipe, not a file", ""),
    ],
)
def test_an_import_that_cannot_be_followed_is_said_where_it_stands(files: Write, written: str, message: str, mend: str) -> None:
    root = files({"a.otter": f"# first\nimport {written}\n{STEP}", "other.otter": "", "sub/x": "", "binary.otter": b"\xff\0\xfe"})
    (root / "loop.otter").symlink_to("loop.otter")
    os.mkfifo(root / "pipe")
    found = loaded(root / "a.otter")
    assert said(found) == [("OT209", message)]
    assert underlined(found) == [written]
    assert found.diagnostics[0].help == mend
    assert ids(found) == ["a.otter"]
    assert found.lost


OUTSIDE = "secret = 'do not show this'\n"


@pytest.mark.parametrize(
    "written",
    ["../outside.otter", "sub/../../outside.otter", "link.otter", "linked/outside.otter", "../nothing.otter", "../../../../../../../etc/hostname"],
)
def test_an_import_may_not_leave_the_project(files: Write, written: str) -> None:
    root = files({"a.otter": f'import "{written}"\n{STEP}', "sub/x": ""})
    (root.parent / "outside.otter").write_text(OUTSIDE)
    (root / "link.otter").symlink_to("../outside.otter")
    (root / "linked").symlink_to("..")
    found = loaded(root / "a.otter")
    assert said(found) == [("OT209", f"`{written}` cannot be imported: it leaves the project")]
    assert sorted(found.texts) == sorted(found.sha256) == ["a.otter"]
    assert "do not show" not in repr(found)


def test_a_folder_whose_name_begins_as_the_project_s_is_not_in_it(files: Write) -> None:
    root = files({"a.otter": 'import "../project2/b.otter"\n'})
    (root.parent / "project2").mkdir()
    (root.parent / "project2" / "b.otter").write_text(OUTSIDE)
    assert said(loaded(root / "a.otter")) == [("OT209", "`../project2/b.otter` cannot be imported: it leaves the project")]


@pytest.mark.parametrize(("marker", "allowed"), [("pyproject.toml", True), (".git", True), (None, False)])
def test_the_project_is_the_nearest_folder_with_a_marker_else_the_entry_s(tmp_path: Path, marker: str | None, allowed: bool) -> None:
    (tmp_path / "pipes").mkdir()
    (tmp_path / "pipes" / "a.otter").write_text('import "../b.otter"\n')
    (tmp_path / "b.otter").touch()
    if marker:
        (tmp_path / marker).touch()
    else:
        assert not any((folder / name).exists() for folder in tmp_path.parents for name in ("pyproject.toml", ".git"))
    found = loaded(tmp_path / "pipes" / "a.otter")
    assert ids(found) == (["../b.otter", "a.otter"] if allowed else ["a.otter"])


def test_imports_in_a_circle_are_drawn_as_their_path(files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = files({"a.otter": '\nimport "b.otter"\n' + STEP, "b.otter": 'import "c.otter"\n', "c.otter": '# c\n\nimport "b.otter"\n'})
    monkeypatch.chdir(root)
    found = loaded("a.otter")
    assert said(found) == [("OT403", "files import each other in a circle: `b.otter:1` → `c.otter:3` → `b.otter`")]
    assert underlined(found) == ['"b.otter"']
    assert [(label.span.file, label.text) for label in found.diagnostics[0].related] == [("b.otter", "which imports this")]
    assert ids(found) == ["c.otter", "b.otter", "a.otter"]


def test_a_file_that_imports_itself_is_a_circle(files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files({"a.otter": 'import "a.otter"\n'}))
    assert said(loaded("a.otter")) == [("OT403", "`a.otter` imports itself")]


def test_of_a_long_circle_the_beginning_is_drawn(files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files({f"f{number}.otter": f'import "f{(number + 1) % 40}.otter"\n' for number in range(40)}))
    ((code, message),) = said(loaded("f0.otter"))
    assert code == "OT403"
    assert message.endswith("`f11.otter:1` → 28 more → `f0.otter`")


def test_every_mistake_of_every_file_is_found(files: Write) -> None:
    root = files({"a.otter": 'import "b.otter"\nimport "no.otter"\nstep {', "b.otter": 'import "c.otter"\nstep }', "c.otter": 'import "no.otter"\n"'})
    found = loaded(root / "a.otter")
    assert {each.where for each in found.diagnostics} == {"a.otter", "b.otter", "c.otter"}
    assert sum(each.code == "OT209" for each in found.diagnostics) == 2


# ---------------------------------------------------------------- entries that cannot be read


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("nothing.otter", "OT001", "`nothing.otter` cannot be read: there is no such file"),
        ("sub", "OT001", "`sub` cannot be read: it is a folder"),
        ("pipe", "OT001", "`pipe` cannot be read: it is a pipe, not a file"),
        ("loop.otter", "OT001", "`loop.otter` cannot be read: too many levels of symbolic links"),
        ("/dev/zero", "OT001", "`/dev/zero` cannot be read: it is a device, not a file"),
        ("/proc/self/mem", "OT001", "`/proc/self/mem` cannot be read: input/output error"),
        ("a.otter/b", "OT001", "`a.otter/b` cannot be read: not a directory"),
        ("", "OT001", "`` cannot be read: it is a folder"),
        ("a\0b", "OT001", "`a\0b` cannot be read: embedded null byte"),
        ("binary", "OT003", "`binary` cannot be read: it is not a text file"),
        ("huge", "OT008", "`huge` cannot be read: it has 68157440 bytes"),
    ],
)
def test_an_entry_that_cannot_be_read_is_one_diagnostic(files: Write, name: str, code: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = files({"a.otter": STEP, "sub/x": "", "binary": b"\x7fELF\0\xff\xfe"})
    (root / "loop.otter").symlink_to("loop.otter")
    os.mkfifo(root / "pipe")
    with open(root / "huge", "wb") as huge:
        huge.truncate(65 * 1024 * 1024)
    monkeypatch.chdir(root)
    found = loaded(name)
    (only,) = found.diagnostics
    assert found.sources is None
    assert only.code == code
    assert only.message == message
    assert only.where == name
    assert found.texts == {}


def test_a_socket_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        (only,) = loaded("socket").diagnostics
    assert only.code == "OT001"
    assert only.where == "socket"


def test_a_missing_entry_has_its_nearest_named(files: Write) -> None:
    root = files({"penguins.otter": STEP})
    (only,) = loaded(root / "pengiuns.otter").diagnostics
    assert only.help == "did you mean `penguins.otter`?"


def test_a_file_that_may_not_be_read_says_so(files: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    root = files({"a.otter": STEP})

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(disk.os, "open", refuse)
    (only,) = loaded(root / "a.otter").diagnostics
    assert only.message == f"`{root / 'a.otter'}` cannot be read: permission denied"


def test_bad_utf_8_is_said_at_its_place(files: Write) -> None:
    root = files({"a.otter": b"step a {\n  hello_world \xe9 {}\n}\n"})
    found = loaded(root / "a.otter")
    places = [(each.code, found.texts["a.otter"].position(each.span.start)) for each in found.diagnostics if each.span]
    assert ("OT002", (2, 15)) in places

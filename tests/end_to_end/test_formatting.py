"""`fmt`: files in place, folders, standard input, what would change, and what is left alone."""

from pathlib import Path

import pytest
from command_line import contents, otterdsl, write

from otterdsl.compiler.formatting import format_bytes

ROOT = Path(__file__).resolve().parents[2]
UGLY = b'step a{copy b {source="x"\n destination = "y"}   # why\n\n\n\nhello_world c{}}\n'
PRETTY = b"""step a {
  copy b {
    source      = "x"
    destination = "y"
  }  # why

  hello_world c {}
}
"""
BROKEN = b"step a {\n  copy b { source = }\n"


def test_a_file_is_written_in_place_and_keeps_its_mode(tmp_path: Path) -> None:
    write(tmp_path, {"a.otter": b"\xef\xbb\xbf" + UGLY.replace(b"\n", b"\r\n")})
    (tmp_path / "a.otter").chmod(0o640)
    ended = otterdsl("fmt", "a.otter", folder=tmp_path)
    assert (ended.code, ended.out, ended.err) == (0, "", "formatted a.otter\n")
    assert contents(tmp_path) == {"a.otter": PRETTY}
    assert (tmp_path / "a.otter").stat().st_mode & 0o777 == 0o640
    again = otterdsl("fmt", "a.otter", folder=tmp_path)
    assert (again.code, again.out, again.err) == (0, "", "")


def test_a_file_that_may_only_be_read_is_not_replaced(tmp_path: Path) -> None:
    write(tmp_path, {"a.otter": UGLY})
    (tmp_path / "a.otter").chmod(0o444)
    ended = otterdsl("fmt", "a.otter", folder=tmp_path)
    assert (ended.code, ended.out, ended.err) == (1, "", "error: a.otter: it may only be read\n")
    assert contents(tmp_path) == {"a.otter": UGLY}


def test_a_folder_without_pipelines_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.txt": UGLY, "p/.hidden.otter": UGLY})
    ended = otterdsl("fmt", "p", folder=tmp_path)
    assert (ended.code, ended.out, ended.err) == (0, "", "p holds no .otter files\n")


def test_a_folder_is_searched_and_what_is_wrong_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.otter": UGLY, "p/q/b.otter": BROKEN, "p/.hidden/c.otter": UGLY, "p/d.txt": UGLY, "p/e.otter": PRETTY})
    ended = otterdsl("fmt", "p", folder=tmp_path)
    assert ended.code == 1
    assert "error[OT10" in ended.err
    assert "formatted p/a.otter" in ended.err
    assert contents(tmp_path) == {"p/a.otter": PRETTY, "p/q/b.otter": BROKEN, "p/.hidden/c.otter": UGLY, "p/d.txt": UGLY, "p/e.otter": PRETTY}


def test_check_and_diff_change_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a.otter": UGLY, "b.otter": PRETTY})
    checked = otterdsl("fmt", "--check", "a.otter", "b.otter", folder=tmp_path)
    assert (checked.code, checked.out, checked.err) == (1, "", "would change a.otter\n")
    differing = otterdsl("fmt", "--diff", "a.otter", "b.otter", folder=tmp_path)
    assert differing.code == 0
    assert differing.out.startswith("--- a.otter\n+++ a.otter\n")
    assert '+    destination = "y"\n' in differing.out
    assert contents(tmp_path) == {"a.otter": UGLY, "b.otter": PRETTY}
    assert otterdsl("fmt", "--check", "b.otter", folder=tmp_path).code == 0


def test_standard_input_goes_to_standard_output(tmp_path: Path) -> None:
    ended = otterdsl("fmt", "-", folder=tmp_path, text=UGLY.decode())
    assert (ended.code, ended.out, ended.err) == (0, PRETTY.decode(), "")
    broken = otterdsl("fmt", "-", folder=tmp_path, text=BROKEN.decode())
    assert (broken.code, broken.out) == (1, "")
    assert "<standard input>:2" in broken.err
    assert otterdsl("fmt", "-", "a.otter", folder=tmp_path).code == 2


@pytest.mark.parametrize(("name", "said"), [("a.yaml", "convert it first"), ("a.py", "is Python"), ("gone.otter", "no such file")])
def test_other_files_are_refused(tmp_path: Path, name: str, said: str) -> None:
    if name != "gone.otter":
        write(tmp_path, {name: "x: 1\n"})
    ended = otterdsl("fmt", name, folder=tmp_path)
    assert ended.code == (1 if name == "gone.otter" else 2)
    assert said in ended.err


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("*.otter")), ids=lambda path: path.name)
def test_the_examples_are_in_canonical_form(path: Path) -> None:
    formatted = format_bytes(path.read_bytes(), path.name)
    assert formatted.diagnostics == ()
    assert not formatted.changed

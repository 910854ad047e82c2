"""`check --fix`: safe fixes and only those, in every file of the pipeline; twice gives what once gives."""

from pathlib import Path

import pytest
from command_line import contents, otterdsl, write

from otterdsl.compiler.fixing import fix_file
from otterdsl.compiler.frontend import check

WRONG = """\
import "lib.otter"
param unused: int = 1
step s {
  copy b {
    source     = "https://example.org/é"
    destnation = "x" # a comment
  }
  hello_wrold c { whoo = greeting }
}
"""
LIB = 'scratchpad { greeting = "hi" }\nstep t {\n  hello_world d { whom = "x" }\n}\n'


def test_what_is_certain_is_mended_and_the_rest_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": b"\xef\xbb\xbf" + WRONG.replace("\n", "\r\n").encode(), "lib.otter": LIB})
    ended = otterdsl("check", "--fix", "p.otter", folder=tmp_path)
    assert "fixed p.otter:6: rename to `destination` (OT204)" in ended.err
    assert "fixed p.otter:8: rename to `hello_world` (OT201)" in ended.err
    assert "fixed lib.otter:3: rename to `who` (OT204)" in ended.err
    assert ended.code == 0, ended.out
    assert "OT902" in ended.out
    fixed = WRONG.replace("destnation", "destination").replace("hello_wrold", "hello_world").replace("whoo", "who")
    after = {"p.otter": b"\xef\xbb\xbf" + fixed.replace("\n", "\r\n").encode(), "lib.otter": LIB.replace("whom", "who").encode()}
    assert contents(tmp_path) == after
    again = otterdsl("check", "--fix", "p.otter", folder=tmp_path)
    assert "fixed" not in again.err
    assert contents(tmp_path) == after


def test_unsafe_fixes_are_left_to_people(tmp_path: Path) -> None:
    text = "param unused: int = 1\nstep s { hello_world x {} }\n"
    write(tmp_path, {"p.otter": text})
    assert otterdsl("check", "--fix", "p.otter", folder=tmp_path).code == 0
    assert contents(tmp_path) == {"p.otter": text.encode()}


def test_nothing_is_written_without_it_nor_where_it_cannot_be(tmp_path: Path) -> None:
    write(tmp_path, {"p.otter": WRONG, "lib.otter": LIB})
    before = contents(tmp_path)
    assert otterdsl("check", "p.otter", folder=tmp_path).code == 1
    assert contents(tmp_path) == before
    assert otterdsl("check", "--fix", "gone.otter", folder=tmp_path).code == 1


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[1] / "corpus" / "err").glob("*.otter")), ids=lambda path: path.stem)
def test_a_fix_mends_what_it_is_for_and_breaks_no_syntax(path: Path, tmp_path: Path) -> None:
    write(tmp_path, {path.name: path.read_bytes(), **{f"parts/{part.name}": part.read_bytes() for part in (path.parent / "parts").glob("*.otter")}})
    entry = tmp_path / path.name
    before = codes(entry)
    done = fix_file(entry)
    after = codes(entry)
    assert [found for found in after if found[0] < "OT2" and found not in before] == []
    assert len(after) <= len(before) or done  # what was hidden by a mistake may be seen once it is mended
    assert fix_file(entry) == ()


def codes(entry: Path) -> list[tuple[str, str]]:
    return [(each.code, each.message) for each in check(entry).diagnostics if each.severity.value == "error"]

"""Safe fixes in files: what is around them stays byte for byte; and a law: a safe fix removes what it is for, and brings nothing new."""

import re
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otterdsl.compiler import fixing
from otterdsl.compiler.fixing import chosen, edited_bytes, fix_file
from otterdsl.compiler.frontend import check
from otterdsl.compiler.source.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from otterdsl.compiler.source.span import Span

CORPUS = Path(__file__).parents[2] / "corpus"
WRONG = 'step s {\n  hello_world a { whoo = "x" }\n  hello_wrold b {}\n}\n'
RIGHT = WRONG.replace("whoo", "who").replace("wrold", "world")


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(Span("x", start, end), text)


def found(*edits: Edit, safe: bool = True, related: tuple[Label, ...] = ()) -> Diagnostic:
    fix = Fix("mend", edits, "safe" if safe else "unsafe")
    return Diagnostic("OT204", Severity.ERROR, "m", edits[0].span if edits else None, related=related, fixes=(fix,))


@pytest.mark.parametrize(
    ("data", "edits", "after"),
    [
        (b"abc", [edit(1, 2, "X")], b"aXc"),
        (b"\xef\xbb\xbfabc", [edit(0, 1, "X")], b"\xef\xbb\xbfXbc"),
        (b"\xef\xbb\xbfa\r\nb\nc\r\nd", [edit(2, 3, "X"), edit(6, 7, "Y")], b"\xef\xbb\xbfa\r\nX\nc\r\nY"),
        (b"a\r\nb", [edit(1, 1, ","), edit(3, 3, "\n")], b"a,\r\nb\r\n"),
        ("é\r\nü".encode(), [edit(2, 3, "ö")], "é\r\nö".encode()),
        (b"\xe9\r\nb\xff", [edit(2, 3, "c")], b"\xe9\r\nc\xff"),
        (b"a\r\r\nb", [edit(3, 4, "c")], b"a\r\r\nc"),
    ],
)
def test_what_is_around_an_edit_stays_byte_for_byte(data: bytes, edits: list[Edit], after: bytes) -> None:
    assert edited_bytes(data, edits) == after


def test_of_fixes_that_meet_the_first_is_chosen() -> None:
    first, second, apart = found(edit(0, 3, "a")), found(edit(3, 4, "b")), found(edit(5, 6, "c"), edit(8, 8, "d"))
    assert [diagnostic for diagnostic, _ in chosen([first, second, apart, found(edit(8, 9, "e"))])] == [first, apart]
    assert chosen([found(edit(0, 1, ""), safe=False), found()]) == []


def test_of_two_fields_of_a_task_only_one_is_meant_for_a_third(tmp_path: Path) -> None:
    path = tmp_path / "p.otter"
    path.write_text('step s {\n  hello_world a { whho = "x" whoo = "y" }\n}\n')
    assert [each.title for each in fix_file(path)] == ["rename to `who`"]
    assert [each.code for each in check(path).diagnostics] == ["OT204"]
    assert fix_file(path) == ()


def test_a_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    real = tmp_path / "real.otter"
    real.write_text(WRONG)
    real.chmod(0o640)
    link = tmp_path / "link.otter"
    link.symlink_to(real)
    assert len(fix_file(link)) == 2
    assert link.is_symlink()
    assert real.read_text() == RIGHT
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_file_that_may_only_be_read_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "p.otter"
    path.write_text(WRONG)
    path.chmod(0o444)
    with pytest.raises(PermissionError, match="it may only be read"):
        fix_file(path)
    assert path.read_text() == WRONG


def test_a_file_that_is_changed_meanwhile_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.otter"
    path.write_text(WRONG)

    def check_and_edit(entry: Path, *, use_imports: bool) -> object:
        checked = check(entry, use_imports=use_imports)
        path.write_text(f"# edited\n{WRONG}")
        return checked

    monkeypatch.setattr(fixing, "check", check_and_edit)
    assert fix_file(path) == ()
    assert path.read_text() == f"# edited\n{WRONG}"


def test_nothing_but_otter_files_is_touched(tmp_path: Path) -> None:
    (tmp_path / "lib.yaml").write_text(WRONG)
    (tmp_path / "p.otter").write_text('import "lib.yaml"\nstep t { hello_world a {} }\n')
    assert fix_file(tmp_path / "p.otter") == ()
    assert (tmp_path / "lib.yaml").read_text() == WRONG


# ---------------------------------------------------------------- the law

OK, ERR = ([path.read_text() for path in sorted((CORPUS / folder).glob("*.otter")) if "import" not in path.read_text()] for folder in ("ok", "err"))
WORDS, SIGNS = re.compile(r"\w{4,}"), re.compile(r" (?:=|and|not|in) |,|:")
SLIPS = (("{", ""), ("=", ":"), (":", "="), ("step", "stpe"), (" and ", " && "), ("not ", "!"), ("# ", "// "), ("]", ""), ('"', ""))


@st.composite
def slipped(draw: st.DrawFn, pages: list[str], most: int) -> str:
    """A file with slips: a letter of a word left out, doubled or swapped with the next, a sign that is missing, one for another, a habit."""
    text = draw(st.sampled_from(pages))
    for _ in range(draw(st.integers(1, most))):
        match draw(st.sampled_from(("word", "sign", "other"))):
            case "word":
                word = draw(st.sampled_from([found.span() for found in WORDS.finditer(text)]))
                at = draw(st.integers(word[0], word[1] - 2))
                slip = draw(st.sampled_from(("", text[at] * 2 + text[at + 1], text[at + 1] + text[at])))
                text = text[:at] + (slip or text[at + 1]) + text[at + 2 :]
            case "sign":
                signs = [found.span() for found in SIGNS.finditer(text)] or [(0, 0)]
                start, end = draw(st.sampled_from(signs))
                text = text[:start] + " " + text[end:]
            case _:
                old, new = draw(st.sampled_from(SLIPS))
                at = draw(st.sampled_from([found.start() for found in re.finditer(re.escape(old), text)] or [len(text)]))
                text = text[:at] + (new if at < len(text) else "") + text[at + len(old) :]
    return text


LAW = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def errors(path: Path) -> list[tuple[str, str]]:
    """The errors of a file, without their places, which a fix may move."""
    return [(each.code, each.message) for each in check(path, use_imports=False).diagnostics if each.severity is Severity.ERROR]


@LAW
@given(text=slipped(OK, 1))
def test_safe_fixes_mend_a_slip_in_a_right_file_and_break_nothing(text: str, tmp_path: Path) -> None:
    path = tmp_path / "p.otter"
    path.write_text(text, encoding="utf-8")
    before = errors(path)
    for diagnostic, fix in chosen(check(path, use_imports=False).diagnostics):
        path.write_bytes(edited_bytes(text.encode(), fix.edits))
        this = (diagnostic.code, diagnostic.message)
        assert errors(path).count(this) < before.count(this) or diagnostic.severity is not Severity.ERROR, diagnostic
    path.write_text(text, encoding="utf-8")
    done = fix_file(path, use_imports=False)
    assert len(errors(path)) < len(before) or not done, (before, errors(path))


@LAW
@given(text=slipped(ERR, 3))
def test_fixing_twice_is_fixing_once(text: str, tmp_path: Path) -> None:
    path = tmp_path / "p.otter"
    path.write_text(text, encoding="utf-8")
    fix_file(path, use_imports=False)
    once = path.read_bytes()
    assert fix_file(path, use_imports=False) == ()
    assert path.read_bytes() == once

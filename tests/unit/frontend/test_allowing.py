"""`# otterdsl: allow`: what it silences, what it does not, and what is said of one that silences nothing."""

from pathlib import Path

import pytest

from otterdsl.compiler.frontend import check


def found(tmp_path: Path, text: str) -> list[tuple[str, int]]:
    entry = tmp_path / "p.otter"
    entry.write_text(text, encoding="utf-8")
    checked = check(entry)
    texts = checked.texts
    return [(each.code, texts[each.span.file].position(each.span.start).line) for each in checked.diagnostics if each.span]


STEP = "step s { hello_world x {} }\n"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("param a: int = 1\n", [("OT902", 1)]),
        ("# otterdsl: allow OT902\nparam a: int = 1\n", []),
        ("# otterdsl: allow ot902, OT903 -- why not\nparam a: int = 1\n", [("OT908", 1)]),
        ("# otterdsl: allow OT902\n\n# what it is\nparam a: int = 1\nparam b: int = 1\n", [("OT902", 5)]),
        ("param a: int = 1 # otterdsl: allow OT902\n", [("OT902", 1), ("OT908", 1)]),
        ("# otterdsl: allow OT204\nparam a: int = 1\n", [("OT908", 1), ("OT902", 2)]),
        ("# otterdsl: allow OT999\n", [("OT908", 1)]),
        ("# otterdsl: allow OT908\n", [("OT908", 1)]),
        ("# otterdsl: allow OT903\nscratchpad { a = 1 b = 2 }\n", []),
        ("scratchpad {\n  # otterdsl: allow OT903\n  a = 1\n  b = 2\n}\n", [("OT903", 4)]),
    ],
)
def test_a_comment_speaks_for_what_begins_next(tmp_path: Path, text: str, codes: list[tuple[str, int]]) -> None:
    assert found(tmp_path, text + STEP) == codes


def test_an_error_stays_and_a_step_is_no_umbrella(tmp_path: Path) -> None:
    text = "# otterdsl: allow OT906\nstep s {\n  if true { hello_world x {} }\n}\n"
    assert found(tmp_path, text) == [("OT908", 1), ("OT906", 3)]
    assert found(tmp_path, "# otterdsl: allow OT204\n" + STEP.replace("{}", "{ whom = 1 }")) == [("OT908", 1), ("OT204", 2)]


def test_files_that_others_import_and_files_without_a_step_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "lib.otter").write_text("param a: int = 1\nparam b: int = 2\ntask t extends copy {}\n", encoding="utf-8")
    assert check(tmp_path / "lib.otter").diagnostics == ()
    assert found(tmp_path, 'import "lib.otter"\nstep s { hello_world x { who = a } }\n') == []
    assert found(tmp_path, 'import "lib.otter"\n' + STEP) == [("OT904", 1)]

"""Task types that nothing describes: what is said of their declarations, and what those take from the values seen."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from otterdsl.compiler.source.diagnostic import Severity
from otterdsl.convert.convert import convert_config
from otterdsl.convert.words import DECLARE

SEEN = "declared with the fields seen"


def said(folder: Path, names: list[str], schemas: Sequence[str] = (), packages: Sequence[str] = ()) -> list[tuple[str, str]]:
    """What is said of a step with a task of each type, with the help."""
    tasks = "".join(f"    - name: {name} x{number}\n" for number, name in enumerate(names))
    (folder / "config.yaml").write_text(f"steps:\n  a:\n{tasks}", encoding="utf-8")
    converted = convert_config(folder / "config.yaml", schemas=schemas, packages=packages)
    assert converted.text is not None
    assert all(f"extern task {name} " in converted.text for name in names)
    assert all(each.severity is Severity.WARNING for each in converted.diagnostics if each.code == "OT201")
    return [(each.message, each.help) for each in converted.diagnostics if each.code == "OT201"]


def test_a_nearly_known_type_is_said_by_itself_once(tmp_path: Path) -> None:
    assert said(tmp_path, ["hello_wrold", "coppy", "coppy"]) == [
        (f"`hello_wrold` is no task type that is known: {SEEN}", "did you mean `hello_world`?"),
        (f"`coppy` is no task type that is known: {SEEN}", "did you mean `copy`?"),
    ]


def test_all_others_are_said_in_one_line(tmp_path: Path) -> None:
    assert said(tmp_path, ["mine"]) == [(f"`mine` is no task type that is known: {SEEN}", DECLARE)]
    assert said(tmp_path, ["mine", "yours"]) == [(f"`mine` and `yours` are no task types that are known: {SEEN}", DECLARE)]
    (many,) = said(tmp_path, [f"type_of_{word}" for word in ("apples", "bread", "cheese", "dates", "eggs", "flour", "grapes")])
    assert many[0].startswith("`type_of_apples`, ")
    assert many[0].endswith(f"`type_of_eggs` and 2 more are no task types that are known: {SEEN}")


def test_what_could_not_be_read_may_have_described_them(tmp_path: Path) -> None:
    assert said(tmp_path, ["mine"], schemas=["none.otter"]) == []
    assert said(tmp_path, ["mine"], packages=["no_such_package"]) == []


@pytest.mark.parametrize(
    ("value", "other", "of"),
    [
        ("1", "2", "int"),
        ("1.5", "2", "float"),
        ("true", "false", "bool"),
        ("x", "y", "str"),
        ("1", "x", "int | str"),
        ("[1]", "[x]", "list[int | str]"),
    ],
)
def test_a_name_has_the_type_of_its_value(value: str, other: str, of: str, tmp_path: Path) -> None:
    tasks = f"    - {{name: mine x, field: '${{key}}'}}\n    - {{name: mine y, field: {other}}}\n"
    (tmp_path / "config.yaml").write_text(f"scratchpad: {{key: {value}}}\nsteps:\n  a:\n{tasks}", encoding="utf-8")
    text = convert_config(tmp_path / "config.yaml").text
    assert text is not None
    assert f"  field: {of}\n" in text

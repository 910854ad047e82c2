"""Types as text: told from annotations, read back, and made into what checks values."""

import enum
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, Optional

import pytest
from pydantic import BaseModel, Field, ValidationError

from otterdsl.runtime.task.language_types import Option, adapter, parse_type, type_text
from otterdsl.runtime.task.model import Spec
from otterdsl.runtime.task.roles import Duration, Input, Into, Key, Output, Size


class Colour(enum.Enum):
    RED = "red"


class Machine(BaseModel):
    cpu: int


Words = NewType("Words", str)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (str, "str"),
        (int, "int"),
        (float, "float"),
        (bool, "bool"),
        (Any, "any"),
        (object, "any"),
        (None, "any"),
        (Path, "str"),
        (Duration, "duration"),
        (Size, "size"),
        (Annotated[str, Input], "input"),
        (Annotated[Path, Output], "output"),
        (Annotated[str | None, Key], "key?"),
        (Annotated[str, Into] | None, "into?"),
        (Annotated[list[str], Input], "list[input]"),
        (list[Annotated[str, Input]] | Annotated[str, Input], "list[input] | input"),
        (Annotated[int, Field(gt=0)], "int"),
        (int | str | None, "int | str?"),
        (Optional[list[Duration]], "list[duration]?"),  # noqa: UP045 (the old spelling is what is tested)
        (list, "list[any]"),
        (Sequence[int], "list[int]"),
        (set[str], "list[str]"),
        (tuple[int, ...], "list[int]"),
        (tuple[int, str], "list[any]"),
        (dict, "map[any]"),
        (dict[str, list[int]], "map[list[int]]"),
        (Mapping[str, Annotated[str, Output]], "map[output]"),
        (list[Spec], "list[Spec]"),
        (list[Spec] | None, "list[Spec]?"),
        (Spec, "any"),
        (Machine, "map[any]"),
        (Literal["a", "b"], "str"),
        (Literal["a", 1, None], "str | int?"),
        (Colour, "str"),
        (Words, "str"),
        (int | Any, "any"),
        (bytes, "any"),
    ],
)
def test_an_annotation_has_a_nearest_type(annotation: Any, text: str) -> None:
    assert type_text(annotation) == text
    assert parse_type(text)


def test_a_role_beside_the_field_is_that_of_the_text_within() -> None:
    assert type_text(list[str] | str, [Input]) == "list[input] | input"


def test_a_type_is_read_in_its_parts() -> None:
    inner = (Option("input", None, False),)
    assert parse_type("list[input]? | int") == (Option("list", inner, True), Option("int", None, False))


@pytest.mark.parametrize("text", ["", "list[", "list[int", "int |", "| int", "int int", "a-b", "list[]", "?"])
def test_other_text_is_no_type(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|is not a type"):
        parse_type(text)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("int", 3),
        ("float", 3),
        ("float", 0.5),
        ("bool", True),
        ("str", "x"),
        ("input", "x"),
        ("any", None),
        ("any", {"a": [1]}),
        ("int?", None),
        ("list[int] | str", "x"),
        ("map[list[float]]", {"a": [1, 2.5]}),
        ("duration", "30m"),
        ("size?", None),
        ("list[Spec]", [{"name": "copy a"}]),
    ],
)
def test_a_value_of_the_type_fits(type_: str, value: object) -> None:
    assert adapter(type_).validate_python(value) == value


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("int", "3"),
        ("int", True),
        ("int", 3.0),
        ("float", "3"),
        ("float", True),
        ("bool", 1),
        ("bool", "true"),
        ("str", 3),
        ("str", None),
        ("key", 3),
        ("list[int]", ["3"]),
        ("list[int]", "x"),
        ("map[int]", {"a": "3"}),
        ("duration", "soon"),
        ("size", "big"),
    ],
)
def test_a_value_of_another_type_does_not(type_: str, value: object) -> None:
    with pytest.raises(ValidationError):
        adapter(type_).validate_python(value)

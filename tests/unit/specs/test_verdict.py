"""What pydantic says of values, in the language's words."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, field_validator, model_validator

from otterdsl.runtime.task.model import Spec
from otterdsl.runtime.task.roles import Duration, Input
from otterdsl.runtime.task.verdict import Problem, Request, check


class Inner(BaseModel, extra="forbid"):
    cpu: int
    memory: str = "1GiB"


class TrySpec(Spec):
    source: Annotated[str, Input] = "x"
    sources: list[Annotated[str, Input]] | Annotated[str, Input] = "x"
    count: Annotated[int, Field(gt=0)] = 1
    mode: Literal["a", "b"] = "a"
    wait: Duration | int = "3s"
    machine: Inner | None = None
    weights: dict[str, float] = {}  # noqa: RUF012 (pydantic copies it)
    deep: list[dict[str, int]] | dict[str, list[int]] | None = None
    do: list[Spec]

    @field_validator("source")
    @classmethod
    def _good(cls, source: str) -> str:
        if source == "bad":
            raise ValueError("No bad\n source, please.")
        if source == "odd":
            raise KeyError("odd")
        if source == "out":
            raise SystemExit(3)
        if source == "asserted":
            raise AssertionError("Not this")
        return source


class WholeSpec(Spec):
    low: int = 0
    high: int = 1

    @model_validator(mode="after")
    def _ordered(self) -> "WholeSpec":
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


MODELS: dict[str, type[BaseModel]] = {"try": TrySpec, "whole": WholeSpec, "base": Spec}


def problems(base: str | None, values: dict[str, Any], declared: dict[str, str] | None = None, held: bool = False) -> list[tuple[Any, str]]:
    return [(problem.path, problem.message) for problem in check([Request(base, values, declared or {}, held)], MODELS)]


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"source": 3}, ("source",), "expected a string, found `3`"),
        ({"source": None}, ("source",), "expected a string, found `null`"),
        ({"source": [1]}, ("source",), "expected a string, found a list"),
        ({"source": True}, ("source",), "expected a string, found `true`"),
        ({"count": "x"}, ("count",), 'expected an int, found `"x"`'),
        ({"count": 1.5}, ("count",), "expected an int, found `1.5`"),
        ({"count": 0}, ("count",), "expected more than 0, found `0`"),
        ({"mode": "c"}, ("mode",), 'expected `"a"` or `"b"`, found `"c"`'),
        ({"weights": {"a": "x"}}, ("weights", "a"), 'expected a number, found `"x"`'),
        ({"weights": 3}, ("weights",), "expected a map, found `3`"),
        ({"sources": 3}, ("sources",), "expected a list or a string, found `3`"),
        ({"sources": ["a", 3]}, ("sources", 1), "expected a string, found `3`"),
        ({"sources": {"str": 3}}, ("sources",), "expected a list or a string, found a map"),
        ({"deep": [{"a": "x"}]}, ("deep", 0, "a"), 'expected an int, found `"x"`'),
        ({"deep": {"a": [1, "q"]}}, ("deep", "a", 1), 'expected an int, found `"q"`'),
        ({"machine": {"cpu": "x"}}, ("machine", "cpu"), 'expected an int, found `"x"`'),
        ({"machine": {}}, ("machine",), "the key `cpu` is missing"),
        ({"machine": {"cpu": 1, "gpu": 1}}, ("machine", "gpu"), "unknown key `gpu`"),
        ({"wait": "soon"}, ("wait",), "`soon` is not a duration, such as `30m`, `2h15m` or `500ms`"),
        ({"source": "bad"}, ("source",), "No bad source, please."),
        ({"source": "asserted"}, ("source",), "Not this"),
        ({"count": "x" * 100}, ("count",), f'expected an int, found `"{"x" * 58}…`'),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_place(values: dict[str, Any], path: tuple[Any, ...], message: str) -> None:
    assert problems("try", values) == [(path, message)]


def test_python_specs_keep_the_mode_of_pydantic() -> None:
    assert problems("try", {"count": "3", "weights": {"a": "1.5"}}) == []


def test_missing_and_unknown_fields_are_not_ours_to_report() -> None:
    assert problems("try", {"nonsense": 1}) == []


def test_what_a_model_says_of_itself_has_no_path() -> None:
    assert problems("whole", {"low": 3, "high": 2}) == [((), "low is above high")]


def test_what_a_model_says_of_itself_does_not_count_while_fields_are_held() -> None:
    assert problems("whole", {"low": 3}) == [((), "low is above high")]
    assert problems("whole", {"low": 3}, held=True) == []
    assert problems("whole", {"low": "x"}, held=True) == [(("low",), 'expected an int, found `"x"`')]


def test_the_base_spec_takes_any_field() -> None:
    assert problems("base", {"whatever": 1, "requires": ["a"]}) == []
    assert problems("base", {"requires": 3}) == [(("requires",), "expected a list, found `3`")]


def test_a_validator_that_raises_something_else_is_a_problem() -> None:
    assert problems("try", {"source": "odd"}) == [((), "`TrySpec` cannot check this: KeyError: 'odd'")]
    out = check([Request("try", {"source": "out"})], MODELS, caught=BaseException)
    assert out == [Problem(0, (), "`TrySpec` cannot check this: SystemExit: 3")]


@pytest.mark.parametrize(
    ("type_", "value", "path", "message"),
    [
        ("int", "3", (), 'expected an int, found `"3"`'),
        ("int", True, (), "expected an int, found `true`"),
        ("list[int]", [1, "x"], (1,), 'expected an int, found `"x"`'),
        ("list[input] | input", 3, (), "expected a list or a string, found `3`"),
        ("map[list[int]]", {"a": [1.5]}, ("a", 0), "expected an int, found `1.5`"),
        ("duration", 3, (), "expected a string, found `3`"),
        ("size?", "big", (), "`big` is not a size, such as `8GiB` or `1.5 MB`"),
        ("int | str", None, (), "expected an int or a string, found `null`"),
    ],
)
def test_declared_types_are_strict(type_: str, value: object, path: tuple[Any, ...], message: str) -> None:
    assert problems(None, {"f": value}, {"f": type_}) == [(("f", *path), message)]


def test_a_field_declared_again_is_judged_by_its_declaration() -> None:
    assert problems("try", {"count": "word"}, {"count": "str"}) == []
    assert problems("try", {"count": 3}, {"count": "str"}) == [(("count",), "expected a string, found `3`")]


def test_problems_come_in_the_order_of_the_requests() -> None:
    found = check([Request("whole", {"low": "x"}), Request("whole", {}), Request(None, {"a": 1}, {"a": "str"})], MODELS)
    assert [problem.request for problem in found] == [0, 2]
    assert check([Request("nobody", {"a": 1})], MODELS) == []


def test_each_request_is_announced() -> None:
    seen: list[int] = []
    check([Request("whole", {}), Request("whole", {})], MODELS, before=seen.append)
    assert seen == [0, 1]


def test_a_value_nested_deeper_than_pydantic_goes_is_a_problem() -> None:
    value: Any = 1
    for _ in range(5000):
        value = [value]
    found = problems(None, {"f": value}, {"f": "list[str]"})
    assert found == [(("f", 0), "expected a string, found a list")]

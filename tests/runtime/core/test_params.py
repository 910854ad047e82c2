"""The values of params."""

import json
from typing import Any

import pytest
from pipelines import load, package

from otterdsl.runtime.loader import load_sources
from otterdsl.runtime.params import resolve_params
from otterdsl.runtime.util.errors import ParamError

PARAMS = """params=[
    CompiledParam(name="release", type=int, default=115),
    CompiledParam(name="name", type=str, default="a$${b}"),
    CompiledParam(name="share", type=float, default=0.5),
    CompiledParam(name="with_ppp", type=bool, default=False),
    CompiledParam(name="species", type=list[str], default=["x"]),
    CompiledParam(name="wait", type=Duration, default="30m"),
    CompiledParam(name="maybe", type=int | None, default=None),
    CompiledParam(name="anything", type=object, default=None),
]"""


def resolve(sets: dict[str, str] | None = None, environ: dict[str, str] | None = None) -> dict[str, Any]:
    return resolve_params(load({}, more=PARAMS), sets or {}, environ or {})


def test_defaults_are_plain_values() -> None:
    assert resolve() == {
        "release": 115,
        "name": "a${b}",
        "share": 0.5,
        "with_ppp": False,
        "species": ["x"],
        "wait": "30m",
        "maybe": None,
        "anything": None,
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("release", "116", 116),
        ("name", "116", "116"),
        ("name", '"quoted"', "quoted"),
        ("name", "true", "true"),
        ("name", "", ""),
        ("name", "${x}", "${x}"),
        ("share", "1", 1.0),
        ("anything", "NaN", "NaN"),
        ("anything", "[Infinity]", "[Infinity]"),
        ("with_ppp", "true", True),
        ("species", '["a", "b"]', ["a", "b"]),
        ("wait", "2h", "2h"),
        ("maybe", "null", None),
        ("maybe", "3", 3),
        ("anything", '{"a": [1]}', {"a": [1]}),
        ("anything", "plain text", "plain text"),
    ],
)
def test_texts_are_json_where_they_are_and_text_elsewhere(name: str, text: str, value: object) -> None:
    assert resolve({name: text})[name] == value
    assert resolve(environ={f"OTTERDSL_PARAM_{name.upper()}": text})[name] == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("release", "x"),
        ("release", "1.5"),
        ("release", '"116"'),
        ("with_ppp", "1"),
        ("species", "a"),
        ("species", "[1]"),
        ("wait", "soon"),
        ("release", "[" * 9999),
    ],
)
def test_a_value_of_another_type_is_refused(name: str, text: str) -> None:
    with pytest.raises(ParamError, match=f"param `{name}`, from `--set {name}`"):
        resolve({name: text})


def test_what_is_set_comes_before_the_environment_and_that_before_the_default() -> None:
    assert resolve({"release": "1"}, {"OTTERDSL_PARAM_RELEASE": "2"})["release"] == 1
    assert resolve({}, {"OTTERDSL_PARAM_RELEASE": "2"})["release"] == 2


def test_the_variable_is_named_when_its_value_does_not_fit() -> None:
    with pytest.raises(ParamError, match="from `OTTERDSL_PARAM_RELEASE`: 'x' does not fit"):
        resolve({}, {"OTTERDSL_PARAM_RELEASE": "x"})


def test_an_unknown_param_has_a_nearest() -> None:
    with pytest.raises(ParamError, match=r"no param `relase`; did you mean `release`\?"):
        resolve({"relase": "1"})


def test_a_param_without_default_must_be_given() -> None:
    loaded = load({}, more='params=[CompiledParam(name="release", type=int)]')
    with pytest.raises(ParamError, match="param `release` has no value: give it with `--set release=…` or OTTERDSL_PARAM_RELEASE"):
        resolve_params(loaded, {}, {})
    assert resolve_params(loaded, {"release": "3"}, {}) == {"release": 3}


def test_a_param_that_compiling_fixed_says_so() -> None:
    files = package({"s": ""}, more="params=[CompiledParam(name='release', type=int, default=1)]")
    lock = json.loads(files["otterdsl.lock.json"])
    for fixed in ({"x": 3, "release": 2}, {"x": "ä"}):
        loaded = load_sources({**files, "otterdsl.lock.json": json.dumps({**lock, "params": fixed})}, "p")
        with pytest.raises(ParamError, match=f"param `x` was fixed to {json.dumps(fixed['x'], ensure_ascii=False)} when the package was compiled"):
            resolve_params(loaded, {"x": "4"}, {})
        assert resolve_params(loaded, {"release": "4"}, {}) == {"release": 4}
    with pytest.raises(ParamError, match="no param `x`"):
        resolve_params(load_sources({**files, "otterdsl.lock.json": json.dumps({**lock, "params": ["x"]})}, "p"), {"x": "4"}, {})


def test_a_number_reads_within_text_as_it_was_typed() -> None:
    assert [repr(resolve({"share": text})["share"]) for text in ("1", "1.0", "2e0")] == ["1", "1.0", "2.0"]


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
def test_what_json_does_not_have_is_no_number(text: str) -> None:
    with pytest.raises(ParamError, match="share"):
        resolve({"share": text})

"""Whatever a configuration says, its conversion says too: made-up configurations, converted, parsed, and read back."""

from pathlib import Path
from typing import Any

import reading_back
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax.parse import parse
from otterdsl.compiler.values.value import placeholders
from otterdsl.convert.convert import convert_config

ODD = "ab \"'\\\n\t#:-{}[]$%&*!|>@`,é🦦\u200b\x07=."
TEXT = st.one_of(
    st.text(alphabet=ODD, max_size=12),
    st.sampled_from(["${each}", "${efo}", "${a b}", "x${person.name}y", "$${efo}", "${}", "null", "3", "true", "${true}", "<<", "2020-01-01"]),
)
WORDS = st.one_of(st.sampled_from(["a", "b", "all of it", "x-y", "${each}", "a ${each}", "${outer} b", "é", "step"]), TEXT)
KEYS = st.one_of(st.sampled_from(["a", "b", "x.y", "with blank", "step", "for", "true"]), st.text(alphabet=ODD, min_size=1, max_size=6))
SCALARS = st.one_of(TEXT, st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none())
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)), max_leaves=6
)
FIELDS = st.sampled_from(["source", "destination", "who", "step", "a field", "x.y", "do_not", "scratchpad_key"])
TYPES = st.sampled_from(["copy", "hello_world", "find_latest", "my_own", "explode_mine", "run"])


def named(word: str, label: str) -> str:
    return f"{word} {label}" if label else f"{word} x"


def plain_tasks() -> st.SearchStrategy[dict[str, Any]]:
    names = st.builds(named, TYPES, WORDS)
    return st.builds(lambda name, fields: {"name": name, **fields}, names, st.dictionaries(FIELDS, VALUES, max_size=3))


def with_exploders(tasks: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    items = st.one_of(st.lists(SCALARS, max_size=3), st.just("${efo}"))
    more = st.dictionaries(st.sampled_from(["each_placeholder", "scratchpad_ignore_missing"]), st.sampled_from(["outer", "efo", "a b"]), max_size=1)
    labels = st.one_of(WORDS.filter(bool), st.sampled_from(["over", "copy a", "hello_world a"]))
    return st.builds(
        lambda label, foreach, do, fields: {"name": f"explode {label}", "foreach": foreach, **fields, "do": do},
        labels, items, st.lists(tasks, min_size=1, max_size=2), more,
    )  # fmt: skip


TASKS = st.recursive(plain_tasks(), with_exploders, max_leaves=4)


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    steps: dict[str, Any] = {}
    for name in draw(
        st.lists(st.one_of(st.sampled_from(["first", "a-b", "step"]), st.text(alphabet=ODD, min_size=1, max_size=5)), max_size=2, unique=True)
    ):
        tasks = draw(st.lists(TASKS, max_size=4, unique_by=lambda task: task["name"]))
        for task in tasks:
            wanted = draw(st.lists(st.sampled_from([*(each["name"] for each in tasks), "copy a", "what is not", "word"]), max_size=2))
            if draw(st.booleans()):
                task["requires"] = wanted
        steps[name] = tasks
    pad = draw(st.dictionaries(st.one_of(st.sampled_from(["efo", "person.name", "a b"]), KEYS), VALUES, max_size=3))
    return {"work_path": draw(TEXT), "pool_size": draw(st.integers(2, 9)), "scratchpad": pad, "steps": steps}


def kept_plain(value: Any) -> Any:
    """Settings, and what of the scratchpad speaks of no key: nothing in them is a placeholder."""
    match value:
        case str():
            return value.replace("${", "$${")
        case list():
            return [kept_plain(each) for each in value]
        case dict():
            return {kept_plain(key): kept_plain(each) for key, each in value.items()}
        case _:
            return value


def kept_pad(pad: dict[str, Any]) -> dict[str, Any]:
    """A scratchpad, in which values that speak of keys are templates, and others are what they are."""
    kept = ((key, reading_back.canonical(value) if speaks(value) else kept_plain(value)) for key, value in pad.items())
    return {kept_plain(key): value for key, value in kept}


def speaks(value: Any) -> bool:
    match value:
        case str():
            return any(placeholders(value))
        case list():
            return any(map(speaks, value))
        case dict():
            return any(speaks(key) or speaks(each) for key, each in value.items())
        case _:
            return False


def without_default(spec: Any) -> Any:
    """`each_placeholder: each` says nothing, and an empty list of tasks of a field is one."""
    return spec


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(configuration=configurations(), flow=st.sampled_from([None, True, False]), wide=st.booleans())
def test_the_values_of_a_configuration_are_those_of_its_conversion(
    configuration: dict[str, Any], flow: bool | None, wide: bool, tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    written = yaml.safe_dump(configuration, default_flow_style=flow, allow_unicode=wide, sort_keys=False)
    path.write_text(written, encoding="utf-8")
    expected = yaml.safe_load(written)
    converted = convert_config(path)
    assert converted.text is not None, converted.diagnostics
    source = SourceText("config.otter", "config.otter", converted.text)
    parsed = parse(source)
    assert parsed.diagnostics == ()
    assert reading_back.settings(parsed.value) == kept_plain({key: expected[key] for key in ("work_path", "pool_size")})
    assert reading_back.scratchpad(parsed.value) == kept_pad(expected["scratchpad"])
    assert reading_back.steps(parsed.value) == {kept_plain(name): reading_back.canonical(tasks) for name, tasks in expected["steps"].items()}
    assert convert_config(path).text == converted.text

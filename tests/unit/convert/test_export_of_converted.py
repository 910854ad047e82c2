"""What was converted goes back to what it was: the same settings, scratchpad and specs, in their order, types too."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from configurations import yaml_texts
from hypothesis import HealthCheck, given, settings

from otterdsl.compiler.frontend import check
from otterdsl.compiler.source.diagnostic import Severity
from otterdsl.convert.convert import convert_config
from otterdsl.convert.export import export_file
from otterdsl.runtime.config.yaml import parse_yaml
from otterdsl.runtime.task import load_specs

PIS = Path(__file__).parents[3] / "examples" / "pis" / "config.yaml"


def typed(value: Any) -> Any:
    """A value with the types of all that it holds; the order of keys does not count."""
    match value:
        case dict():
            return {key: typed(inner) for key, inner in value.items()}
        case list():
            return [typed(inner) for inner in value]
        case _:
            return (type(value), value)


def back_and_forth(folder: Path, text: str) -> str | None:
    """The text that comes back, whatever the checker finds; None where nothing does."""
    config, file = folder / "config.yaml", folder / "config.otter"
    config.write_text(text, encoding="utf-8")
    converted = convert_config(config, output=file)
    assert converted.text is not None, converted.diagnostics
    file.write_text(converted.text, encoding="utf-8")
    return export_file(file).text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(yaml_texts())
def test_any_configuration_comes_back(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        back = back_and_forth(Path(folder), text)
        assert back is not None
        assert typed(yaml.safe_load(back)) == typed(yaml.safe_load(text))
        assert list(yaml.safe_load(back)["steps"]) == list(yaml.safe_load(text)["steps"])


def test_pis_comes_back_spec_by_spec(tmp_path: Path) -> None:
    back = back_and_forth(tmp_path, PIS.read_text(encoding="utf-8"))
    assert back is not None
    exported = tmp_path / "back.yaml"
    exported.write_text(back, encoding="utf-8")
    steps = list(parse_yaml(PIS)["steps"])
    assert len(steps) == 40
    assert list(parse_yaml(exported)["steps"]) == steps
    for step in steps:
        before, after = ([spec.model_dump() for spec in load_specs(path, step)] for path in (PIS, exported))
        assert typed(after) == typed(before)
    for key in ("scratchpad", "work_path", "log_level", "pool_size"):
        assert typed(parse_yaml(exported)[key]) == typed(parse_yaml(PIS)[key])


@pytest.mark.parametrize("again", [1, 2])
def test_it_is_the_same_text_each_time(tmp_path: Path, again: int) -> None:
    first = back_and_forth(tmp_path, PIS.read_text(encoding="utf-8"))
    assert back_and_forth(tmp_path, PIS.read_text(encoding="utf-8")) == first


# ---------------------------------------------------------------- what is wrong, and Otter does not look for


SCHEMA = PIS.parent / "tasks.otter"


def test_pis_comes_back_with_the_true_error_that_its_schema_shows(tmp_path: Path) -> None:
    file = tmp_path / "pis.otter"
    file.write_text(convert_config(PIS, output=file, schemas=[SCHEMA]).text or "", encoding="utf-8")
    export = export_file(file)
    assert [each.code for each in export.diagnostics if each.severity is Severity.ERROR] == ["OT204"]
    assert export.despite
    assert typed(yaml.safe_load(export.text or "")) == typed(yaml.safe_load(PIS.read_text(encoding="utf-8")))
    assert len(yaml.safe_load(export.text or "")["steps"]) == 40


HEAD = "# otterdsl: converted from c.yaml\n"


@pytest.mark.parametrize(
    ("said", "entries"),
    [
        ("hello_world a { whoo = 'alice' }", [{"name": "hello_world a", "whoo": "alice"}]),
        ('brew "a ${x}" { requires [nothing.here] at = 3 }', [{"name": "brew a ${x}", "requires": ["nothing here"], "at": 3}]),
        ("copy a {} copy a {}", [{"name": "copy a"}, {"name": "copy a"}]),
        ('hello_world a { who = "${nope}" }', [{"name": "hello_world a", "who": "${nope}"}]),
        (
            'for each in ["p"] as all { brew "${each}" { x = "$${y}${each}" } }',
            [{"name": "explode all", "foreach": ["p"], "do": [{"name": "brew ${each}", "x": "$${y}${each}"}]}],
        ),
    ],
)
def test_what_otter_does_not_look_for_does_not_stop_it(said: str, entries: list[object], tmp_path: Path) -> None:
    file = tmp_path / "p.otter"
    file.write_text(f"{HEAD}pipeline p {{ pool_size = 'two' }} step s {{ {said} }}", encoding="utf-8")
    export = export_file(file)
    assert export.despite
    assert yaml.safe_load(export.text or "") == {"pool_size": "two", "steps": {"s": entries}}
    file.write_text(file.read_text(encoding="utf-8").removeprefix(HEAD), encoding="utf-8")
    assert export_file(file).text is None


@pytest.mark.parametrize(
    "said",
    [
        "step s { brew a { x = } }",
        "step s { brew a {} } step s { copy b {} }",
        "step s { copy a { source = nope } requires [gone] }",
        "step s { if true == 1 { brew a {} } }",
        "import 'gone.otter' step s { brew a {} }",
        'param x: int = "a" step s { brew a { who = "${x}" } }',
        "step s { brew a {} hello_world b { who = brew.a.x } }",
        'step s { brew a {} hello_world b { who = "${brew.a.x}" } }',
        "task tea extends brew {} step s { tea a {} }",
        "pipeline p { pool_size = 2 pool_size = 3 } step s {}",
        "scratchpad { a = 1 a = 2 } step s {}",
    ],
)
def test_what_leaves_open_what_otter_would_load_stops_it(said: str, tmp_path: Path) -> None:
    file = tmp_path / "p.otter"
    file.write_text(HEAD + said, encoding="utf-8")
    export = export_file(file)
    assert (export.text, export.despite) == (None, False)
    assert export.diagnostics


def test_values_of_the_scratchpad_come_back_as_they_speak_of_each_other(tmp_path: Path) -> None:
    pad = {"who": "bob", "chained": "pre-${who}", "all": ["${who}", {"${chained}": 1}], "same": "${all}", "plain": "$${who}"}
    text = yaml.safe_dump({"scratchpad": pad, "steps": {"s": [{"name": "hello_world a", "who": "${chained}"}]}}, sort_keys=False)
    back = back_and_forth(tmp_path, text)
    assert yaml.safe_load(back or "") == yaml.safe_load(text)
    program = check(tmp_path / "config.otter").program
    assert program is not None
    assert [(each.name, each.value) for each in program.steps[0].tasks[0].assignments] == [("who", "pre-bob")]
    bad = text.replace("pre-${who}", "pre-${none}").replace("who: bob", "who: ${same}")
    assert yaml.safe_load(back_and_forth(tmp_path, bad) or "") == yaml.safe_load(bad)

"""What was converted goes back to what it was: the same settings, scratchpad and specs, in their order, types too."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from configurations import yaml_texts
from hypothesis import HealthCheck, event, given, settings

from otterdsl.compiler.frontend import check
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
    """The text that comes back; None where the checker finds the configuration wrong."""
    config, file = folder / "config.yaml", folder / "config.otter"
    config.write_text(text, encoding="utf-8")
    converted = convert_config(config, output=file)
    assert converted.text is not None, converted.diagnostics
    file.write_text(converted.text, encoding="utf-8")
    checked = check(file)
    if checked.program is None:
        event(f"wrong: {checked.diagnostics[0].code} {checked.diagnostics[0].message[:40]}")
        return None
    export = export_file(file)
    assert export.text is not None, export.diagnostics
    return export.text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(yaml_texts())
def test_any_configuration_comes_back(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        back = back_and_forth(Path(folder), text)
        if back is not None:
            event("came back")
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

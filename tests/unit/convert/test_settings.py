"""Settings of a configuration mean what Otter's own reading of them gives, and are said to be wrong where that refuses them."""

from pathlib import Path

import pytest

from otterdsl.compiler.frontend import check
from otterdsl.convert.check import check_config
from otterdsl.convert.convert import convert_config
from otterdsl.runtime.config.model import BaseConfig

STEPS = "steps: {s: [{name: hello_world a}]}\n"


def written(tmp_path: Path, settings: str) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(settings + STEPS, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", ["work_path", "pool_size", "release_uri", "log_level"])
@pytest.mark.parametrize("null", ["", "null", "~"])
def test_null_is_no_setting(text: str, null: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"{text}: {null}\n")
    assert check_config(path).diagnostics == ()
    converted = convert_config(path)
    assert converted.diagnostics == ()
    assert converted.text is not None
    assert text not in converted.text


@pytest.mark.parametrize(("yaml", "value"), [('"4"', "4"), ("4.0", 4.0), ('" 4 "', " 4 "), ("'+4'", "+4"), ("'1_0'", "1_0"), ("'4.0'", "4.0")])
def test_a_number_that_is_written_otherwise_is_that_number(yaml: str, value: object, tmp_path: Path) -> None:
    path = written(tmp_path, f"pool_size: {yaml}\n")
    number = BaseConfig.model_validate({"pool_size": value}).pool_size
    checked = check_config(path)
    assert checked.diagnostics == ()
    assert checked.program is not None
    assert checked.program.settings["pool_size"] == number
    converted = tmp_path / "config.otter"
    converted.write_text(convert_config(path).text or "", encoding="utf-8")
    again = check(converted)
    assert again.diagnostics == ()
    assert again.program is not None
    assert again.program.settings["pool_size"] == number


@pytest.mark.parametrize("yaml", ["'0'", "x", "4.5", "'4.5'", "[4]", "'4 4'", "''", "true", f"'{'9' * 101}'"])
def test_what_is_no_number_of_tasks_is_refused(yaml: str, tmp_path: Path) -> None:
    (wrong,) = check_config(written(tmp_path, f"pool_size: {yaml}\n")).diagnostics
    assert wrong.code == "OT301"

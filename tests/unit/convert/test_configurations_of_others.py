"""Each configuration of the corpus beside the text that it is converted to, which checks as the configuration itself does."""

from collections import Counter
from pathlib import Path

import pytest

from otterdsl.compiler.frontend import check
from otterdsl.convert.check import check_config
from otterdsl.convert.convert import convert_config

CORPUS = Path(__file__).parents[2] / "corpus" / "convert"
FILES = sorted(path for path in CORPUS.iterdir() if path.suffix in (".yaml", ".json"))
# What is said of YAML alone: keys that are not read, entries and values that no tree can hold, and that types are declared nowhere.
OF_YAML = {"OT201", "OT206", "OT216", "OT217", "OT218"}


def test_there_are_files() -> None:
    assert len(FILES) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_configuration_is_converted_to_the_text_beside_it(path: Path) -> None:
    converted = convert_config(path)
    assert converted.text == path.with_suffix(".otter").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "what_is_no_task"], ids=lambda path: path.stem)
def test_the_conversion_checks_as_the_configuration_does(path: Path, tmp_path: Path) -> None:
    text = convert_config(path).text
    assert text is not None
    (tmp_path / "pipeline.otter").write_text(text, encoding="utf-8")
    before = Counter(each.code for each in check_config(path).diagnostics if each.code not in OF_YAML)
    after = Counter(each.code for each in check(tmp_path / "pipeline.otter").diagnostics)
    assert after == before

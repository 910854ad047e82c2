"""Comments put anywhere into configurations come out once each, and change nothing else."""

import re
from collections import Counter
from pathlib import Path

import pytest
import reading_back
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax.parse import parse
from otterdsl.convert.convert import convert_config

ROOT = Path(__file__).parents[3]
TEXTS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "corpus" / "convert").glob("*.yaml"))]
PIS = (ROOT / "examples" / "pis" / "config.yaml").read_text(encoding="utf-8").splitlines()
TEXTS += ["\n".join([*PIS[:19], *PIS[first:last]]) + "\n" for first, last in ((19, 60), (140, 215), (738, 775))]


def with_comments(text: str, own: dict[int, int], trailing: set[int]) -> tuple[str, int]:
    """The text with comments on lines of their own (by line, with an indent) and at the ends of lines; and how many."""
    lines, count = [], 0
    for number, line in enumerate(text.split("\n")[:-1]):
        if number in own:
            lines.append(f"{' ' * own[number]}# c{count}.")
            count += 1
        if number in trailing:
            line = f"{line} # c{count}."
            count += 1
        lines.append(line)
    return "\n".join(lines) + "\n", count


def loaded(text: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return ...


QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much]
LINES = st.integers(0, 40)


@settings(max_examples=200, deadline=None, suppress_health_check=QUIET)
@given(st.sampled_from(TEXTS), st.dictionaries(LINES, st.integers(0, 12), max_size=6), st.sets(LINES, max_size=6))
def test_each_comment_comes_out_once(tmp_path: Path, text: str, own: dict[int, int], trailing: set[int]) -> None:
    commented, count = with_comments(text, own, trailing)
    assume(loaded(commented) == loaded(text) is not ...)
    results = []
    for each in (text, commented):
        (tmp_path / "config.yaml").write_text(each, encoding="utf-8")
        converted = convert_config(tmp_path / "config.yaml")
        assert converted.text is not None
        parsed = parse(SourceText("config.otter", "config.otter", converted.text))
        assert parsed.diagnostics == ()
        results.append((converted.text, parsed.value))
    (_, before), (written, after) = results
    assert Counter(re.findall(r"c\d+\.", written)) == Counter(f"c{number}." for number in range(count))
    assert reading_back.steps(after) == reading_back.steps(before)
    assert reading_back.scratchpad(after) == reading_back.scratchpad(before)


@pytest.mark.parametrize("text", TEXTS)
def test_comments_everywhere_come_out_once(text: str, tmp_path: Path) -> None:
    lines = text.count("\n")
    blocks = re.search(r"[|>]", text) is not None
    commented, count = with_comments(text, {} if blocks else dict.fromkeys(range(lines), 2), set())
    (tmp_path / "config.yaml").write_text(commented, encoding="utf-8")
    written = convert_config(tmp_path / "config.yaml").text
    assert written is not None
    assert Counter(re.findall(r"c\d+\.", written)) == Counter(f"c{number}." for number in range(count))

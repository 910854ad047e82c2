"""Each file of the corpus: what is announced in `err` is found, nothing else is; nothing is found in `ok`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from otterdsl.compiler.frontend import check

CORPUS = Path(__file__).parents[2] / "corpus"
MARK = re.compile(r"# (?P<severity>error|warning)(?P<below>-below)?: (?P<what>.*)$")
ONE = re.compile(r'(?P<code>OT\d{3}) "(?P<text>[^"]*)"')


class Expected(NamedTuple):
    """A diagnostic that a comment announces: `text` is part of its message or label."""

    line: int
    severity: str
    code: str
    text: str


def announced(source: str) -> Iterator[Expected]:
    for number, line in enumerate(source.splitlines(), start=1):
        mark = MARK.search(line)
        if mark is not None:
            found = list(ONE.finditer(mark["what"]))
            assert found, f"line {number} announces nothing"
            for one in found:
                yield Expected(number + bool(mark["below"]), mark["severity"], one["code"], one["text"])


@pytest.mark.parametrize("path", sorted((CORPUS / "err").glob("*.otter")), ids=lambda path: path.stem)
def test_each_mistake_is_found_where_it_stands_and_nothing_else(path: Path) -> None:
    expected = list(announced(path.read_text()))
    checked = check(path)
    assert expected, "a file of `err` announces at least one mistake"
    assert checked.program is None or all(each.severity == "warning" for each in expected)
    left = list(expected)
    unannounced = []
    for found in checked.diagnostics:
        line = checked.texts[found.span.file].position(found.span.start).line if found.span else 0
        text = f"{found.message} | {found.label}"
        fitting = [each for each in left if (each.line, each.severity, each.code) == (line, found.severity.value, found.code) and each.text in text]
        if fitting:
            left.remove(fitting[0])
        else:
            unannounced.append(f"{line}: {found.code} {text}")
    assert (unannounced, left) == ([], [])


@pytest.mark.parametrize("path", sorted((CORPUS / "ok").glob("*.otter")), ids=lambda path: path.stem)
def test_nothing_is_found_in_what_is_right(path: Path) -> None:
    checked = check(path)
    assert [(each.code, each.message) for each in checked.diagnostics] == []
    assert checked.program is not None
    assert checked.program.steps


@pytest.mark.parametrize("path", sorted((CORPUS / "err").glob("*.otter")), ids=lambda path: path.stem)
def test_messages_keep_the_form_of_the_house(path: Path) -> None:
    for found in check(path).diagnostics:
        for text in (found.message, found.label, found.help):
            assert "\n" not in text
            assert not text.endswith(".") or text.endswith("…")
        assert found.message
        assert found.span is not None

"""Each file of the corpus: what is announced in `err` is found, nothing else is; nothing is found in `ok`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from otterdsl.compiler.frontend import check
from otterdsl.compiler.source.text import Position

CORPUS = Path(__file__).parents[2] / "corpus"
MARK = re.compile(r"# (?P<severity>error|warning)(?P<below>-below)?: (?P<what>.*)$")
ONE = re.compile(r'(?P<code>OT\d{3})(?:@(?P<column>\d+))? "(?P<text>[^"]*)"')


class Expected(NamedTuple):
    """A diagnostic that a comment announces: `text` is part of its message or label; its column, `@5` behind the code, only where that is said."""

    file: str
    line: int
    column: int | None
    severity: str
    code: str
    text: str


def announced(file: str, source: str) -> Iterator[Expected]:
    for number, line in enumerate(source.splitlines(), start=1):
        mark = MARK.search(line)
        if mark is not None:
            found = list(ONE.finditer(mark["what"]))
            assert found, f"line {number} announces nothing"
            for one in found:
                column = int(one["column"]) if one["column"] else None
                yield Expected(file, number + bool(mark["below"]), column, mark["severity"], one["code"], one["text"])


@pytest.mark.parametrize("path", sorted((CORPUS / "err").glob("*.otter")), ids=lambda path: path.stem)
def test_each_mistake_is_found_where_it_stands_and_nothing_else(path: Path) -> None:
    checked = check(path)
    expected = [each for file, source in checked.texts.items() for each in announced(file, source.text)]
    assert expected, "a file of `err` announces at least one mistake"
    assert checked.program is None or all(each.severity == "warning" for each in expected)
    left = list(expected)
    unannounced = []
    for found in checked.diagnostics:
        at = checked.texts[found.span.file].position(found.span.start) if found.span else Position(0, 0)
        text = f"{found.message} | {found.label}"
        this = (found.where, at.line, found.severity.value, found.code)
        fitting = [each for each in left if (each.file, each.line, each.severity, each.code) == this and each.text in text]
        fitting = [each for each in fitting if each.column in (None, at.column)]
        if fitting:
            left.remove(fitting[0])
        else:
            unannounced.append(f"{found.where}:{at.line}:{at.column}: {found.code} {text}")
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

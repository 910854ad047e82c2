"""Whatever a file holds, `check` gives diagnostics that point into it, and a program only where there is no error."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from otterdsl.compiler.frontend import check
from otterdsl.compiler.source.diagnostic import has_errors
from otterdsl.compiler.source.located import locate
from otterdsl.compiler.source.render import render_text
from otterdsl.compiler.source.render_json import render_json

WORDS = [
    *"step task extern param scratchpad pipeline use import requires for in as if else run validate provides extends from not and or".split(),
    *"copy hello_world explode a b each source destination do str int list input output key null true".split(),
    *"{ } [ ] ( ) = : , . | ? == != < 1 -2.5e3 # \n".split(" "),
    *('"x"', "'y'", '"${a}"', '"${copy.b.destination}"', '"""', '"', "'", '"\\u{0}"', '"\\q"', "$", "\0", "\ud7ff", "é", '"b.otter"', '"../c.otter"'),
]
WHOLE = [
    "step s {\n",
    'copy a { source = "x" destination = "y" }\n',
    "}\n",
    "param p: int = 1\n",
    'scratchpad { k = ["a", "b"] }\n',
    "task t extends copy { name_: str source = '${name_}' }\n",
    "for each in k as g {\n",
    "if p == 1 {\n",
    "requires [g]\n",
    'import "b.otter"\n',
    "extern task e { x: list[int] }\n",
    't "${each}" { name_ = each destination = copy.a.destination }\n',
]


def assert_only_diagnostics(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        entry = Path(folder) / "a.otter"
        entry.write_bytes(data)
        (Path(folder) / "b.otter").write_text("param q: str = 'x'\n")
        found = check(entry, use_imports=False)
        assert (found.program is None) == has_errors(found.diagnostics)
        for each in found.diagnostics:
            if each.span is not None:
                assert 0 <= each.span.start <= each.span.end <= len(found.texts[each.span.file].text)
            assert "\n" not in each.message
        assert render_json(locate(found.diagnostics, found.texts))
        assert render_text(found.diagnostics, found.texts) or not found.diagnostics


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_words_in_any_order(words: list[str]) -> None:
    assert_only_diagnostics(" ".join(words).encode())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WHOLE), max_size=25))
def test_statements_in_any_order(lines: list[str]) -> None:
    assert_only_diagnostics("".join(lines).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    assert_only_diagnostics(data)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    assert_only_diagnostics(text.encode("utf-8", "surrogatepass"))

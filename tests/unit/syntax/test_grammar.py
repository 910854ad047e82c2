"""The grammar itself: free of conflicts, the saved tables its own, and the automaton's reading of it Lark's."""

import functools
import json
import os
import pathlib
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark
from lark.exceptions import UnexpectedInput
from pages import PAGE

import otterdsl
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import scan
from otterdsl.compiler.syntax.build_tables import build, to_text
from otterdsl.compiler.syntax.drive import Stopped, drive
from otterdsl.compiler.syntax.interpolation import interpolated
from otterdsl.compiler.syntax.lower import Lower
from otterdsl.compiler.syntax.parse import parse
from otterdsl.compiler.syntax.tables import GRAMMAR, STARTS, TABLES, load, read_resource


@functools.cache
def lark():
    return Lark(read_resource(GRAMMAR).decode(), parser="lalr", start=list(STARTS))


def accepted(text):
    """Whether the automaton gets to the end."""
    return not isinstance(drive(load(), Lower("x", text, {}, interpolated), scan.scanner().finditer(text), "module", None), Stopped)


def accepted_by_lark(text):
    try:
        lark().parse(text, start="module")
    except UnexpectedInput:
        return False
    return True


def test_the_grammar_is_strict_and_the_saved_tables_are_its_own():
    tables = build(read_resource(GRAMMAR).decode(), strict=True)
    assert to_text(tables) == read_resource(TABLES).decode()


def test_a_name_and_a_leading_name_are_never_both_possible():
    assert not [state for state in json.loads(read_resource(TABLES))["states"] if "NAME" in state and "LEAD" in state]


def test_each_rule_has_its_method():
    named = {rule.origin for rule in load().rules if not rule.unit and not rule.repeats}
    assert not {origin for origin in named if not hasattr(Lower, origin) and not hasattr(Lower, f"{origin}_")}


def test_parsing_needs_no_lark():
    code = (
        "import sys; from otterdsl.compiler.source.text import SourceText; from otterdsl.compiler.syntax.parse import parse\n"
        "parse(SourceText('x', 'x', 'step a { copy \"${a.b} ${c[0]}\" { x = ] } }'))\n"
        "print([name for name in ('lark', 'interegular', 'regex') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_a_bare_checkout_finds_its_grammar():
    # Without site-packages there is neither an installed otterdsl nor any library.
    root = pathlib.Path(otterdsl.__file__).parent.parent
    code = "from otterdsl.compiler.syntax.tables import folder, load; load(); print(folder())"
    found = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(root)}
    )
    assert found.stdout.strip() == str(root / "grammar")


PIECES = (
    *(f"{word} " for word in load().keywords), "a ", "b.c ", '"s" ', "'r' ", '"""\n l\n""" ', "1 ", "-2.5e3 ", "# c\n", *load().punctuation,
    "copy x { a = 1 } ", "step s { ", "} ", "= 1 ", ": str ", "requires [a] ", "for x in [1] { ", "if a { ", "run sh 's' ", "validate { f() } ",
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_automaton_accepts_what_lark_accepts(text):
    assert accepted(text) == accepted_by_lark(text)


@pytest.mark.parametrize("before", ["", "step s { ", "step s { t l { ", "task t { ", "task t { validate { ", "scratchpad { ", "step s { if a "])
@pytest.mark.parametrize("word", sorted(load().keywords))
@pytest.mark.parametrize("after", [" x", " = 1", ": str", " {", " [", ' "s"', ".x = 1", "(1)"])
def test_a_word_is_what_lark_takes_it_for(before, word, after):
    for closing in ("", " }", " } }", " } } }", " { } }", " x { } }"):
        text = f"{before}{word}{after}{closing}"
        assert accepted(text) == accepted_by_lark(text), text


def test_the_whole_page_is_accepted_by_both():
    assert accepted(PAGE)
    assert accepted_by_lark(PAGE)
    assert parse(SourceText("x", "x", PAGE)).diagnostics == ()

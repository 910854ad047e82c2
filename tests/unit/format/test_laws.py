"""What holds of every tree and text: printing keeps the tree and the comments, and printing again changes nothing."""

import pathlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trees import bare, comment_texts, modules, read

from otterdsl.compiler.format.module import format_module
from otterdsl.compiler.source.text import SourceText, decode
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.parse import parse
from otterdsl.compiler.syntax.scan import COMMENT, END, scanner

ROOT = pathlib.Path(__file__).parents[3]
FILES = sorted([*(ROOT / "tests" / "corpus" / "ok").rglob("*.otter"), *(ROOT / "examples").rglob("*.otter")])
NO_TEXT = SourceText("none", "none", "")


def check_kept(module, source):
    text = format_module(module, source)
    again, formatted = read(text)
    assert bare(again) == bare(module), text
    assert comment_texts(again) == comment_texts(module), text
    assert format_module(again, formatted) == text
    return text


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_the_files_of_the_project_keep_their_trees_and_comments(path):
    source = decode("x.otter", "x.otter", path.read_bytes()).value
    check_kept(parse(source).value, source)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(modules)
def test_a_made_tree_comes_back(module):
    check_kept(module, NO_TEXT)


def with_comments(text, places, breaks):
    """The text with a comment after some of its tokens, each with its own text, and empty lines after some."""
    found, position = [], 0
    for number, token in enumerate(scanner().finditer(text)):
        if token.lastindex == END:
            break
        found.append(text[position : token.end()])
        position = token.end()
        if token.lastindex == COMMENT:
            continue
        if number in places:
            found.append(("\n" * places[number]) + f" # c{number}\n")
        if number in breaks:
            found.append("\n\n")
    return "".join(found) + text[position:]


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(modules, st.dictionaries(st.integers(0, 60), st.integers(0, 2), max_size=8), st.sets(st.integers(0, 60), max_size=5))
def test_comments_anywhere_are_kept(module, places, breaks):
    text = with_comments(format_module(module, NO_TEXT), places, breaks)
    source = SourceText("x.otter", "x.otter", text)
    checked = parse(source)
    if not checked.diagnostics:
        check_kept(checked.value, source)


PAGE = (ROOT / "tests" / "corpus" / "ok" / "inputs_page.otter").read_text(encoding="utf-8")


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.integers(0, 400), st.integers(0, 2), max_size=30), st.sets(st.integers(0, 400), max_size=20))
def test_comments_anywhere_in_a_page_are_kept(places, breaks):
    source = SourceText("x.otter", "x.otter", with_comments(PAGE, places, breaks))
    checked = parse(source)
    assert not checked.diagnostics
    check_kept(checked.value, source)


def test_nothing_is_nothing():
    assert format_module(ast.Module(read("")[0].span, (), ()), NO_TEXT) == ""

"""What each part of a text is: as Lark's own lexer has it, and within strings as the language says."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Lark

from otterdsl.compiler.syntax.classify import CONSTANTS, OPERATORS, classify

ROOT = Path(__file__).resolve().parents[3]
RIGHT = sorted([*ROOT.glob("examples/**/*.otter"), *ROOT.glob("tests/corpus/ok/**/*.otter")])


@cache
def grammar() -> Lark:
    return Lark((ROOT / "grammar" / "otter.lark").read_text(encoding="utf-8"), start="module", parser="lalr")


def kind_of(terminal: str, text: str) -> str:
    match terminal:
        case "STRING" | "NUMBER":
            return terminal.lower()
        case "NAME" | "LEAD":
            return "name"
        case _ if terminal in OPERATORS:
            return "operator"
        case _ if terminal in CONSTANTS:
            return "constant"
        case _:
            return "keyword" if text.isalpha() else "punctuation"


@pytest.mark.parametrize("path", RIGHT, ids=[str(path.relative_to(ROOT)) for path in RIGHT])
def test_outside_of_strings_it_is_what_lark_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8-sig")
    parts = {(part.start, part.end): part.kind for part in classify(text)}
    for token in grammar().parse_interactive(text).iter_parse():
        kind = kind_of(token.type, str(token))
        if kind != "string":
            assert parts[token.start_pos, token.end_pos] == kind, token


def pieces(text: str) -> list[tuple[str, str]]:
    return [(part.kind, text[part.start : part.end]) for part in classify(text)]


def test_a_string_comes_in_pieces() -> None:
    found = pieces("import \"a\\n$${b} ${c.'d e'} ${if}\"")
    assert found == [
        ("keyword", "import"),
        ("string", '"a'),
        ("escape", "\\n"),
        ("escape", "$$"),
        ("string", "{b} "),
        ("mark", "${"),
        ("name", "c"),
        ("punctuation", "."),
        ("string", "'d e'"),
        ("mark", "}"),
        ("string", " "),
        ("mark", "${"),
        ("name", "if"),
        ("mark", "}"),
        ("string", '"'),
    ]


@pytest.mark.parametrize(("language", "kinds"), [("python", ["string"]), ("sh", ["string", "mark", "name", "mark", "string"])])
def test_a_body_of_python_is_one_piece(language: str, kinds: list[str]) -> None:
    found = [kind for kind, _ in pieces(f'task a {{ run {language} # note\n """${{b}}""" }}')]
    assert found == ["keyword", "name", "punctuation", "keyword", "name", "comment", *kinds, "punctuation"]


def test_a_keyword_where_only_a_name_can_stand_is_a_name() -> None:
    found = pieces("step step { copy for { in = not in } }")
    assert [kind for kind, text in found if text.isalpha()] == ["keyword", "name", "name", "name", "name", "operator", "name"]


def test_it_ends_at_the_first_mistake() -> None:
    assert pieces("step a { } } step b {}") == [("keyword", "step"), ("name", "a"), ("punctuation", "{"), ("punctuation", "}")]


@given(st.text("step{}[]()\"'$\\a. =:\n#1u", max_size=60))
def test_parts_stand_in_order_within_the_text(text: str) -> None:
    end = 0
    for part in classify(text):
        assert end <= part.start < part.end <= len(text)
        end = part.end

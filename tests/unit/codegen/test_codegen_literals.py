import ast
import re
import sys

import black
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otterdsl.compiler.codegen.literals import ascii_string, docstring, literal, scalar, string

any_text = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", '"plain"'),
        ("it's", '"it\'s"'),
        ('say "x"', "'say \"x\"'"),
        ("'\"", '"\'\\""'),
        ("a\\b", '"a\\\\b"'),
        ("a\nb\tc\r", '"a\\nb\\tc\\r"'),
        ("\0\x1b[31m", '"\\x00\\x1b[31m"'),
        ("\u202ex\ufeff", '"\\u202ex\\ufeff"'),
        ("\ud800", '"\\ud800"'),
        ("\U000e0041", '"\\U000e0041"'),
        ("naïve 文 🎉", '"naïve 文 🎉"'),
        ("{{ x }}{% y %}", '"{{ x }}{% y %}"'),
    ],
)
def test_a_text_is_written_as_black_would(text: str, expected: str) -> None:
    assert string(text) == expected


@given(any_text)
def test_a_text_comes_back(text: str) -> None:
    assert ast.literal_eval(string(text)) == text
    assert ast.literal_eval(ascii_string(text)) == text
    assert ascii_string(text).isascii()
    string(text).encode()


@given(any_text)
def test_black_leaves_a_text_alone(text: str) -> None:
    source = f"f(\n    {string(text)},\n)\n"
    assert black.format_str(source, mode=black.Mode()) == source


def test_a_megabyte_of_quotes_and_backslashes_comes_back() -> None:
    text = "\\\"'\n{{" * 200_000
    assert ast.literal_eval(string(text)) == text


NUMBERS = (0, -5, 10**600, -(10**5000), 2**20000, True, None, 1.5, -0.0, 1e16, 5e-324, 1.7976931348623157e308)


@pytest.mark.parametrize("number", NUMBERS, ids=range(len(NUMBERS)))
def test_numbers_come_back(number: float | None) -> None:
    found = ast.literal_eval(scalar(number))
    assert found == number
    assert type(found) is type(number)


def test_a_huge_int_is_written_within_pythons_limit_of_digits() -> None:
    assert sys.get_int_max_str_digits() == 4300
    assert scalar(10**5000).startswith("0x")


def test_infinity_comes_back_and_nan_is_refused() -> None:
    assert ast.literal_eval(scalar(float("-inf"))) == float("-inf")
    with pytest.raises(ValueError, match="NaN"):
        scalar(float("nan"))


def test_collections_stand_one_item_a_line_and_empty_ones_inline() -> None:
    value = {"a": (1, "x"), "b": (), "c": {}}
    assert literal(value, 1) == '{\n        "a": [\n            1,\n            "x",\n        ],\n        "b": [],\n        "c": {},\n    }'


@given(any_text.filter(bool), any_text, any_text)
def test_a_docstring_comes_back_and_black_leaves_it_alone(title: str, body: str, note: str) -> None:
    text = docstring(title, body, note)
    parts = [title, *([body.strip("\n")] if body.strip() else []), *([note] if note else [])]
    shown = "\n\n".join(parts) + "\n" if len(parts) > 1 else title
    assert ast.literal_eval(text) == re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found.group()):04x}", shown)
    for source in (f"{text}\n", f"class A(B):\n    {docstring(title, body, note, level=1)}\n\n    x = 1\n"):
        assert black.format_str(source, mode=black.Mode()) == source

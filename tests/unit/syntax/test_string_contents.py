"""What strings hold: escapes, interpolations, and the common indent of long ones."""

import pytest

from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.parse import parse


def read(literal):
    text = f"scratchpad {{ a = {literal} }}"
    checked = parse(SourceText("x", "x", text))
    assert len(checked.value.declarations[0].entries) == 1
    return text, checked.value.declarations[0].entries[0].value, [(d.code, text[d.span.start : d.span.end]) for d in checked.diagnostics]


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ('""', ""), ("''", ""), ('""""""', ""), ("''''''", ""),
        (r'"\" \\ \n \t \$ \u{e9} \u{1F600} \u{0}"', '" \\ \n \t $ é 😀 \0'),
        (r"'\n ${x} $${y}'", r"\n ${x} $${y}"),
        ('"$${x} $ $x $$ {a} }"', "${x} $ $x $$ {a} }"),
        (r'"\${x}"', "${x}"),
        ('"it\'s"', "it's"), ("'a \"b\"'", 'a "b"'),
        ('"""one line"""', "one line"), ('"""a "quoted" ""b"""', 'a "quoted" ""b'),
        ('"""\n  a\n    b\n  """', "a\n  b\n"),
        ('"""\n    a\n  b\n    """', "  a\nb\n  "),
        ('"""\n  a\n\n  b"""', "a\n\nb"),
        ('"""\n  a\n \n  b\n  """', "a\n\nb\n"),
        ('"""  \n  a\n  """', "a\n"),
        ('"""\n\ta\n\t\tb\n\t"""', "a\n\tb\n"),
        ('"""\n\ta\n    b\n"""', "\ta\n    b\n"),
        ('"""a\n    b\n    """', "a\nb\n"),
        (r'''"""
          a\n  b
          \u{20} c
          """''', "a\n  b\n  c\n"),
        ("'''\n  a\\n\n  ${b}\n  '''", "a\\n\n${b}\n"),
        ('"""\n"""', ""), ('"""\n\n"""', "\n"),
    ],
)  # fmt: skip
def test_text_is_decoded(literal, value):
    _, expr, problems = read(literal)
    assert problems == []
    assert expr.plain == value
    assert expr.raw == literal.startswith("'")


@pytest.mark.parametrize(
    ("literal", "parts"),
    [
        ('"a ${b} c"', ["a ", "b", " c"]),
        ('"${a}${b.c}"', ["a", "b.c"]),
        ('"${ a }"', ["a"]),
        ("\"${copy.'x }'.d}!\"", ["copy.'x }'.d", "!"]),
        ('"${[1, {a = 2}]}"', ["[1, {a = 2}]"]),
        ("\"${'${x}'}\"", ["'${x}'"]),
        ('"${true} ${not a}"', ["true", " ", "not a"]),
        ('"${trueish} ${a.true}"', ["trueish", " ", "a.true"]),
        ('"""\n  x ${\n  a\n  } y\n  """', ["x ", "a", " y\n"]),
        ('"""\n  ${"in ${a}"}\n  """', ['"in ${a}"', "\n"]),
        ('"$${a} ${b}"', ["${a} ", "b"]),
    ],
)
def test_interpolations_are_expressions_with_their_own_spans(literal, parts):
    text, expr, problems = read(literal)
    assert problems == []
    found = [part if isinstance(part, str) else text[part.expr.span.start : part.expr.span.end] for part in expr.parts]
    assert found == parts
    for part in expr.parts:
        if isinstance(part, ast.Interpolation):
            assert text[part.span.start : part.span.end].startswith("${")
            assert text[part.span.end - 1] == "}"


@pytest.mark.parametrize(
    ("literal", "problems"),
    [
        (r'"\q \x41"', [("OT005", r"\q"), ("OT005", r"\x")]),
        (r'"\u{110000} \u{d800} \u{}"', [("OT005", r"\u{110000}"), ("OT005", r"\u{d800}"), ("OT005", r"\u{}")]),
        (r'"\u{xyz} \u41"', [("OT005", r"\u{xyz}"), ("OT005", r"\u")]),
        ('"${}"', [("OT006", "${}")]),
        ('"${ }"', [("OT006", "${ }")]),
        ('"${a"', [("OT006", "${")]),
        ('"${a b}"', [("OT006", "b")]),
        ('"${1 +}"', [("OT006", "+")]),
        (r'"${copy.\"x\"}"', [("OT006", "\\")]),
        ('"${a b} ${c d}"', [("OT006", "b"), ("OT006", "d")]),
        (r'"${f(1e999)}"', [("OT008", "1e999")]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_string_is_shown_where_it_is(literal, problems):
    assert read(literal)[2] == problems


def test_a_python_body_is_taken_as_it_stands():
    text = 'task t { run python """\n  x = "\\q ${y}"\n  """ }'
    checked = parse(SourceText("x", "x", text))
    assert checked.diagnostics == ()
    assert checked.value.declarations[0].members[0].body.plain == 'x = "\\q ${y}"\n'


def test_a_number_that_is_too_large_is_a_diagnostic():
    for number in ("1e999", "-1e999", "9" * 500, "1" * 5000):
        assert [code for code, _ in read(number)[2]] == ["OT008"]
    assert read("9" * 400)[2] == []

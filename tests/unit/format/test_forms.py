"""The canonical form, by example: what is on the left is printed as what is on the right, which is printed as it is."""

import pytest
from trees import NOWHERE, bare, read

from otterdsl.compiler.format.module import format_module
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast

LONG = "x" * 45


def formatted(text):
    return format_module(*read(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("step a{copy b{}copy c{}}", "step a {\n  copy b {}\n  copy c {}\n}\n"),
        ("step a{copy b{x=1}\n\n\n\ncopy c{requires[d]}}", "step a {\n  copy b { x = 1 }\n\n  copy c { requires [d] }\n}\n"),
        ("step a { copy b { x = 1 yy = 2 } copy c {} }", "step a {\n  copy b {\n    x  = 1\n    yy = 2\n  }\n\n  copy c {}\n}\n"),
        (
            "step a { t b { x = 1\n\nyyy = 2 # c\nzz = 3\n# c\nzzzzz = 4 } }",
            "step a {\n  t b {\n    x = 1\n\n    yyy = 2  # c\n    zz  = 3\n    # c\n    zzzzz = 4\n  }\n}\n",
        ),
        ("use a use b import 'c'\nparam d: str param e: int", "use a\nuse b\nimport 'c'\n\nparam d: str\nparam e: int\n"),
        ("task a { b: str ccc: list[int?]|str = [] d = 1 validate { f(x = 1,) } }",
         "task a {\n  b:   str\n  ccc: list[int?] | str = []\n  d = 1\n\n  validate {\n    f(x = 1)\n  }\n}\n"),
        ("extern task a from b.c { do: list[Spec] provides [x,y] }", "extern task a from b.c {\n  do: list[Spec] provides [x, y]\n}\n"),
        (f"scratchpad {{ a = 1 bcd = ['{LONG}', '{LONG}', 3] e = 2 }}",
         f"scratchpad {{\n  a   = 1\n  bcd = [\n    '{LONG}',\n    '{LONG}',\n    3,\n  ]\n  e = 2\n}}\n"),
        (f"scratchpad {{ a = {{ b = '{LONG}', ccc = '{LONG}' }} }}",
         f"scratchpad {{\n  a = {{\n    b   = '{LONG}',\n    ccc = '{LONG}',\n  }}\n}}\n"),
        (f"scratchpad {{ a = f('{LONG}', b = '{LONG}') }}", f"scratchpad {{\n  a = f(\n    '{LONG}',\n    b = '{LONG}',\n  )\n}}\n"),
        (f"step a {{ if a == '{LONG}' and (b or c) and d == '{LONG}' {{}} }}",
         f"step a {{\n  if a == '{LONG}'\n      and (b or c)\n      and d == '{LONG}' {{}}\n}}\n"),
        ("step a { if a {} else if b { copy c {} } else {} }", "step a {\n  if a {} else if b {\n    copy c {}\n  } else {}\n}\n"),
        ("step a { if ((a)) and (not (b == 1)) or (c and (d or e)) {} }", "step a {\n  if a and not b == 1 or c and (d or e) {}\n}\n"),
        ("step a { if (a == b) == (not c) {} }", "step a {\n  if (a == b) == (not c) {}\n}\n"),
        ('step a { t b { x = """\n  one\n    two\n  """ } }', 'step a {\n  t b {\n    x = """\n      one\n        two\n      """\n  }\n}\n'),
        ('task a { run sh """\n    wc\n  """ }', 'task a {\n  run sh """\n    wc\n  """\n}\n'),
        ('scratchpad { a = "one\\ntwo" b = "\\n" }', 'scratchpad {\n  a = """\n    one\n    two"""\n  b = "\\n"\n}\n'),
        ("scratchpad { a = [1.50, 1e3, 1e300, -2, 1E-7] }", "scratchpad {\n  a = [1.5, 1000.0, 1e300, -2, 1e-07]\n}\n"),
    ],
)  # fmt: skip
def test_the_form(text, shown):
    assert formatted(text) == shown
    assert formatted(shown) == shown


def value_of(expr):
    """An expression as it is printed as the value of a constant."""
    entry = ast.MapEntry(NOWHERE, ast.Name(NOWHERE, "a"), expr)
    module = ast.Module(NOWHERE, (ast.Scratchpad(NOWHERE, (entry,)),), ())
    text = format_module(module, SourceText("none", "none", ""))
    return text.removeprefix("scratchpad {\n  a = ").removesuffix("\n}\n")


def string(*parts, raw=False):
    return ast.StringExpr(NOWHERE, parts, raw)


def inner(expr):
    return ast.Interpolation(NOWHERE, expr)


X = ast.RefExpr(NOWHERE, ast.Name(NOWHERE, "x"))


@pytest.mark.parametrize(
    ("expr", "shown"),
    [
        (string("it's"), '"it\'s"'),
        (string("it's", raw=True), "'''it's'''"),
        (string("it'", raw=True), '"it\'"'),
        (string("\\d ${x}", raw=True), "'\\d ${x}'"),
        (string("\r", raw=True), '"\\u{d}"'),
        (string("a\tb"), '"a\\tb"'),
        (string("a${x} $x $"), '"a$${x} $x $"'),
        (string("a$", inner(X), "$$", inner(X)), '"a\\$${x}$\\$${x}"'),
        (string(inner(string("a key", raw=True))), "\"${'a key'}\""),
        (string(inner(string("a key"))), "\"${'a key'}\""),
        (string("see ", inner(string("it's \"so\""))), "\"\"\"see ${'''it's \"so\"'''}\"\"\""),
        (string(inner(ast.RefExpr(NOWHERE, ast.Name(NOWHERE, "copy"), (string(inner(X), " y"),)))), '"""${copy."${x} y"}"""'),
        (ast.RefExpr(NOWHERE, ast.Name(NOWHERE, "copy"), (string("x y"), ast.Name(NOWHERE, "in"))), "copy.'x y'.in"),
        (string("a\n b \n\n\tc\n"), '"""\n    a\n     b\\u{20}\n\n    \tc\n    """'),
        (string("  a\n  b"), '"""\n    \\u{20} a\n      b"""'),
        (string('"""\n"'), '"""\n    ""\\"\n    \\""""'),
        (string('a"\n'), '"""\n    a"\n    """'),
        (string('\n"""'), '"""\n\n    ""\\""""'),
        (string("a\\\nb\n", raw=True), "'''\n    a\\\n    b\n    '''"),
        (string("  a\n  b", raw=True), '"""\n    \\u{20} a\n      b"""'),
        (string("\ud800"), '"\\u{fffd}"'),
        (ast.NumberExpr(NOWHERE, float("inf")), "1e999"),
    ],
)  # fmt: skip
def test_a_value(expr, shown):
    assert value_of(expr) == shown


def test_a_key_that_begins_as_a_declaration_is_quoted():
    entries = tuple(ast.MapEntry(NOWHERE, ast.Name(NOWHERE, text), X) for text in ("a.step", "step.a", "step", "no name"))
    module = ast.Module(NOWHERE, (ast.Scratchpad(NOWHERE, entries),), ())
    text = format_module(module, SourceText("none", "none", ""))
    assert text == 'scratchpad {\n  a.step    = x\n  "step.a"  = x\n  step      = x\n  "no name" = x\n}\n'
    assert len(read(text)[0].declarations[0].entries) == 4


def test_a_file_without_its_last_line_end_and_with_tabs():
    module, source = read("step a {\n\tcopy b {}\n\t}")
    text = format_module(module, source)
    assert text == "step a {\n  copy b {}\n}\n"
    assert bare(read(text)[0]) == bare(module)


def test_lists_within_lists_are_not_tried_again_and_again():
    expr = ast.ListExpr(NOWHERE, tuple(ast.NumberExpr(NOWHERE, number) for number in range(5000)))
    for _ in range(60):
        expr = ast.ListExpr(NOWHERE, (expr,))
    assert value_of(expr).count("\n") == 2 * 60 + 5001

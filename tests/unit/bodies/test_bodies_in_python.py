"""Python bodies: what becomes of their text, where mistakes stand, and which names nothing gives a value."""

import ast
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scripts import checked, compiled, errors

from otterdsl.compiler.codegen.bodies import body_text
from otterdsl.compiler.compile import compile_file
from otterdsl.compiler.frontend import check
from otterdsl.compiler.plan.build import build_plan
from otterdsl.compiler.values.bodies import PythonBody
from otterdsl.compiler.values.python_text import lines_within_strings

LONG = '"""\n{}\n"""'


def task(body: str, quoting: str = LONG) -> str:
    return f"task t {{\n  source: input\n  words: list[str]\n  run python {quoting.replace('{}', body)}\n}}\n"


def method(folder: Path, text: str) -> str:
    """The method that the first type of a file has."""
    found = checked(folder, text)
    assert found.program is not None, [(each.code, each.message) for each in found.diagnostics]
    return list(body_text(build_plan(found.program, found.texts).types[0]))[-1]


def places(folder: Path, text: str) -> list[tuple[str, int, str]]:
    """What is wrong with a file: codes, lines, and the text that is pointed at."""
    found = checked(folder, text)
    spans = [(each.code, each.span) for each in found.diagnostics if each.span is not None and each.severity.value == "error"]
    return [(code, found.texts[span.file].position(span.start).line, found.texts[span.file].text[span.start : span.end]) for code, span in spans]


@pytest.mark.parametrize(("quoting", "quote"), [('"""\n{}\n    """', "'"), ("'''\n{}\n    '''", '"'), ('"{}"', "'"), ("'{}'", '"')])
def test_the_four_quotings_hold_the_same_text(quoting: str, quote: str, tmp_path: Path) -> None:
    line = f"words.append(source + {quote}\\n ${{x}} $${{y}} \\u00e9{quote})"
    assert method(tmp_path, task(line, quoting)) == f"def body(self, source, words):\n        {line}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("x = 1\nif x:\n    pass", "x = 1\nif x:\n    pass"),
        ("    x = 1\n    if x:\n        pass", "x = 1\nif x:\n    pass"),
        ("\n\n  # first\n  x = 1\n\n   \n  y = x\n\n", "# first\nx = 1\n\n\ny = x"),
        ("\tif words:\n\t\tpass", "if words:\n\tpass"),
        ("x = (1,\n2)\ny = x", "x = (1,\n2)\ny = x"),
        ("    x = (1,\n  2)\n    y = x", "x = (1,\n2)\ny = x"),
        ("  x = 1 + \\\n2\n  y = x", "x = 1 + \\\n2\ny = x"),
        ("  x = 'a \\\n  b'\n  y = x", "x = 'a \\\n  b'\ny = x"),
        ("# only at first\n  x = 1", "# only at first\nx = 1"),
        ("pass;", "pass;"),
    ],
)
def test_lines_lose_the_indent_that_they_share(body: str, expected: str, tmp_path: Path) -> None:
    declared = compiled(tmp_path, task(body))["t"].body
    assert isinstance(declared, PythonBody)
    assert "\n".join(declared.lines) == expected


LINES = (
    "x = 1", "if words:", "    pass", "    x = source", "else:", "for w in words:", "    y = [w for w in words]", "", "  ", "# it's", "x = (", "  1,",
    ")", "x = '''a", "  b", "c'''", "y = f'''{source}", "    {words!r}", " '''", "def f(a):", "    return a", "\tz = 3", "z = \\", "  4",
    "    '''doc", "    '''", "x = {", "'k': 1}", "while True:", "    break", "async def g(): pass", "await g()",
    "with open(source) as f: pass", "x = 'é' + r'\\d'",
)  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.sampled_from(LINES), max_size=8), indent=st.sampled_from(("", "    ", "\t", "  ")))
@example(lines=["x = '''a", "  b", "c'''"], indent="    ")
@example(lines=["y = f'''{source}", "    {words!r}", " '''"], indent="  ")
@example(lines=["if words:", "    x = '''a", "  b", "c'''"], indent="\t")
def test_a_body_means_in_its_class_what_it_means_alone(lines: list[str], indent: str, tmp_path: Path) -> None:
    # The first line has no indent, so that reading the long string takes none off.
    text = "\n".join(["if 1:", *(f"{indent or ' '}{line}" for line in ("0", *lines))])
    (tmp_path / "a.otter").write_text(f"{task(text)}step a {{ hello_world a {{ }} }}\n", encoding="utf-8")
    done = compile_file(tmp_path / "a.otter")
    if done.plan is None:
        return
    module = ast.parse(done.files["tasks.py"])
    made = next(each for each in ast.walk(module) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == "body")
    assert [ast.dump(each) for each in made.body] == [ast.dump(each) for each in ast.parse(text).body]


def test_lines_within_strings_are_known() -> None:
    text = 'a = """x\ny\n"""\nb = ("p"\n"q")\nc = f"""{1}\n{2}"""\nd = "r\\\ns"'
    assert sorted(lines_within_strings(text)) == [2, 3, 7, 9]


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["    ", "\t"])
def test_mistakes_stand_at_their_place_whatever_line_ends_and_indents_are(ends: str, indent: str, tmp_path: Path) -> None:
    body = [f"{indent}é = 'ü' + sorce", f"{indent}if é:", f"{indent}{indent}print(é, wrods)", f'{indent}"""']
    lines = ["task t {", "  source: input", '  run python """', *body, "}", "step a { hello_world a { } }", ""]
    (tmp_path / "bodies.otter").write_bytes(ends.join(lines).encode())
    found = check(tmp_path / "bodies.otter")
    told = [(found.texts["bodies.otter"].position(each.span.start), each.message) for each in found.diagnostics if each.span and each.code == "OT202"]
    assert told == [((4, 11 + len(indent)), "unknown name `sorce`"), ((6, 10 + 2 * len(indent)), "unknown name `wrods`")]


@pytest.mark.parametrize(
    ("body", "code", "line", "text"),
    [
        ("x = (1\ny = 2", "OT107", 5, "("),
        ("x = 1\n  y = 2", "OT107", 6, "y = 2"),
        ("if words:\npass", "OT107", 6, "pass"),
        ("  x = 1\nelse:\n  y = 2", "OT107", 6, "else:"),
        ("  x = 1\ny = 2", "OT107", 6, "y = 2"),
        ("return await words", "OT109", 5, "return await words"),
        ("from os import *", "OT107", 5, "*"),
        ("from __future__ import annotations", "OT107", 5, "from __future__ import annotations"),
        ("nonlocal q", "OT107", 5, "nonlocal q"),
        ("words = '''open", "OT107", 5, "'"),
        ("def f():\n    yield 1\nyield f", "OT109", 7, "yield f"),
        ("class C:\n    def m(self): return source\nreturn C", "OT109", 7, "return C"),
        ("words = [await x for x in words]\nreturn (1,\n2)", "OT109", 6, "return (1,"),
        ("print x", "OT107", 5, "print x"),
        ("x = 1 \\", "OT107", 5, "\\"),
    ],
)
def test_what_python_refuses_is_told_at_its_place(body: str, code: str, line: int, text: str, tmp_path: Path) -> None:
    assert places(tmp_path, task(body))[0] == (code, line, text)


NAMED = {
    "import os.path as p, sys; print(p, sys, os)": {"os"},
    "from a.b import c as d; print(d, c)": {"c"},
    "print(source, words, self, sorce)": {"sorce"},
    "print(__name__, __file__, __class__)": set(),
    "x: int = 1; y: Undefined = x": {"Undefined"},
    "def f(a: A, *b, c=d, **e) -> F: return a, b, c, e, f, g": {"A", "d", "F", "g"},
    "g = lambda a, *b, c=h: (a, b, c, i)": {"h", "i"},
    "[a for a in words if b]; a": {"b", "a"},
    "{k: v for k, v in words}; {s for s in source for t in s}; (t for _ in u)": {"u", "t"},
    "any((last := w) for w in words); print(last, w)": {"w"},
    "try: pass\nexcept ValueError as e: print(e)\nexcept E: pass": {"E"},
    "with open(source) as (a, [b, *c]): print(a, b, c)\nasync with d as e: pass": {"d"},
    "class A(B, metaclass=C):\n    x = 1\n    y = x\n    def m(self): return x, y, A, __class__": {"B", "C", "x", "y"},
    "global g1\ng1 = 1\ndef f():\n    global g2\n    g2 = g1\nprint(g2, g3)": {"g3"},
    "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = y\n    return g, z": {"y", "z"},
    "match words:\n    case [a, *b] | [a, b]: print(a, b)\n    case P(q=r) | {'k': r}: print(r, q)\n    case {**s}: print(s)": {"P", "q"},
    "for i, (j, *k) in words: print(i, j, k)\nelse: print(l)": {"l"},
    "x += 1\ndel y": set(),
    "@deco\ndef f(): pass\n@other(1)\nclass C: pass": {"deco", "other"},
    "f'{source!r:{width}} {missing}'": {"width", "missing"},
    "print([x for x in [y for y in words] for z in x if (w := z)], w, z)": {"z"},
    "import json; json.nothing.at_all; words.x = 1; words[i] = 2": {"i"},
    "print([[x for y in x] for x in words if y])": {"y"},
}


@pytest.mark.parametrize("body", NAMED)
def test_names_that_nothing_gives_a_value(body: str, tmp_path: Path) -> None:
    found = places(tmp_path, task(body))
    assert {code for code, *_ in found} <= {"OT202"}
    assert {text for _, _, text in found} == NAMED[body]


def test_the_suggestion_is_the_nearest_name_in_sight(tmp_path: Path) -> None:
    found = checked(tmp_path, task("counted = 1\nprint(conted, sorce, printt)"))
    assert [(each.help, each.fixes[0].edits[0].text) for each in found.diagnostics if each.code == "OT202"] == [
        ("did you mean `counted`?", "counted"),
        ("did you mean `source`?", "source"),
        ("did you mean `print`?", "print"),
    ]


def test_nothing_is_said_of_names_where_fields_are_not_known(tmp_path: Path) -> None:
    assert [code for code, _ in errors(tmp_path, task("print(anything)").replace("task t", "task t extends nothing_known"))] == ["OT201"]


AWAITS = ("await f()", "async for x in y(): pass", "async with y(): pass", "x = [y async for y in z()]", "x = [await y for y in words]")


@pytest.mark.parametrize("awaits", AWAITS)
def test_what_awaits_becomes_a_coroutine(awaits: str, tmp_path: Path) -> None:
    start = "import asyncio as f, asyncio as y, asyncio as z\n"
    assert method(tmp_path, task(start + awaits)).startswith("async def body(self, source, words):")
    assert method(tmp_path, task(f"{start}async def later():\n    {awaits}")).startswith("def body(self, source, words):")


DEEP = (
    "(" * 5_000, f"x = {'-' * 20_000}1", f"x = {'(' * 150}{')' * 150}", f"x = {'.'.join('a' * 20_000)}", f"x = {'+'.join('1' * 20_000)}",
    "x = lambda: " * 1_000 + "1", "\n".join(" " * n + "if 1:" for n in range(101)), f"x = {'[' * 99}{']' * 99}", f"x = {'f(' * 90}{')' * 90}",
    "x = [" + "a for b in " * 3_000 + "c]",
)  # fmt: skip


@pytest.mark.parametrize("body", DEEP, ids=range(len(DEEP)))
def test_depth_is_told_and_never_raised(body: str, tmp_path: Path) -> None:
    assert {code for code, *_ in places(tmp_path, task(body))} <= {"OT107", "OT008", "OT202"}


def test_a_body_has_a_largest_size(tmp_path: Path) -> None:
    assert [code for code, _ in errors(tmp_path, task("# x\n" * 300_000 + "pass"))] == ["OT008"]


def test_pythons_own_warnings_are_not_shown(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert errors(tmp_path, task("x = '\\d' is '\\d'")) == []
    assert caught == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_characters="'", exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\t():=#\\"{}')))
def test_no_text_is_too_odd_to_be_told_of(text: str, tmp_path: Path) -> None:
    assert {code for code, *_ in places(tmp_path, task(text, "'''\n{}\n'''"))} <= {"OT107", "OT109", "OT202", "OT213", "OT008"}


def test_the_arguments_are_the_fields_that_are_names(tmp_path: Path) -> None:
    declared = compiled(tmp_path, "task t extends copy {\n  print: str = 'x'\n  run python 'print(source, destination, settings)'\n}\n")["t"].body
    assert isinstance(declared, PythonBody)
    assert declared.arguments == ("source", "destination", "settings", "print")

"""Texts with mistakes: each is said once, where it is, and the rest is read all the same."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import PAGE

from otterdsl.compiler.source.located import locate
from otterdsl.compiler.source.render import render_text
from otterdsl.compiler.source.render_json import render_json
from otterdsl.compiler.source.text import SourceText, decode
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.drive import DEEPEST
from otterdsl.compiler.syntax.parse import parse


def read(text):
    source = SourceText("x.otter", "x.otter", text)
    checked = parse(source)
    found = []
    for d in checked.diagnostics:
        place = source.position(d.span.start)
        found.append((d.code, f"{place.line}:{place.column}", text[d.span.start : d.span.end]))
    return checked, found


# What is wrong, the text, and what is said of it; the names of the declarations that remain stand last.
MISTAKES = {
    "an unclosed string": ('step a {\n  copy x {\n    source = "abc\n    destination = "d"\n  }\n}\n', [("OT004", "3:14", '"')], ["a"]),
    "an unclosed string that swallowed a brace": ('step a {\n  copy x { source = "abc }\n}\nstep b { }', [("OT004", "2:21", '"')], ["a", "b"]),
    "an unclosed string in a list": ('step b { requires ["a, b] }\nstep c { }', [("OT004", "1:20", '"')], ["b", "c"]),
    "a quote that is missing before the last": (
        'step a {\n  if x { copy ppp { source = "gs://ppp/x destination = "input/ppp" } }\n}\nstep b { }', [("OT004", "2:30", '"')], ["a", "b"]),
    "an unclosed raw string": ("step a {\n  copy x { source = 'abc\n  destination = 'd' }\n}", [("OT004", "2:21", "'")], ["a"]),
    "an unclosed long string": ('task a {\n  run sh """\n   foo ${x\n  }\n}\nstep b { }', [("OT004", "2:10", '"""')], ["a", "b"]),
    "an unclosed long string at the end": ('task a {\n  run sh """\n   foo\n}\n', [("OT004", "2:10", '"""')], ["a"]),
    "an unclosed block at the end": ("step a {\n  copy x {\n    n = 1\n", [("OT102", "3:9", "1")], ["a"]),
    "an unclosed bracket at the end": ("step a { requires [b", [("OT102", "1:20", "b")], ["a"]),
    "an unclosed call": ('step a {\n  copy x {\n    s = join("a", "b"\n    d = 1\n  }\n}', [("OT102", "3:19", '"b"')], ["a"]),
    "an unclosed list": ("step a { requires [b, c }\nstep d { }", [("OT102", "1:25", "}")], ["a", "d"]),
    "a stray brace": ("step a { }\n}\nstep b { }", [("OT103", "2:1", "}")], ["a", "b"]),
    "a stray bracket": ("step a { requires [b]] }", [("OT103", "1:22", "]")], ["a"]),
    "a step within a step": ("step a {\n  copy x { n = 1 }\nstep b { }", [("OT105", "3:1", "step")], ["a", "b"]),
    "a step within a task": ("step a {\n  copy x {\n    n = 1\nstep b { }", [("OT105", "4:1", "step")], ["a", "b"]),
    "a task within a task": ("step a {\n  copy x {\n    n = 1\n  copy y {\n    n = 2\n  }\n}\nstep c { }", [("OT102", "4:3", "copy")], ["a", "c"]),
    "no equals sign": ('step a { copy x { source "a" } }', [("OT101", "1:26", '"a"')], ["a"]),
    "a colon for an equals sign": ('step a { copy x { source: "a" b = 1 } }', [("OT101", "1:25", ":")], ["a"]),
    "an equals sign for a colon": ("task t { a: str }\nparam x = 3\nstep a { }", [("OT101", "2:9", "=")], ["t", "a"]),
    "no opening brace": ("step a\n  copy x { n = 1 }\n}\nstep b { }", [("OT101", "1:6", "a")], ["a", "b"]),
    "no comma": ("step a { copy x { n = [1 2, 3] m = 1 } }", [("OT101", "1:26", "2")], ["a"]),
    "no comma at a line's end": ('step a { copy x { n = [\n  "a"\n  "b"\n] } }', [("OT101", "2:3", '"a"')], ["a"]),
    "a comma after an attribute": ("scratchpad {\n  a = 1,\n  b = 2\n}\nstep s { }", [("OT101", "2:8", ",")], ["", "s"]),
    "no label": ("step a { copy { n = 1 } copy x { n = 1 } }", [("OT101", "1:15", "{")], ["a"]),
    "no name": ("step { copy x { } }\nstep b { }", [("OT101", "1:6", "{")], ["b"]),
    "no list": ("step a {\n  requires b\n  copy x { requires b, c }\n}", [("OT101", "2:12", "b"), ("OT101", "3:21", "b")], ["a"]),
    "no `in`": ("step a { for x [1] { copy x { } } }", [("OT101", "1:16", "[")], ["a"]),
    "no value": ("step a {\n  copy x {\n    n =\n  }\n}\nstep b { }", [("OT101", "3:7", "=")], ["a", "b"]),
    "no condition": ("step a {\n  if {\n    copy x { n = 1 }\n  }\n}", [("OT101", "2:6", "{")], ["a"]),
    "half a comparison": ("step a {\n  if b == {\n    copy x { n = 1 }\n  }\n}", [("OT101", "2:11", "{")], ["a"]),
    "an attribute of nothing": ("work = 1\nstep a { }", [("OT101", "1:1", "work")], ["a"]),
    "a task of no step": ("step a { }\ncopy x { n = 1 }\nstep b { }", [("OT101", "2:1", "copy")], ["a", "b"]),
    "a misspelled step": ("stpe a { }\nstep b { }", [("OT104", "1:1", "stpe")], ["a", "b"]),
    "misspelled words": (
        "step b { fro x in y { copy x { } } requries [a] }\ntsk c extnds copy { a: str }",
        [("OT104", "1:10", "fro"), ("OT104", "1:36", "requries"), ("OT104", "2:1", "tsk"), ("OT104", "2:7", "extnds")], ["b", "c"]),
    "an else of no if": ("step a {\n  else { copy x { } }\n}", [("OT101", "2:3", "else")], ["a"]),
    "a requires with an equals sign": ("step a { requires = [b] copy x { } }", [("OT101", "1:19", "=")], ["a"]),
    "a path without quotes": ("import curation.otter\nstep a { }", [("OT101", "1:8", "curation")], ["a"]),
    "a name in quotes": ('use "x"\nstep a { }', [("OT101", "1:5", '"x"')], ["a"]),
    "a URL without quotes": ("step a { copy x { source = gs://a/b.json n = 1 } }", [("OT007", "1:31", "/")], ["a"]),
    "a duration without quotes": ("step a { copy x { timeout = 30m } }", [("OT007", "1:29", "30m")], ["a"]),
    "a version without quotes": ("scratchpad { a = 26.03.1 b = 2 }", [("OT007", "1:18", "26.03.1")], [""]),
    "a name with a hyphen": ("step a { find-latest x { n = 1 } copy x { n = 1 } }", [("OT007", "1:10", "find-latest")], ["a"]),
    "a name with an accent": ("step a { copy naïve { } }", [("OT007", "1:15", "naïve")], ["a"]),
    "typographic quotes": ("step a { copy x { n = “abc” m = 1 } }", [("OT007", "1:23", "“abc”")], ["a"]),
    "a quote within quotes": ('step a { copy x { n = "say "b" c" m = 1 } }', [("OT101", "1:28", '"')], ["a"]),
    "a quote that is missing in a list": ('step a { copy x { n = ["b, "c"] m = 1 } }', [("OT004", "1:24", '"')], ["a"]),
    "a text over two lines": ('step a { copy x { n = "b\nc" }\n  copy y { m 1 } }', [("OT004", "1:23", '"'), ("OT101", "3:14", "1")], ["a"]),
    "a letter before quotes": ('step a { copy x { n = f"b" m = r"c" } }', [("OT101", "1:23", "f")], ["a"]),
    "more operators of another language": (
        "step a {\n  if b || c { }\n  if b === c { }\n  if b <> c { }\n}",
        [("OT007", "2:8", "||"), ("OT007", "3:8", "==="), ("OT007", "4:8", "<>")], ["a"]),
    "a date and a comma in a number": (
        "scratchpad {\n  a = 2026-11-24\n  b = 1,000\n}", [("OT007", "2:7", "2026-11-24"), ("OT007", "3:7", "1,000")], [""]),
    "a reference cut short": ('step a { copy x { n = copy. m = 1 } }', [("OT101", "1:27", ".")], ["a"]),
    "values by condition": (
        'step a {\n  copy x { n = "b" if c else "d" m = 1 }\n  copy y { n = b ? 1 : 2 m = 1 }\n}',
        [("OT101", "2:20", 'if c else "d"'), ("OT101", "3:18", "? 1 : 2")], ["a"]),
    "loops and conditions of another language": (
        "step a {\n  while b { copy x { n = } }\n  unless c { copy y { n = 1 } }\n  foreach d in e { copy z { } }\n}",
        [("OT104", "2:3", "while"), ("OT104", "3:3", "unless"), ("OT104", "4:3", "foreach")], ["a"]),
    "blocks without braces": ("step a {\n  if b:\n    copy x { n = 1 }\n}", [("OT101", "2:7", ":")], ["a"]),
    "mistakes in lines that follow each other": (
        "step a {\n  copy 3 { }\n  copy b.c { }\n  copy d.e { }\n}",
        [("OT101", "2:8", "3"), ("OT101", "3:9", "."), ("OT101", "4:9", ".")], ["a"]),
    "a constant of another language": ("step a { }\nconst b = 'c';\n", [("OT101", "2:1", "const")], ["a"]),
    "a semicolon": ("step a { copy x { n = 1; m = 2 } }", [("OT007", "1:24", ";")], ["a"]),
    "a comment of another language": ("// note { [\nstep a { }", [("OT007", "1:1", "//")], ["a"]),
    "operators of another language": ("step a {\n  if b && c { }\n  if !b { }\n}", [("OT007", "2:8", "&&"), ("OT007", "3:6", "!")], ["a"]),
    "an index": (
        "step a { if b[0].c == d['e'] { } copy x { n = b[0][1].c m = [1][0] k = b[ j = 2 } }\nstep b { }", [("OT101", "1:14", "[")], ["a", "b"]),
    "indices in each line": (
        "step a {\n  copy x {\n    n = b[0][1].c\n    m = [1][0]\n    k = b[ 1 }\n}\nscratchpad { c = 'x'[0] }",
        [("OT101", "3:10", "["), ("OT101", "4:12", "["), ("OT101", "5:10", "["), ("OT101", "7:21", "[")],
        ["a", ""]),
    "a chain of comparisons": (
        "step a {\n  if 1 < b < 3 { copy x { } }\n  if 1 not in b not in c { }\n  if a == b == c and d { }\n}",
        [("OT101", "2:12", "<"), ("OT101", "3:17", "not"), ("OT101", "4:13", "==")],
        ["a"]),
    "else-ifs of other languages": (
        "step a {\n  if b { }\n  elif c == 1 { copy x { } }\n  elseif d { } else { }\n  copy elif { n = }\n}",
        [("OT104", "3:3", "elif"), ("OT104", "4:3", "elseif"), ("OT101", "5:19", "}")],
        ["a"]),
    "an else without braces": ("step a {\n  if b { } else copy x { }\n}\nstep c { }", [("OT101", "2:17", "copy")], ["a", "c"]),
    "an else without braces at the end": ("step c { }\nstep a {\n  if b { } else copy x { }\n}\n", [("OT101", "3:17", "copy")], ["c", "a"]),
    "a loop of no step": ("for x in y { copy x { } }\nstep b { }", [("OT101", "1:1", "for")], ["b"]),
    "no default before a field": ("task t {\n  a: str =\n  b: int = 1\n}", [("OT101", "2:10", "=")], ["t"]),
    "no name after a value": (
        'step a {\n  copy x {\n    n = b.c.d\n    = "e"\n  }\n}\nscratchpad {\n  f = [1]\n  = { g = 1 }\n}',
        [("OT101", "3:13", "d"), ("OT101", "8:9", "]")],
        ["a", ""]),
    "no value before a name": ('step a { copy x { n = m = "e" } }\nstep b { }', [("OT101", "1:23", "m")], ["a", "b"]),
    "no name after a dotted value": ('step a { copy x { n = b.c = "e" } }\nstep b { }', [("OT101", "1:27", "=")], ["a", "b"]),
    "no variable": ("step a { for in b as c { copy x { } } }\nstep d { }", [("OT101", "1:14", "in")], ["a", "d"]),
    "no operator": ("step a { if b and c 3 { copy x { } } copy y { } }", [("OT101", "1:21", "3")], ["a"]),
    "no `if` after an else": (
        "step a {\n  if b { } else not c { copy x { } }\n  if d { } else e == 1 { copy y { } }\n}\nstep f { }",
        [("OT101", "2:17", "not"), ("OT101", "3:17", "e")],
        ["a", "f"]),
    "no type": ("task t {\n  a str\n  b: int\n}\nstep b { }", [("OT101", "2:5", "str")], ["t", "b"]),
    "an unclosed type": ("task t {\n  b: list[str\n  c: int\n}\nstep b { }", [("OT102", "2:11", "str")], ["t", "b"]),
    "quotes within an interpolation": ('step a { copy x { s = "${copy."x y".d}/a"\n  n = 1 } }', [("OT006", "1:24", "${")], ["a"]),
    "yaml": ("steps:\n  a:\n    - name: copy x\n      source: y\n", [("OT101", "1:1", "steps")], []),
    "a sum": ('step a { copy x { n = "a" + "b" m = 1 } }', [("OT007", "1:27", "+")], ["a"]),
    "another language": ("class Foo:\n    def bar(self):\n        return 1\n", [("OT101", "1:1", "class")], []),
    "several": (
        'stpe a { }\nstep b {\n  copy x { source "a" }\n  copy { n = 1 }\n}\n}\nstep c { copy y { n = 1 m = "x\n } }',
        [("OT104", "1:1", "stpe"), ("OT101", "3:19", '"a"'), ("OT101", "4:8", "{"), ("OT103", "6:1", "}"), ("OT004", "7:29", '"')],
        ["a", "b", "c"]),
}  # fmt: skip


def name_of(declaration):
    name = getattr(declaration, "name", None)
    return name.text if isinstance(name, ast.Name) else ""


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_said_once_and_the_rest_is_read(what):
    text, said, names = MISTAKES[what]
    checked, found = read(text)
    assert found == said
    assert [name_of(d) for d in checked.value.declarations] == names


def test_half_an_expression_is_no_value():
    checked, _ = read("step a {\n  copy x { n = 1 2 m = 2 }\n  if b and c 3 { copy y { } }\n  copy z { }\n}\nscratchpad { a = 1, 2] b = 3 }")
    step, constants = checked.value.declarations
    assert [[each.key.text for each in use.body] for use in step.block.items] == [["m"], []]
    assert [entry.key.text for entry in constants.entries] == []


def test_a_semicolon_takes_nothing_along():
    checked, _ = read("step a { copy x { n = 1; m = b; k = `c` } }")
    assert [a.key.text for a in checked.value.declarations[0].block.items[0].body] == ["n", "m", "k"]


def test_else_ifs_of_other_languages_are_read_as_such_and_have_a_fix():
    checked, _ = read("step a { if b { } elif c { copy x { n = } } }")
    (problem,) = checked.diagnostics
    assert [(edit.span.start, edit.span.end, edit.text) for edit in problem.fixes[0].edits] == [(18, 22, "else if")]
    (first,) = checked.value.declarations[0].block.items
    assert isinstance(first.orelse, ast.If)


def test_what_is_whole_is_kept_and_what_is_not_is_dropped():
    checked, _ = read("step a {\n  copy x {\n    n = \n    m = 2\n  }\n  copy y { k = 1 }\n}")
    broken, whole = checked.value.declarations[0].block.items
    assert ([a.key.text for a in broken.body], broken.partial) == (["m"], True)
    assert ([a.key.text for a in whole.body], whole.partial) == (["k"], False)


@pytest.mark.parametrize(
    ("text", "partial"),
    [
        ("step a { copy x { n = [1, 30m] m = 1 } }", False),
        ('step a { copy x { n = "b } }', False),
        ("step a {\n  copy x {\n    n =\n  }\n}", False),
        ("step a { copy find-latest { n = 1 } }", False),
        ("scratchpad { a = 30m }", True),
        ("step { }", True),
        ("? ?", True),
        ("scratchpad {\n  a = [1]\n  = 2\n}", True),
    ],
)
def test_a_module_is_partial_where_names_may_be_lost(text, partial):
    assert read(text)[0].value.partial == partial


@pytest.mark.parametrize(
    "body", ["copy find-latest { n = 1 }", "copy { n = 1 }", "if 30m { copy x { } }", "for x in 30m { copy x { } }", "copy x { n = 1 ? ? }"]
)
def test_what_is_lost_in_a_step_makes_that_step_partial_and_nothing_else(body):
    module = read(f"step a {{ {body} }}\nstep b {{ }}")[0].value
    assert ([each.partial for each in module.declarations], module.partial) == ([True, False], False)


def test_a_mend_that_loses_nothing_leaves_nothing_partial():
    checked, _ = read("step a { copy x { n: 1 } requires b }")
    assert not checked.value.partial
    assert checked.value.declarations[0].block.items[0].body[0].value.value == 1


def test_a_task_type_says_that_a_field_was_lost():
    checked, _ = read("task t { a: = 1 }\nextern task u { a: = 1 }\ntask v { a: int run sh 's' }")
    assert [d.partial for d in checked.value.declarations] == [True, True, False]


def test_the_opener_of_what_is_not_closed_is_shown():
    text = "step a {\n  copy x {\n    n = 1\n}\nstep b { }"
    (problem,) = parse(SourceText("x", "x", text)).diagnostics
    # The brace on line 4 is indented as `step a` is: what is not closed is the task.
    assert [(text[r.span.start : r.span.end], text.count("\n", 0, r.span.start) + 1) for r in problem.related] == [("{", 2)]


def test_a_misspelled_keyword_has_a_fix():
    (problem,) = parse(SourceText("x", "x", "stpe a { }")).diagnostics
    assert problem.help == "did you mean `step`?"
    assert [(edit.span.start, edit.span.end, edit.text) for edit in problem.fixes[0].edits] == [(0, 4, "step")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("step a { copy x { n 1 } }", "expected `=` or `{`, found `1`"),
        ("step a { copy x { n = } }", "expected a value, found `}`"),
        ("step a { copy { } }", "expected a name or a string, found `{`"),
        ("step a { for x y { } }", "expected `in`, found `y`"),
        (") step a { }", "nothing opens this `)`"),
        ("[ step a { }", "expected a declaration, found `[`"),
        ("step a { copy x { n = [1 2] } }", "expected `,` or `]`, found `2`"),
        ("param", "expected a name, found the end of the file"),
        ("task t { ? }", "expected a field or `}`, found `?`"),
        ("step a { ? }", "expected a statement or `}`, found `?`"),
    ],
)
def test_messages_say_what_could_stand_there(text, message):
    assert [d.message for d in parse(SourceText("x", "x", text)).diagnostics] == [message]


@pytest.mark.parametrize(
    ("before", "repeated"),
    [
        ("", "{"), ("", "("), ("step a { ", "{ "), ("", "step a { "), ("step a { for x in ", "["), ("step a { copy x { n = ", "[("),
        ("param x: ", "list["),
        ("step a { if ", "not "), ("step a { if x { } ", "else if x { } "), ("step a { copy x { n = ", "{ m = "), ("step s { ", "if a { "),
    ],
)  # fmt: skip
def test_nesting_without_end_is_one_diagnostic(before, repeated):
    checked, found = read(before + repeated * 10_000)
    assert len(found) == 1
    assert repr(checked.value)


def test_reasonable_nesting_is_fine():
    depth = DEEPEST - 5
    assert read("step a { copy x { n = " + "[" * depth + "]" * depth + " } }")[1] == []


def test_a_hundred_mistakes_are_enough():
    assert len(read("}\n" * 5_000)[1]) == 100
    assert len(read('step s { copy x { n = "' + "${a b}" * 5_000 + '" } }')[1]) == 100


def test_what_the_decoder_reported_is_not_said_again():
    decoded = decode("x", "x", b"step a { \x01 copy \xff x { n = 'a\xe9' } }\r step b { }")
    assert [d.code for d in decoded.diagnostics] == ["OT003"]
    assert parse(decoded.value).diagnostics == ()
    assert [name_of(d) for d in parse(decoded.value).value.declarations] == ["a", "b"]


# ---------------------------------------------------------------- any text

PIECES = st.sampled_from(
    ['"', '"""', "'", "'''", "${", "}", "{", "[", "]", "(", ")", "=", "==", ":", ",", ".", "|", "?", "\\", "\n", "#", " ", "step ", "task ", "for ",
     " in ", "if ", "else ", "requires ", "run python ", "validate ", "not ", "true", "x", "1",
     "-", "1e999", "é", "\0", "\x1b[31m", "\u202e", "“", "/", "&&"]
)  # fmt: skip


@st.composite
def changed_pages(draw):
    """The page with a few places changed."""
    text = PAGE
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from([0, 0, 1, 5, 40]))
        text = text[:at] + draw(PIECES) + text[at + length :]
    return text


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map("".join), changed_pages()))
def test_any_text_gives_diagnostics_and_nothing_else(text):
    source = decode("x.otter", "x.otter", text.encode("utf-8", "surrogatepass")).value
    if source is None:
        return
    checked = parse(source)
    for problem in checked.diagnostics:
        assert 0 <= problem.span.start <= problem.span.end <= len(source.text)
        assert problem.message == problem.message.strip()
        assert "\n" not in problem.message
    assert list(checked.diagnostics) == sorted(checked.diagnostics, key=lambda d: d.order)
    shown = render_text(checked.diagnostics, {"x.otter": source}) + render_json(locate(checked.diagnostics, {"x.otter": source}))
    assert all(char.isprintable() or char == "\n" for char in shown)
    assert parse(source) == checked


def test_a_text_is_indented_as_its_writer_likes():
    text = textwrap.indent(PAGE, "\t")
    assert read(text)[1] == []


@pytest.mark.parametrize(
    ("text", "place", "help_"),
    [
        ("pipeline my-pipe {}", "my-pipe", "digits and `_`: `my_pipe`"),
        ('pipeline "my-pipe" {}', '"my-pipe"', "digits and `_`: `my_pipe`"),
        ('pipeline "my pipe" {}', '"my pipe"', "digits and `_`: `my_pipe`"),
        ('pipeline "mine" {}', '"mine"', "write it without quotes"),
        ("pipeline 1a {}", "1a", "digits and `_`: `_1a`"),
        ("pipeline naïve {}", "naïve", "digits and `_`"),
        ("param min-mass: int", "min-mass", "digits and `_`: `min_mass`"),
        ("task a-b extends copy { }", "a-b", "digits and `_`: `a_b`"),
        ("task a extends copy { c-d: int }", "c-d", "digits and `_`: `c_d`"),
        ("step a { for a-b in [1] { copy x { } } }", "a-b", "digits and `_`: `a_b`"),
        ("step a { word-count x { } }", "word-count", "digits and `_`: `word_count`"),
        ("step a-b { }", "a-b", "digits and `_`; quote what is text"),
        ("import nope.otter\nstep a { }", "nope", 'quote the path: `import "nope.otter"`'),
        ("import nope\nstep a { }", "nope", 'quote the path: `import "nope"`'),
        ("step a { copy x { depends_on [b] } }", "[", "what must come first stands in `requires [ … ]`"),
        ("step a { depends_on [b] copy x { } }", "[", "what must come first stands in `requires [ … ]`"),
        ("let x = 1", "let", "constants stand in `scratchpad { NAME = … }`"),
        ('variable "x" { }', "variable", "what a run may set is a `param NAME: TYPE`"),
        ("locals { a = 1 }", "locals", "constants stand in `scratchpad { NAME = … }`"),
        ('resource "a" "b" { }', "resource", "the declarations are `pipeline`, `use`"),
        ("something x = 1", "something", "the declarations are `pipeline`, `use`"),
        ("copy x { }", "copy", "put it into a `step NAME { … }`, if `copy` is a task type; the declarations are"),
    ],
)
def test_what_is_meant_is_said_in_words_that_mend_it(text: str, place: str, help_: str) -> None:
    checked, found = read(text)
    assert [(code in ("OT007", "OT101"), what) for code, _, what in found] == [(True, place)]
    assert help_ in checked.diagnostics[0].help

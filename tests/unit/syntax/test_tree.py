"""What texts without a mistake become: facts of the AST, and that every span is exact."""

from dataclasses import fields, is_dataclass

import pytest
from pages import PAGE

from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.parse import parse


def read(text):
    checked = parse(SourceText("x.otter", "x.otter", text))
    assert checked.diagnostics == ()
    return checked.value


def nodes(value):
    """Every node of a tree, from the outside in."""
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        for item in value:
            yield from nodes(item)
    elif is_dataclass(value):
        yield value
        for field in fields(value):
            yield from nodes(getattr(value, field.name))


def word(name):
    return name.text if isinstance(name, ast.Name) else name.plain


def expression(text):
    return read(f"step s {{ t l {{ a = {text} }} }}").declarations[0].block.items[0].body[0].value


def shown(expr):
    """An expression in short."""
    match expr:
        case ast.StringExpr():
            return [part if isinstance(part, str) else (shown(part.expr),) for part in expr.parts]
        case ast.NumberExpr() | ast.ConstantExpr():
            return expr.value
        case ast.ListExpr():
            return [shown(item) for item in expr.items]
        case ast.MapExpr():
            return {word(e.key): shown(e.value) for e in expr.entries}
        case ast.RefExpr():
            return ".".join([expr.head.text, *(f"'{t.plain}'" if isinstance(t, ast.StringExpr) else t.text for t in expr.tail)])
        case ast.CallExpr():
            return (expr.function.text, *((a.name.text if a.name else None, shown(a.value)) for a in expr.arguments))
        case ast.CompareExpr():
            return (shown(expr.left), expr.operator, shown(expr.right))
        case ast.NotExpr():
            return ("not", shown(expr.operand))
        case ast.LogicExpr():
            return (expr.operator, *(shown(o) for o in expr.operands))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1), ("-0", 0), ("+7", 7), ("1.5", 1.5), ("-1e3", -1000.0), ("12E-1", 1.2), ("9007199254740993", 9007199254740993),
        ("true", True), ("false", False), ("null", None),
        ("a", "a"), ("a.b.c", "a.b.c"), ("copy.'x y'.destination", "copy.'x y'.destination"), ("a.true.in", "a.true.in"),
        ("[]", []), ("[1,]", [1]), ("[1, [2], a]", [1, [2], "a"]),
        ("{ }", {}), ("{ a = 1 b = { c = 2, } }", {"a": 1, "b": {"c": 2}}), ('{ "x y" = 1 }', {"x y": 1}),
        ("f()", ("f",)), ("f(1, b = 2,)", ("f", (None, 1), ("b", 2))),
        ("a == 1", ("a", "==", 1)), ("a not in b", ("a", "not in", "b")), ("a <= b", ("a", "<=", "b")), ("a in b", ("a", "in", "b")),
        ("not not a", ("not", ("not", "a"))),
        ("a and b and c or d", ("or", ("and", "a", "b", "c"), "d")),
        ("a or (b or c)", ("or", "a", ("or", "b", "c"))),
        ("not a == b", ("not", ("a", "==", "b"))),
    ],
)  # fmt: skip
def test_an_expression_is_read(text, value):
    found = shown(expression(text))
    assert found == value
    assert type(found) is type(value)


def test_every_node_stands_where_its_text_is():
    module = read(PAGE)
    for node in nodes(module.declarations):
        text = PAGE[node.span.start : node.span.end]
        assert text == text.strip()
        match node:
            case ast.Name():
                assert text == node.text
            case ast.StringExpr():
                assert text[0] in "\"'"
                assert text[-1] == text[0]
            case ast.Interpolation():
                assert (text[:2], text[-1]) == ("${", "}")
            case ast.Block():
                assert (text[0], text[-1]) == ("{", "}")
            case ast.NumberExpr():
                assert float(text) == node.value
            case ast.TaskUse() | ast.Attribute() | ast.Field() | ast.RefExpr() | ast.CallExpr() | ast.DottedName():
                first = next(nodes(tuple(getattr(node, f.name) for f in fields(node))))
                assert node.span.start == first.span.start
            case ast.Step():
                assert text.startswith("step target {")
    assert [PAGE[c.span.start : c.span.end] for c in module.comments] == [f"# {c.text}" for c in module.comments]


def test_children_lie_within_their_parents():
    for node in nodes(read(PAGE)):
        for inner in nodes(tuple(getattr(node, f.name) for f in fields(node))):
            assert node.span.start <= inner.span.start <= inner.span.end <= node.span.end


def test_declarations_are_read_whole():
    pipeline, use, imported, param, names, scratchpad, curation, count, solr, bare, step = read(PAGE).declarations
    assert (pipeline.name.text, [word(a.key) for a in pipeline.attributes]) == ("inputs", ["work_path", "pool_size"])
    assert (use.package.text, imported.path.plain) == ("pis.tasks", "curation.otter")
    assert (param.name.text, param.default.value, param.doc) == ("ensembl", 115, "How the genes\nare numbered.")
    option = names.type.options[0]
    assert (option.name.text, option.optional, [o.name.text for o in option.argument.options]) == ("list", True, ["str", "int"])
    assert [word(e.key) for e in scratchpad.entries] == ["ot_curation", "person.name", "a key"]
    assert scratchpad.entries[1].value.plain == "raw ${x} \\n"
    file, do, source = curation.members
    assert (curation.base.text, file.doc, [n.text for n in do.provides], source.key.text) == ("copy", "Which file.", ["each", "prefix"], "source")
    field, run, validate = count.members
    assert (len(field.type.options), field.default.value, run.language.text) == (2, 1, "sh")
    assert [part if isinstance(part, str) else part.expr.head.text for part in run.body.parts] == ["  wc -w < ", "source", "\n    indented\n"]
    assert [c.function.text for c in validate.calls] == ["exists", "not_empty"]
    assert (solr.module.text, [f.name.text for f in solr.fields], bare.module, bare.fields) == ("pis.tasks.solr", ["url"], None, ())
    assert (step.name.text, len(step.block.items)) == ("target", 4)


def test_statements_are_read_whole():
    requires, each, file, condition = read(PAGE).declarations[-1].block.items
    assert [type(t).__name__ for t in requires.targets] == ["RefExpr", "RefExpr", "StringExpr", "RefExpr"]
    assert (each.variable.text, each.group.text, each.block.items[0].doc) == ("each", "homology", "Of one species.")
    assert [a.key.text for a in each.block.items[0].body] == ["source", "step"]
    tasks = file.block.items[0].body[0]
    assert (file.group, tasks.name.text, tasks.block.items[1].label.text) == (None, "do", "step")
    assert (condition.condition.operator, condition.orelse.condition.operator) == ("and", "not in")
    assert condition.orelse.orelse.items[0].label.text == "c"


KEYWORDS = ["step", "task", "for", "in", "if", "else", "requires", "run", "validate", "not", "true", "provides", "extends", "use", "from"]


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_keyword_is_a_name_where_only_a_name_can_come(word):
    module = read(
        f"pipeline {word} {{ {word} = 1 }} param {word}: {word} scratchpad {{ {word} = 1 }} task {word} extends {word} {{ {word}: str {word} = 1 }} "
        f"step {word} {{ requires [{word}, copy.{word}] for {word} in a.{word} as {word} {{ copy {word} {{ {word} = {{ {word} = 1 }} }} }} }}"
    )
    loop = module.declarations[-1].block.items[1]
    assert (loop.variable.text, loop.group.text, loop.block.items[0].label.text, loop.block.items[0].body[0].key.text) == (word,) * 4


def test_a_keyword_followed_by_two_equals_signs_stays_one():
    assert shown(expression("true == a")) == (True, "==", "a")


def test_a_comment_may_stand_between_a_name_and_its_equals_sign():
    assert read("step s { t l { for # why\n # not\n = 1 } }").declarations[0].block.items[0].body[0].key.text == "for"


@pytest.mark.parametrize(
    ("text", "doc"),
    [
        ("# a\nstep s { }", "a"),
        ("#a\n#\n#   b \nstep s { }", "a\n\n  b"),
        ("# a\n\nstep s { }", ""),
        ("# a\n\n# b\nstep s { }", "b"),
        ("step r { } # a\nstep s { }", ""),
        ("# a\n# otterdsl: allow OT512\nstep s { }", "a"),
        ("step r { }\n  # a\nstep s { }", "a"),
        ("# a\nuse b step s { }", ""),
        ("#: BIOSAMPLE STEP :######\nstep s { }", "BIOSAMPLE STEP"),
        ("#######\n# Full backend\n#######\nstep s { }", "Full backend"),
        ("# ---- x ----\nstep s { }", "x"),
        ("# Title\n# =====\n#\n# -- b: __init__ a - b\nstep s { }", "Title\n\n-- b: __init__ a - b"),
        ("# ----> é ===\nstep s { }", "----> é"),
        ("########\nstep s { }", ""),
    ],
)
def test_a_doc_is_the_comments_right_above(text, doc):
    assert read(text).declarations[-1].doc == doc


def test_nothing_is_a_module():
    assert read("").declarations == read(" \n# only this").declarations == ()

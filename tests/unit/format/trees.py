"""Syntax trees as hypothesis makes them, of every construct; and what two trees have to share to be the same.

The nodes have no places: they were never read from a text.
"""

from collections import Counter
from dataclasses import fields, is_dataclass

from hypothesis import strategies as st

from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.syntax.parse import parse

NOWHERE = Span("made", 0, 0)
KEYWORDS = (
    "pipeline", "use", "import", "param", "scratchpad", "task", "extern", "step", "extends", "from", "provides", "run", "validate", "requires",
    "for", "in", "as", "if", "else", "or", "and", "not", "true", "false", "null",
)  # fmt: skip
# What begins a statement cannot be a task type, what begins an expression no name in one; the language has no quotes for these.
NO_TYPE = {"pipeline", "use", "import", "param", "scratchpad", "task", "extern", "step", "requires", "for", "if", "else"}
NO_REFERENCE = {"true", "false", "null", "not"}
NO_VALIDATOR = NO_TYPE - {"requires", "for", "if", "else"}

plain_words = st.from_regex("[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True)
words = plain_words | st.sampled_from(KEYWORDS)


def names(never=()):
    return words.filter(lambda word: word not in never).map(lambda word: ast.Name(NOWHERE, word))


dotted = st.lists(names(), min_size=1, max_size=3).map(lambda parts: ast.DottedName(NOWHERE, tuple(parts)))

# Text of what is special in one quoting or another, and of all that is text.
PIECES = ("$", "{", "}", "${", "$${", "\\", '"', '""', '"""', "'", "''", "'''", "\n", "\n\n", " ", "  ", "\t", "\r", "\0", "#", "a", "bc ", "\\n",
          "\\u{e9}", "é", "🦦", "\u202e", "\u2028", "\ufeff", "\u200b", "long words " * 12)  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def joined(parts):
    """The parts as the parser leaves them: no empty text, none beside another."""
    found = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return tuple(found)


raw_strings = texts.map(lambda text: ast.StringExpr(NOWHERE, joined([text]), raw=True))
plain_strings = texts.map(lambda text: ast.StringExpr(NOWHERE, joined([text])))
# `'` three times and `"` in one text cannot stand within two levels of `${…}`.
simple_texts = st.lists(st.sampled_from(("$", "${", "\\", '"', '"""', "a", " b")), max_size=5).map("".join)
inner_strings = (texts | simple_texts).map(lambda text: ast.StringExpr(NOWHERE, joined([text]), raw=True))


def references(labels):
    tails = st.lists(labels, max_size=2).map(tuple)
    return st.builds(ast.RefExpr, st.just(NOWHERE), names(NO_REFERENCE), tails)


def strings_of(inner):
    parts = st.lists(texts | inner.map(lambda expr: ast.Interpolation(NOWHERE, expr)), max_size=4).map(joined)
    return parts.map(lambda found: ast.StringExpr(NOWHERE, found, raw=len(found) == 0))


numbers = (
    st.integers(-(10**30), 10**30)
    | st.sampled_from([10**399, -0.0, 1e16, 1e-7, 5e-324, 1.7976931348623157e308])
    | st.floats(allow_nan=False, allow_infinity=False)
).map(lambda value: ast.NumberExpr(NOWHERE, value))
constants = st.sampled_from([True, False, None]).map(lambda value: ast.ConstantExpr(NOWHERE, value))


def compounds(values):
    """Expressions made of others."""
    keys = names() | raw_strings | plain_strings
    entries = st.builds(ast.MapEntry, st.just(NOWHERE), keys, values)
    arguments = st.builds(ast.Argument, st.just(NOWHERE), st.none() | names(), values)
    operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
    return st.one_of(
        st.lists(values, max_size=4).map(lambda items: ast.ListExpr(NOWHERE, tuple(items))),
        st.lists(entries, max_size=4).map(lambda found: ast.MapExpr(NOWHERE, tuple(found))),
        st.builds(ast.CallExpr, st.just(NOWHERE), names(NO_REFERENCE), st.lists(arguments, max_size=3).map(tuple)),
        st.builds(ast.CompareExpr, st.just(NOWHERE), values, operators, values),
        st.builds(ast.NotExpr, st.just(NOWHERE), values),
        st.builds(ast.LogicExpr, st.just(NOWHERE), st.sampled_from(["and", "or"]), st.lists(values, min_size=2, max_size=3).map(tuple)),
    )


# Within `${…}`: plain strings, in references too. Then strings that hold such, anywhere.
inner_expressions = st.recursive(inner_strings | numbers | constants | references(names() | inner_strings), compounds, max_leaves=4)
strings = raw_strings | plain_strings | strings_of(inner_expressions)
labels = names() | strings
expressions = st.recursive(strings | numbers | constants | references(labels), compounds, max_leaves=8)

types = st.deferred(lambda: st.lists(type_options, min_size=1, max_size=2).map(lambda options: ast.TypeExpr(NOWHERE, tuple(options))))
type_options = st.builds(ast.TypeOptionExpr, st.just(NOWHERE), names(), st.none() | types, st.booleans())

attributes = st.builds(ast.Attribute, st.just(NOWHERE), names() | strings, expressions)
targets = references(labels) | strings
requires = st.lists(targets, max_size=3).map(lambda found: ast.Requires(NOWHERE, NOWHERE, tuple(found)))
blocks = st.deferred(lambda: st.lists(requires | statements, max_size=3).map(lambda items: ast.Block(NOWHERE, tuple(items))))
task_lists = st.builds(ast.TaskList, st.just(NOWHERE), names(KEYWORDS), blocks)
task_uses = st.builds(ast.TaskUse, st.just(NOWHERE), names(NO_TYPE), labels, st.lists(attributes | requires | task_lists, max_size=3).map(tuple))
fors = st.builds(ast.For, st.just(NOWHERE), names(), expressions, st.none() | labels, blocks)
ifs = st.deferred(lambda: st.builds(ast.If, st.just(NOWHERE), expressions, blocks, st.none() | blocks | ifs))
statements = st.one_of(task_uses, task_uses, fors, ifs)

provided = st.lists(names(), max_size=2).map(tuple)
type_fields = st.builds(ast.Field, st.just(NOWHERE), names(), types, provided, st.none() | expressions)
python_texts = (
    st.lists(st.sampled_from(("a = 1", "\n", "  b", '"c"', "'d'", "\\n", "${x}")), max_size=6)
    .map("".join)
    .map(lambda text: f"{text}\n" if "\n" in text else text)
)
runs = st.builds(ast.Run, st.just(NOWHERE), names().filter(lambda name: name.text != "python"), strings) | st.builds(
    ast.Run, st.just(NOWHERE), st.just(ast.Name(NOWHERE, "python")), python_texts.map(lambda text: ast.StringExpr(NOWHERE, joined([text])))
)
calls = st.builds(
    ast.CallExpr,
    st.just(NOWHERE),
    names(NO_VALIDATOR),
    st.lists(st.builds(ast.Argument, st.just(NOWHERE), st.none() | names(), expressions), max_size=2).map(tuple),
)
validates = st.lists(calls, max_size=2).map(lambda found: ast.Validate(NOWHERE, tuple(found)))
constant_keys = st.builds(lambda first, rest: ast.Name(NOWHERE, ".".join([first, *rest])), plain_words, st.lists(words, max_size=2))
constant_entries = st.builds(ast.MapEntry, st.just(NOWHERE), constant_keys | strings, expressions)

declarations = st.one_of(
    st.builds(ast.Pipeline, st.just(NOWHERE), names(), st.lists(attributes, max_size=3).map(tuple)),
    st.builds(ast.Use, st.just(NOWHERE), dotted),
    st.builds(ast.Import, st.just(NOWHERE), strings),
    st.builds(ast.Param, st.just(NOWHERE), names(), types, st.none() | expressions),
    st.builds(ast.Scratchpad, st.just(NOWHERE), st.lists(constant_entries, max_size=3).map(tuple)),
    st.builds(
        ast.TaskType, st.just(NOWHERE), names(), st.none() | names(), st.lists(type_fields | attributes | runs | validates, max_size=3).map(tuple)
    ),
    st.builds(ast.ExternTask, st.just(NOWHERE), names(), st.none() | dotted, st.lists(type_fields, max_size=3).map(tuple)),
    st.builds(ast.Step, st.just(NOWHERE), labels, blocks),
)
modules = st.lists(declarations, max_size=3).map(lambda found: ast.Module(NOWHERE, tuple(found), ()))


# ---------------------------------------------------------------- what is the same


def bare(node):
    """A tree without places, comments and quotings."""
    if isinstance(node, Span):
        return None
    if isinstance(node, tuple):
        return tuple(bare(item) for item in node)
    if is_dataclass(node):
        left_out = ("span", "keyword_span", "places", "starts", "comments", "raw")
        return (type(node).__name__, *(bare(getattr(node, field.name)) for field in fields(node) if field.name not in left_out))
    return (type(node).__name__, repr(node))


def comment_texts(module):
    return Counter(comment.text for comment in module.comments)


def read(text, file="x.otter"):
    """The tree of a text that has no mistake, with the text."""
    source = SourceText(file, file, text)
    checked = parse(source)
    assert checked.diagnostics == (), (checked.diagnostics[0], text)
    return checked.value, source

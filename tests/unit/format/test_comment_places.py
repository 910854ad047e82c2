"""Comments of trees whose places are in no order, shared, or nowhere: each comes out once. And where comments go that stand in odd places."""

from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trees import NOWHERE, bare, comment_texts, modules, read

from otterdsl.compiler.format.module import format_module
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast

LINES = "".join(f"{'  ' * (number % 4)}{'- ' * (number % 2)}word {number} # c{number}\n{'' if number % 3 else chr(10)}" for number in range(40))
SOURCE = SourceText("x.yaml", "x.yaml", LINES)
COMMENTS = tuple(
    ast.Comment(Span("x.yaml", start := LINES.index(f"# c{number}\n"), start + len(f"# c{number}")), f"c{number}") for number in range(40)
)


def placed(node, random):
    """The tree with places anywhere in the text, some in another file, some nowhere; some equal."""
    if isinstance(node, Span):
        start = random.randrange(len(LINES))
        end = min(len(LINES), start + random.choice([0, 5, 30, 300, len(LINES)]))
        return Span(random.choice(["x.yaml", "x.yaml", "x.yaml", "y.otter"]), start, end)
    if isinstance(node, tuple):
        return tuple(placed(item, random) for item in node)
    if is_dataclass(node):
        return type(node)(*(placed(getattr(node, field.name), random) for field in fields(node)))
    return node


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(modules, st.randoms(use_true_random=False), st.booleans())
def test_each_comment_comes_out_once_wherever_nodes_claim_to_be(module, random, twice):
    made = placed(module, random)
    if twice:
        made = replace(made, declarations=(*made.declarations, *made.declarations))
    made = replace(made, comments=COMMENTS)
    again, source = read(format_module(made, SOURCE))
    assert comment_texts(again) == comment_texts(made)
    assert bare_but_for_docs(again) == bare_but_for_docs(made)
    assert format_module(again, source) == source.text


def bare_but_for_docs(module):
    def plain(node):
        if isinstance(node, tuple) and not hasattr(node, "_fields"):
            return tuple(plain(item) for item in node)
        if is_dataclass(node):
            return replace(node, **{field.name: "" if field.name == "doc" else plain(getattr(node, field.name)) for field in fields(node)})
        return node

    return bare(plain(module))


def test_comments_without_nodes_are_all_there():
    module = ast.Module(Span("x.yaml", 0, len(LINES)), (), COMMENTS)
    assert comment_texts(read(format_module(module, SOURCE))[0]) == comment_texts(module)


def test_a_comment_without_a_place_stands_at_the_top_apart():
    module, source = read("# doc\nstep a {}\n")
    made = replace(module, comments=(ast.Comment(NOWHERE, "made"), *module.comments))
    assert format_module(made, source) == "# made\n\n# doc\nstep a {}\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("step a { # x\n}", "step a {  # x\n}\n"),
        ("step # x\na {}", "step a {  # x\n}\n"),
        ("step a {\n# x\n}", "step a {\n  # x\n}\n"),
        ("step a {\n\n\n# x\n\n\n# y\n\n}", "step a {\n  # x\n\n  # y\n}\n"),
        ("step a {} # x\n# y", "step a {}  # x\n# y\n"),
        ("scratchpad { a = # x\n 1 }", "scratchpad {\n  a = 1  # x\n}\n"),
        ("scratchpad { a = [1, # x\n 2] }", "scratchpad {\n  a = [\n    1,  # x\n    2,\n  ]\n}\n"),
        ("scratchpad { a = [ # x\n] }", "scratchpad {\n  a = [  # x\n  ]\n}\n"),
        ("scratchpad { a = [1\n# x\n] }", "scratchpad {\n  a = [\n    1,\n    # x\n  ]\n}\n"),
        ("scratchpad { a = { b = 1 # x\n } }", "scratchpad {\n  a = {\n    b = 1,  # x\n  }\n}\n"),
        ("step a { requires [b # x\n] }", "step a {\n  requires [\n    b,  # x\n  ]\n}\n"),
        ("param a: int = # x\n1", "param a: int = 1  # x\n"),
        ("param # x\n # y\n a: int", "# x\n\nparam a: int  # y\n"),
        ("step a { if b { } # x\n else { } }", "step a {\n  if b {} else {  # x\n  }\n}\n"),
        ("step a { if b { # x\n } else if c { # y\n } }", "step a {\n  if b {  # x\n  } else if c {  # y\n  }\n}\n"),
        ("step a { for b in [1 # x\n] { # y\n } }", "step a {\n  for b in [\n    1,  # x\n  ] {  # y\n  }\n}\n"),
        ("step a { copy b { c = 1 } # x\n }", "step a {\n  copy b { c = 1 }  # x\n}\n"),
        ("step a { copy b { # x\n c = 1 } }", "step a {\n  copy b {  # x\n    c = 1\n  }\n}\n"),
        ("step a { copy b\n# x\n{ copy {} } }", "step a {\n  copy b {\n    # x\n\n    copy {}\n  }\n}\n"),
        ("task a { validate { # x\n f() # y\n } }", "task a {\n  validate {  # x\n    f()  # y\n  }\n}\n"),
        ("#\n##\n#: x\n#  x\nuse a", "#\n##\n#: x\n#  x\nuse a\n"),
    ],
)
def test_a_comment_in_an_odd_place(text, shown):
    module, source = read(text)
    assert format_module(module, source) == shown

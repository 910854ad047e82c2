"""Values of a configuration as expressions. In: nodes, and which names are surely known at their place. Out: expressions.

Reports: OT218 for what the language has no value for; its nearest text stands there then. What is absent: tasks.
"""

import re
from collections.abc import Set
from dataclasses import replace
from typing import Final

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import Type
from otterdsl.convert.nodes import Mapping, Node, Scalar, Sequence
from otterdsl.convert.strings import is_reference, key, plain, reference, template, whole

_INT: Final = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*(?:\.0+)?")
_DIGITS: Final = 100  # in what is read as a number; what is longer is none that a setting could be

# An escape first: after `$$` there is no name. For Otter a name has two letters at least, and goes on over dots and blanks.
_BARE: Final = re.compile(r"\$(?:\$|([A-Za-z_][A-Za-z0-9_.\s]*[A-Za-z0-9_]))", re.ASCII)


def value(node: Node, names: Set[str], found: list[Diagnostic]) -> ast.Expr:
    """The expression of a value in which placeholders are filled in. One that is `${name}` alone, of one of `names`, becomes a reference.

    Mutates: `found`. No deeper than the reader nests.
    """
    match node:
        case Scalar(value=str(), odd=""):
            name = whole(node.text)
            if name is not None and name in names and is_reference(name):
                return replace(reference(name, node.span, None if node.start is None else node.start + 2), span=node.span)
            _bare(node, names, found)
            return template(node)
        case Scalar():
            return _scalar(node, found)
        case Sequence():
            _odd(node, found)
            return ast.ListExpr(node.span, tuple(value(item, names, found) for item in node.items))
        case Mapping(odd="a set"):
            _odd(node, found)
            return ast.ListExpr(node.span, tuple(value(entry.key, names, found) for entry in node.entries))
        case Mapping():
            entries = (ast.MapEntry(entry.span, map_key(entry.key, found), value(entry.value, names, found)) for entry in node.entries)
            return ast.MapExpr(node.span, tuple(entries))


def constant(node: Node, found: list[Diagnostic]) -> ast.Expr:
    """The expression of a value in which `${` means nothing: a setting, or what the scratchpad holds. Mutates: `found`."""
    match node:
        case Scalar(value=str(), odd=""):
            return plain(node)
        case Scalar():
            return _scalar(node, found)
        case Sequence():
            _odd(node, found)
            return ast.ListExpr(node.span, tuple(constant(item, found) for item in node.items))
        case Mapping(odd="a set"):
            _odd(node, found)
            return ast.ListExpr(node.span, tuple(constant(entry.key, found) for entry in node.entries))
        case Mapping():
            entries = []
            for entry in node.entries:
                text_key(entry.key, found)
                entries.append(ast.MapEntry(entry.span, key(entry.key), constant(entry.value, found)))
            return ast.MapExpr(node.span, tuple(entries))


def setting_value(node: Node, of: Type, found: list[Diagnostic]) -> ast.Expr | None:
    """The expression of a setting; None for null, which says nothing.

    Where an int is to stand, Otter takes one written as text or as `4.0`. Mutates: `found`.
    """
    if isinstance(node, Scalar) and node.value is None:
        return None
    if isinstance(node, Scalar) and all(option.name == "int" for option in of.options):
        if isinstance(node.value, float) and node.value.is_integer():
            return ast.NumberExpr(node.span, int(node.value))
        if isinstance(node.value, str) and _INT.fullmatch(node.value.strip()) and len(node.value) <= _DIGITS:
            return ast.NumberExpr(node.span, int(node.value.strip().partition(".")[0]))
    return constant(node, found)


def map_key(scalar: Scalar, found: list[Diagnostic]) -> ast.Name | ast.StringExpr:
    """The key of a map among values, in which placeholders are filled in too. Mutates: `found`."""
    text_key(scalar, found)
    return key(scalar) if "${" not in scalar.text else template(scalar)


def text_key(scalar: Scalar, found: list[Diagnostic]) -> None:
    """Mutates: `found`. Reports: OT218, a key that is no text."""
    if not isinstance(scalar.value, str) or scalar.odd:
        message = f"the key `{_shown(scalar.text)}` is no text for YAML, and becomes one"
        mend = "put it into quotes, if it is text"
        found.append(Diagnostic("OT218", CODES["OT218"].severity, message, scalar.span, "keys are text", mend))


def _scalar(node: Scalar, found: list[Diagnostic]) -> ast.Expr:
    _odd(node, found)
    match node.value:
        case None | bool():
            return ast.ConstantExpr(node.span, node.value)
        case int() | float():
            return ast.NumberExpr(node.span, node.value)
        case str():
            return plain(node)


def _bare(node: Scalar, names: Set[str], found: list[Diagnostic]) -> None:
    """Mutates: `found`. Reports: OT218, a name after `$` without brackets, which Otter fills in."""
    for match in _BARE.finditer(node.text) if "$" in node.text else ():
        name = match[1]
        if name in names:
            span = node.span if node.start is None else Span(node.span.file, node.start + match.start(1) - 1, node.start + match.end())
            message = f"`${name}` stays as it is here, and Otter fills it in"
            found.append(Diagnostic("OT218", CODES["OT218"].severity, message, span, "no brackets", f"write `${{{name}}}`"))


def _odd(node: Scalar | Sequence | Mapping, found: list[Diagnostic]) -> None:
    """Mutates: `found`. Reports: OT218, a value that the language does not have."""
    if not node.odd:
        return
    becomes = "is taken as the text that stands here" if isinstance(node, Scalar) else "is taken as a list"
    message = f"{node.odd} has no value of its own in a pipeline, and {becomes}"
    mend = "put it into quotes, if it is text" if isinstance(node, Scalar) else ""
    found.append(Diagnostic("OT218", CODES["OT218"].severity, message, node.span, "cannot be held as it is", mend))


def _shown(text: str) -> str:
    cut = text if len(text) <= 60 else f"{text[:60]}…"
    return cut.replace("\n", "\\n")

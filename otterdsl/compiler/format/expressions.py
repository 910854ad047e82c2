"""Expressions on one line. In: an expression. Out: its text, or None where it needs several lines.

Parentheses are put only where the tree would be another without them. Within `${…}` strings are quoted with `'…'`; what that cannot hold is quoted
with `"…"`, and the string around it with three quotes. What is absent: anything over several lines (`values`).
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from otterdsl.compiler.format import strings
from otterdsl.compiler.format.names import name_text
from otterdsl.compiler.syntax import ast

WIDTH = 100


class Line(NamedTuple):
    """What a line may hold: not what has its id in `holding`, since a comment is within it; anything of any length where it is `inner` to `${…}`."""

    holding: Collection[int]
    inner: bool = False


_INNER = Line((), inner=True)

# How tightly what an expression is made of holds together; parentheses are put around what is looser than its place asks for.
OR, AND, NOT, COMPARE, ATOM = range(5)


def rank(expr: ast.Expr) -> int:
    """How tightly an expression holds together."""
    match expr:
        case ast.LogicExpr():
            return OR if expr.operator == "or" else AND
        case ast.NotExpr():
            return NOT
        case ast.CompareExpr():
            return COMPARE
        case _:
            return ATOM


def asked(expr: ast.LogicExpr) -> int:
    """What an operand has to be at least, to stand without parentheses: an `and` within an `and` would be one with it."""
    return AND if expr.operator == "or" else NOT


def flat(expr: ast.Expr, line: Line) -> str | None:
    """An expression that is a value, on one line.

    None where a text of several lines is within it, or a list that holds a comment or is too long for any line.
    """
    if isinstance(expr, ast.StringExpr):
        return None if several_lines(expr) and not line.inner else string_line(expr, line.inner)
    return flat_operand(expr, 0, line)


def flat_operand(expr: ast.Expr, least: int, line: Line) -> str | None:
    """As `flat`, for an operand, in parentheses where it is looser than `least`; strings are always on one line."""
    text: str | None
    match expr:
        case ast.StringExpr():
            return string_line(expr, line.inner)
        case ast.NumberExpr():
            return number(expr.value)
        case ast.ConstantExpr():
            return "null" if expr.value is None else "true" if expr.value else "false"
        case ast.RefExpr():
            return reference(expr)
        case ast.ListExpr() | ast.MapExpr() | ast.CallExpr():
            return None if id(expr) in line.holding else _flat_brackets(expr, line)
        case ast.CompareExpr():
            text = _joined(f" {expr.operator} ", (expr.left, expr.right), ATOM, line)
        case ast.NotExpr():
            text = _joined("", (expr.operand,), NOT, line)
            text = text and f"not {text}"
        case ast.LogicExpr():
            text = _joined(f" {expr.operator} ", expr.operands, asked(expr), line)
    return f"({text})" if text is not None and rank(expr) < least else text


def _joined(operator: str, operands: Sequence[ast.Expr], least: int, line: Line) -> str | None:
    texts = []
    for operand in operands:
        text = flat_operand(operand, least, line)
        if text is None:
            return None
        texts.append(text)
    return operator.join(texts)


def _flat_brackets(expr: ast.ListExpr | ast.MapExpr | ast.CallExpr, line: Line) -> str | None:
    """A list, map or call whose items are each on one line, and not too long all together: found early, so that nesting costs little."""
    texts: list[str] = []
    room = WIDTH
    for key, value in _keyed(expr, line.inner):
        text = flat(value, line)
        if text is None:
            return None
        texts.append(key + text)
        room -= len(key) + len(text) + 2
        if room < -2 and not line.inner:
            return None
    inner = ", ".join(texts)
    match expr:
        case ast.ListExpr():
            return f"[{inner}]"
        case ast.MapExpr():
            return f"{{ {inner} }}" if inner else "{}"
        case ast.CallExpr():
            return f"{expr.function.text}({inner})"


def _keyed(expr: ast.ListExpr | ast.MapExpr | ast.CallExpr, inner: bool) -> list[tuple[str, ast.Expr]]:
    """The values between brackets, each with what stands before it."""
    match expr:
        case ast.ListExpr():
            return [("", item) for item in expr.items]
        case ast.MapExpr():
            return [(f"{label(entry.key, inner)} = ", entry.value) for entry in expr.entries]
        case ast.CallExpr():
            return [(f"{argument.name.text} = " if argument.name else "", argument.value) for argument in expr.arguments]


# ---------------------------------------------------------------- atoms


def number(value: float) -> str:
    """A number that reads as the same. One that is no number of the language is written as one that is too large, or as a text."""
    if isinstance(value, int):
        return str(value)
    if value != value:
        return '"nan"'
    return {float("inf"): "1e999", float("-inf"): "-1e999"}.get(value) or repr(value).replace("e+", "e")


def label(node: ast.Label, inner: bool = False) -> str:
    """A label or a key."""
    return name_text(node) if isinstance(node, ast.Name) else string_line(node, inner)


def reference(expr: ast.RefExpr) -> str:
    """A name and its labels, raw where they can be: a reference may stand within `${…}`, and reads best so."""
    return ".".join([expr.head.text, *(label(part, inner=True) for part in expr.tail)])


def string_line(expr: ast.StringExpr, inner: bool = False) -> str:
    """A string on one line, quoted as the tree says, or with `'` where it is `inner` to `${…}`, as far as that can hold it."""
    plain = expr.plain
    if plain is not None:
        if not (expr.raw or inner) and strings.SIMPLE.fullmatch(plain):
            return f'"{plain}"'
        # Three `"` would end the string around.
        wanted = '"""' not in plain if inner else expr.raw
        raw = strings.raw_line(plain) if wanted else None
        return strings.line([(plain, False)]) if raw is None else raw
    parts = pieces(expr)
    if any(expression and '"' in text for text, expression in parts):
        return strings.long_line(parts)
    return strings.line(parts)


def several_lines(expr: ast.StringExpr) -> bool:
    """Whether a string is written over several lines where it may be: it holds a line end, and more than line ends."""
    for part in expr.parts:
        if isinstance(part, str) and "\n" in part:
            break
    else:
        return False
    return any(not isinstance(part, str) or part.strip("\n") for part in expr.parts)


def pieces(expr: ast.StringExpr) -> list[tuple[str, bool]]:
    """The parts of a string as `strings` takes them: adjacent texts joined, expressions written with their braces."""
    found: list[tuple[str, bool]] = []
    for part in expr.parts:
        if isinstance(part, ast.Interpolation):
            found.append((f"${{{flat_operand(part.expr, 0, _INNER)}}}", True))
        elif found and not found[-1][1]:
            found[-1] = (found[-1][0] + part, False)
        elif part:
            found.append((part, False))
    return found

"""Inputs that begin with `./` or `../`: relative to the file that holds them, rewritten to be relative to the entry's folder.

In: the value of an `input` field and the expression it came from. Out: the value, rewritten where another folder's file holds the text. Reports:
OT307 where the text comes from a loop's variable there, and cannot be rewritten. What is absent: files; paths are text here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from posixpath import dirname
from typing import Final, Literal, TypeAlias

from otterdsl.compiler.analysis.folding import key_ref, ref_path
from otterdsl.compiler.analysis.scope import POISON, Env, Folded, member
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import PLACEHOLDER, Value

_LOOKED_AT: Final = 10_000  # so many expressions of a loop's items are looked at
# Asked for a field of the declaring task type: the expression of its value, "settled" for an input's (which is rewritten already), None for no field.
Source: TypeAlias = Callable[[str], ast.Expr | Literal["settled"] | None]


@dataclass(frozen=True, slots=True)
class Origins:
    """Where texts stand. `elsewhere`: some file lies in another folder than the entry."""

    elsewhere: bool

    def from_entry(self, value: Folded, expr: ast.Expr, source_of: Source, env: Env) -> Folded:
        """The value with each relative path in it seen from the entry's folder."""
        if not self.elsewhere or value is POISON:
            return value
        match expr, value:
            case (ast.ListExpr(items=items), tuple()) if len(items) == len(value):
                found = [self.from_entry(each, item, source_of, env) for each, item in zip(value, items, strict=True)]
                kept = [each for each in found if each is not POISON]
                return POISON if len(kept) < len(found) else tuple(kept)
            case _:
                file = _file_of(expr, source_of, env)
                if file is None:
                    return value
                return _moved(value, dirname(file) or _folder_of_items(value, env), expr, env)


def _file_of(expr: ast.Expr, source_of: Source, env: Env) -> str | None:
    """The file that holds the beginning of a text; None where it is seen from the entry's folder already."""
    for _ in range(64):  # as deep as any text is likely to be handed on
        match expr:
            case ast.StringExpr(parts=(ast.Interpolation(expr=inner), *_)):
                expr = key_ref(inner) or inner
            case ast.RefExpr(head=head, tail=tail):
                if head.text in env.nest.variables:
                    return expr.span.file
                entry = _entry(expr, env)
                field = None if tail else source_of(head.text)
                if field == "settled" or (field is None and entry is None):
                    return None
                if field is not None:
                    expr = field
                elif entry is not None:
                    expr = entry.value
            case _:
                return expr.span.file
    return expr.span.file


def _folder_of_items(value: Value, env: Env) -> str:
    """Another folder than the entry's that holds items of the loop whose variable a text begins with; empty where there is none."""
    first = PLACEHOLDER.match(value) if isinstance(value, str) and env.nest.variables else None
    head = first.group(1).partition(".")[0] if first is not None and first.group(1) is not None else ""
    if head not in env.nest.variables:
        return ""
    left: list[ast.Expr] = [env.nest.fors[env.nest.variables.index(head)].iterable]
    for expr in left:
        match expr:
            case ast.ListExpr(items=items):
                left += items
            case ast.MapExpr(entries=entries):
                left += (entry.value for entry in entries)
            case ast.RefExpr() if expr.head.text in env.nest.variables:
                left.append(env.nest.fors[env.nest.variables.index(expr.head.text)].iterable)
            case ast.RefExpr() if (entry := _entry(expr, env)) is not None:
                left.append(entry.value)
            case _:
                file = _file_of(expr, lambda name: None, env)
                if file is not None and dirname(file):
                    return dirname(file)
        if len(left) > _LOOKED_AT:
            break
    return ""


def _entry(expr: ast.RefExpr, env: Env) -> ast.MapEntry | None:
    """The scratchpad entry that a reference names, or names something within."""
    path = ref_path(expr) or [expr.head.text]
    named = (".".join(path[:length]) for length in range(len(path), 0, -1))
    return next((env.names.constant_entries[key] for key in named if key in env.names.constant_entries), None)


def _moved(value: Value, folder: str, expr: ast.Expr, env: Env) -> Folded:
    if not folder:
        return value
    match value:
        case str():
            if value.startswith(("./", "../")):
                return seen_from_entry(value, folder)
            if _relative_turn(value, env):
                message = "an input from a loop's variable cannot be relative to a file of another folder"
                env.report.add("OT307", expr.span, message, label="this begins with `./` or `../`", mend='write the `./` here: `"./${…}"`')
                return POISON
            return value
        case tuple():
            found = [_moved(each, folder, expr, env) for each in value]
            kept = [each for each in found if each is not POISON]
            return POISON if len(kept) < len(found) else tuple(kept)
        case _:
            return value


def _relative_turn(value: str, env: Env) -> bool:
    first = PLACEHOLDER.match(value)
    if first is None or first.group(1) is None:
        return False
    head, *rest = first.group(1).split(".")
    if head not in env.nest.variables:
        return False
    index = env.nest.variables.index(head)
    found = (member(row[index], rest) for row in env.nest.rows)
    return any(isinstance(each, str) and each.startswith(("./", "../")) for each in found)


def seen_from_entry(path: str, folder: str) -> str:
    """A path that begins with `./` or `../` and is relative to `folder`, relative to what `folder` is relative to."""
    parts = [part for part in folder.split("/") if part not in ("", ".")]
    while path.startswith(("./", "../")):
        if path.startswith("../"):
            if parts and parts[-1] != "..":
                parts.pop()
            else:
                parts.append("..")
        path = path.partition("/")[2].lstrip("/")
    if parts and parts[0] == "..":
        return "/".join([*parts, path])
    return "/".join([".", *parts, path])

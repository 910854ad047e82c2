"""What a file of `convert` says, back as the YAML that it was: the inverse of lowering, statement by statement.

In: tree. Out: values and tasks as Otter's YAML has them, None for what no YAML lowers to (a reference to a task, a param, an `if`, …). Nothing is
folded: a placeholder stays one. What is absent: what the checker found out.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from otterdsl.compiler.analysis.folding import ref_path
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import escape, joined, placeholder
from otterdsl.convert.emit import Plain

EACH: Final = "each"  # the placeholder of an `explode` that names none


class NotWrittenError(Exception):
    """Raised within this module where something is no YAML's. Never leaves it."""


@dataclass(frozen=True, slots=True)
class Names:
    """What names of a file stand for: `keys` of its scratchpads, task types, those of them that `task` declares, params, the labels of loops."""

    keys: Collection[str]
    types: Collection[str]
    declared: Collection[str]
    params: Collection[str]
    labels: Collection[str] = ()


def value_of(expr: ast.Expr, names: Names) -> Plain:
    """The value of an expression. Raises: NotWrittenError."""
    match expr:
        case ast.StringExpr():
            return text_of(expr, names)
        case ast.RefExpr():
            return placeholder(_name(expr, names))
        case ast.NumberExpr() | ast.ConstantExpr():
            return expr.value
        case ast.ListExpr():
            return [value_of(item, names) for item in expr.items]
        case ast.MapExpr():
            return {key_of(entry.key, names): value_of(entry.value, names) for entry in expr.entries}
        case _:
            raise NotWrittenError


def text_of(expr: ast.StringExpr, names: Names) -> str:
    """The text of a string, its placeholders by their names. Raises: NotWrittenError."""
    return joined(escape(part) if isinstance(part, str) else _interpolated(part.expr, names) for part in expr.parts)


def key_of(key: ast.Name | ast.StringExpr, names: Names) -> str:
    """The text of a key. Raises: NotWrittenError."""
    return key.text if isinstance(key, ast.Name) else text_of(key, names)


def _interpolated(expr: ast.Expr, names: Names) -> str:
    if isinstance(expr, ast.RefExpr):
        return placeholder(_name(expr, names))
    if isinstance(expr, ast.StringExpr) and expr.plain:
        return placeholder(expr.plain)
    raise NotWrittenError


def _name(expr: ast.RefExpr, names: Names) -> str:
    """The name of a placeholder. Raises: NotWrittenError, for a param, and for a task where no scratchpad has a key of that name."""
    path = ref_path(expr)
    if path is None or expr.head.text in names.params:
        raise NotWrittenError
    known = any(".".join(path[:length]) in names.keys for length in range(len(path), 0, -1))
    if expr.tail and expr.head.text in names.types and not known:
        raise NotWrittenError
    return ".".join(path)


# ---------------------------------------------------------------- statements


def written(node: ast.TaskUse | ast.For, names: Names) -> dict[str, Plain] | None:
    """The entry of a step, or of a list of tasks, that a statement came from; None where it came from none."""
    try:
        return _task(node, names) if isinstance(node, ast.TaskUse) else _explode(node, names)
    except NotWrittenError:
        return None


def _task(use: ast.TaskUse, names: Names) -> dict[str, Plain]:
    if use.type.text in names.declared:
        raise NotWrittenError
    label = key_of(use.label, names)
    made: dict[str, Plain] = {"name": f"{use.type.text} {label}" if label else use.type.text}
    made |= _requires_of(use.body, names)
    for item in use.body:
        match item:
            case ast.Attribute():
                made[_field(item.key)] = value_of(item.value, names)
            case ast.TaskList():
                made[item.name.text] = _tasks(item.block, names)
            case ast.Requires():
                pass
    return made


def _field(key: ast.Name | ast.StringExpr) -> str:
    """The name of a field, in which nothing is filled in."""
    text = key.text if isinstance(key, ast.Name) else key.plain
    if text is None:
        raise NotWrittenError
    return text


def _explode(loop: ast.For, names: Names) -> dict[str, Plain]:
    label = loop.group.text if isinstance(loop.group, ast.Name) else loop.group.plain if loop.group is not None else None
    if not label or not isinstance(loop.iterable, ast.ListExpr):
        raise NotWrittenError
    made: dict[str, Plain] = {"name": explode_name(label), **_requires_of(loop.block.items, names), "foreach": value_of(loop.iterable, names)}
    if loop.variable.text != EACH:
        made["each_placeholder"] = loop.variable.text
    made["do"] = _tasks(loop.block, names)
    return made


def explode_name(label: str) -> str:
    """The name of the `explode` that became the loop of a label."""
    return f"explode {escape(label)}"


def _tasks(block: ast.Block, names: Names) -> list[Plain]:
    tasks: list[Plain] = []
    for item in block.items:
        match item:
            case ast.TaskUse():
                tasks.append(_task(item, names))
            case ast.For():
                tasks.append(_explode(item, names))
            case ast.If():
                raise NotWrittenError
            case ast.Requires():
                pass
    return tasks


def _requires_of(items: Collection[object], names: Names) -> dict[str, Plain]:
    """The `requires` of a statement, where it has one."""
    found = [item for item in items if isinstance(item, ast.Requires)]
    if not found:
        return {}
    return {"requires": [_target(target, names) for item in found for target in item.targets]}


def _target(target: ast.RefExpr | ast.StringExpr, names: Names) -> str:
    if isinstance(target, ast.StringExpr):
        text = text_of(target, names)
        return explode_name(target.plain) if target.plain is not None and target.plain in names.labels else text
    if not target.tail:
        return explode_name(target.head.text) if target.head.text in names.labels else target.head.text
    if len(target.tail) > 1:
        raise NotWrittenError
    label = key_of(target.tail[0], names)
    return f"{target.head.text} {label}" if label else target.head.text


def loop_labels(block: ast.Block) -> Iterator[str]:
    """The labels of the loops in a block that may have come from an `explode`, within tasks too."""
    for item in block.items:
        match item:
            case ast.For():
                label = item.group.text if isinstance(item.group, ast.Name) else item.group.plain if item.group is not None else None
                if label:
                    yield label
                yield from loop_labels(item.block)
            case ast.TaskUse():
                for each in item.body:
                    if isinstance(each, ast.TaskList):
                        yield from loop_labels(each.block)
            case _:
                pass

"""What a converted module says, as plain data again, for tests: the settings, the scratchpad, and each step's specs as YAML would give them.

It goes by the tree alone, and knows nothing of how the tree was made.
"""

from typing import Any

from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import PLACEHOLDER, escape


def canonical(value: Any) -> Any:
    """A value with each `${` in it that begins no placeholder written as `$${`: both mean the same."""
    match value:
        case str():
            parts, end = [], 0
            for found in PLACEHOLDER.finditer(value):
                parts += [escape(value[end : found.start()]), found.group()]
                end = found.end()
            return "".join([*parts, escape(value[end:])])
        case list():
            return [canonical(each) for each in value]
        case dict():
            return {canonical(key): canonical(each) for key, each in value.items()}
        case _:
            return value


def text(expr: ast.StringExpr) -> str:
    """A string in placeholder form."""
    return "".join(escape(part) if isinstance(part, str) else f"${{{_named(part.expr)}}}" for part in expr.parts)


def _named(expr: ast.Expr) -> str:
    if isinstance(expr, ast.RefExpr):
        return ".".join([expr.head.text, *(part.text for part in expr.tail if isinstance(part, ast.Name))])
    assert isinstance(expr, ast.StringExpr)
    assert expr.plain is not None
    return expr.plain


def label(of: ast.Label) -> str:
    return of.text if isinstance(of, ast.Name) else text(of)


def value(expr: ast.Expr) -> Any:
    match expr:
        case ast.StringExpr():
            return text(expr)
        case ast.RefExpr():
            return f"${{{_named(expr)}}}"
        case ast.ListExpr():
            return [value(item) for item in expr.items]
        case ast.MapExpr():
            return {label(entry.key): value(entry.value) for entry in expr.entries}
        case ast.NumberExpr() | ast.ConstantExpr():
            return expr.value
        case _:
            raise AssertionError(expr)


def _target(target: ast.RefExpr | ast.StringExpr, groups: frozenset[str]) -> str:
    if isinstance(target, ast.StringExpr):
        name = text(target)
    else:
        name = " ".join([target.head.text, *(label(part) for part in target.tail)])
        if target.tail:
            return name
    return f"explode {name}" if name in groups else name


def specs(block: ast.Block, groups: frozenset[str]) -> list[dict[str, Any]]:
    """The specs of a block, loops as the explodes that they were."""
    found: list[dict[str, Any]] = []
    for item in block.items:
        if isinstance(item, ast.For):
            assert item.group is not None
            loop: dict[str, Any] = {"name": f"explode {label(item.group)}", "foreach": value(item.iterable)}
            if item.variable.text != "each":
                loop["each_placeholder"] = item.variable.text
            for before in item.block.items:
                if isinstance(before, ast.Requires):
                    loop["requires"] = [_target(target, groups) for target in before.targets]
            found.append({**loop, "do": specs(item.block, groups)})
        elif isinstance(item, ast.TaskUse):
            found.append(_spec(item, groups))
    return found


def _spec(use: ast.TaskUse, groups: frozenset[str]) -> dict[str, Any]:
    own = label(use.label)
    found: dict[str, Any] = {"name": f"{use.type.text} {own}" if own else use.type.text}
    for item in use.body:
        match item:
            case ast.Requires():
                found["requires"] = [_target(target, groups) for target in item.targets]
            case ast.TaskList():
                found[item.name.text] = specs(item.block, groups)
            case ast.Attribute():
                found[label(item.key)] = value(item.value)
    return found


def settings(module: ast.Module) -> dict[str, Any]:
    return {
        label(each.key): value(each.value) for pipeline in module.declarations if isinstance(pipeline, ast.Pipeline) for each in pipeline.attributes
    }


def scratchpad(module: ast.Module) -> dict[str, Any]:
    return {label(each.key): value(each.value) for pad in module.declarations if isinstance(pad, ast.Scratchpad) for each in pad.entries}


def steps(module: ast.Module) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for step in module.declarations:
        if isinstance(step, ast.Step):
            groups = frozenset(label(item.group) for item in step.block.items if isinstance(item, ast.For) and item.group is not None)
            found[label(step.name)] = specs(step.block, groups)
    return found

"""Scratchpad constants and params: their values, whatever their order in the text.

In: declarations and task types. Out: each constant's value in placeholder form, each param with its type and default. Reports: cycles of constants,
defaults that do not fit. What is absent: what a run may put in a param's place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from otterdsl.compiler.analysis.declarations import Declarations
from otterdsl.compiler.analysis.folding import fold, key_ref, ref_path
from otterdsl.compiler.analysis.report import Report, shown
from otterdsl.compiler.analysis.scope import POISON, Env, Folded, Globals
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.analysis.type_exprs import lower_param_type
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import Value, placeholders


@dataclass(frozen=True, slots=True)
class FoldedParam:
    """A param: its type, its default, and its declaration. `default` is POISON where it is wrong or there is none."""

    declaration: ast.Param
    type: Type | None
    default: Folded


def fold_constants(declarations: Declarations, types: Mapping[str, TaskType], stored: frozenset[str], report: Report) -> Globals:
    """The constants of all files, in an order in which each follows what it names. Reports: OT405, and what is wrong with each."""
    params = {name: lower_param_type(param.type, report) for name, param in declarations.params.items()}
    constants: dict[str, Folded] = dict.fromkeys(declarations.constants, POISON)
    names = Globals(params, constants, declarations.constants, types, declarations.unread, stored, steps=declarations.steps)
    env = Env(names, report)
    for key in _named_first(declarations, report):
        constants[key] = fold(declarations.constants[key].value, env)
    return names


def _named_first(declarations: Declarations, report: Report) -> list[str]:
    """The keys, each after those that its value names; what stands in a cycle is left out, and stays POISON."""
    keys = declarations.constants
    needs = {key: tuple(dict.fromkeys(_named_keys(entry.value, keys))) for key, entry in keys.items()}
    done: dict[str, bool] = {}  # whether it has a value
    for start in keys:
        stack = [(start, iter(needs[start]))]
        path = {start: None} if start not in done else {}
        while path and stack:
            key, rest = stack[-1]
            following = next((each for each in rest if each not in done), None)
            if following is None:
                stack.pop()
                path.popitem()
                done.setdefault(key, True)
            elif following in path:
                cycle = list(path)[list(path).index(following) :]
                _report_cycle(cycle, declarations, report)
                done |= dict.fromkeys(cycle, False)
            else:
                path[following] = None
                stack.append((following, iter(needs[following])))
    return [key for key, valued in done.items() if valued]


def _report_cycle(cycle: list[str], declarations: Declarations, report: Report) -> None:
    entries = [declarations.constants[key] for key in cycle]
    drawn = " → ".join(f"`{shown(key)}`" for key in [*cycle[:12], *(["…"] if len(cycle) > 12 else []), cycle[0]])
    related = [Label(entry.value.span, f"the value of `{shown(key)}`") for key, entry in zip(cycle[1:12], entries[1:12], strict=True)]
    report.add("OT405", entries[0].key.span, f"scratchpad keys name each other in a circle: {drawn}", related=related)


def _named_keys(expr: ast.Expr, keys: Mapping[str, ast.MapEntry]) -> Iterator[str]:
    """The scratchpad keys that an expression names."""
    for ref in refs_of(expr):
        path = ref_path(ref) or [ref.head.text]
        for length in range(len(path), 0, -1):
            if (key := ".".join(path[:length])) in keys:
                yield key
                break


def refs_of(expr: ast.Expr) -> Iterator[ast.RefExpr]:
    """All references in an expression, in the order of the text."""
    match expr:
        case ast.RefExpr():
            yield expr
            for part in expr.tail:
                if isinstance(part, ast.StringExpr):
                    yield from refs_of(part)
        case ast.StringExpr():
            for each in expr.parts:
                if isinstance(each, ast.Interpolation):
                    yield from refs_of(key_ref(each.expr) or each.expr)
        case ast.ListExpr():
            for item in expr.items:
                yield from refs_of(item)
        case ast.MapExpr():
            for entry in expr.entries:
                if isinstance(entry.key, ast.StringExpr):
                    yield from refs_of(entry.key)
                yield from refs_of(entry.value)
        case ast.CallExpr():
            for argument in expr.arguments:
                yield from refs_of(argument.value)
        case ast.CompareExpr():
            yield from refs_of(expr.left)
            yield from refs_of(expr.right)
        case ast.NotExpr():
            yield from refs_of(expr.operand)
        case ast.LogicExpr():
            for operand in expr.operands:
                yield from refs_of(operand)
        case ast.NumberExpr() | ast.ConstantExpr():
            return


def fold_constant(expr: ast.Expr, what: str, names: Globals, report: Report) -> Folded:
    """The value of an expression that must be known when compiled. Reports: OT307, where it depends on a param."""
    value = fold(expr, Env(names, report, late=what))
    if value is POISON:
        return POISON
    for found in placeholders(value):
        report.add("OT307", expr.span, f"{what} is a constant, and this depends on param `{found}`", label="known only when a run starts")
        return POISON
    return value


def fold_params(declarations: Declarations, names: Globals, report: Report) -> dict[str, FoldedParam]:
    """The params with their defaults. Reports: what is wrong with a default, but for its type."""
    return {
        name: FoldedParam(
            param,
            names.params[name],
            POISON if param.default is None else fold_constant(param.default, "a param's default", names, report),
        )
        for name, param in declarations.params.items()
    }


def default_of(param: FoldedParam) -> Value:
    """A param's default where it has one, else null."""
    return None if param.default is POISON else param.default

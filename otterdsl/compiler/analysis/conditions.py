"""Conditions: what an `if` asks, over constants, params and loop variables.

In: an expression and where it stands. Out: a `Condition`, a `Constant` where all is known when compiled. Reports: what is no bool, what cannot be
compared, what is known too late. What is absent: blocks; who stands under which condition is `structure`'s.
"""

from dataclasses import replace
from typing import Literal, TypeAlias

from otterdsl.compiler.analysis.deciding import compare
from otterdsl.compiler.analysis.folding import fold, ref_path
from otterdsl.compiler.analysis.kinds import incomparable, kinds_of
from otterdsl.compiler.analysis.report import shown
from otterdsl.compiler.analysis.scope import POISON, Env, Poison
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Operand, Param
from otterdsl.compiler.values.value import PLACEHOLDER, placeholders, to_text

Lowered: TypeAlias = Condition | Literal[Poison.POISON]


def lower_condition(expr: ast.Expr, env: Env) -> Lowered:
    """The condition that an expression is; a `Constant` bool where it is known. Reports: OT304, OT306, OT307."""
    match expr:
        case ast.LogicExpr():
            return _logic(expr, env)
        case ast.NotExpr():
            inner = lower_condition(expr.operand, env)
            return POISON if inner is POISON else negated(inner)
        case ast.CompareExpr():
            return _comparison(expr, env)
        case _:
            found = _operand(expr, env)
            return POISON if found is POISON else _as_bool(found, expr, env)


def negated(condition: Condition) -> Condition:
    """The opposite of a condition."""
    match condition:
        case Constant(value):
            return Constant(not value)
        case Not(inner):
            return inner
        case _:
            return Not(condition)


def all_of(conditions: list[Condition]) -> Condition | None:
    """All of the conditions as one, None where nothing is left to ask."""
    flat: list[Condition] = []
    for each in conditions:
        flat += each.conditions if isinstance(each, AllOf) else [each]
    kept = [each for each in flat if each != Constant(True)]
    if Constant(False) in kept:
        return Constant(False)
    return None if not kept else kept[0] if len(kept) == 1 else AllOf(tuple(kept))


def _logic(expr: ast.LogicExpr, env: Env) -> Lowered:
    known: list[Condition] = []
    given = env.given
    for operand in expr.operands:
        found = lower_condition(operand, replace(env, given=given))
        if found is not POISON:
            known.append(found)
            # What follows is asked only where this has not decided yet.
            given = (*given, found if expr.operator == "and" else negated(found))
    if len(known) < len(expr.operands):
        return POISON
    if expr.operator == "and":
        return all_of(known) or Constant(True)
    flat: list[Condition] = []
    for each in known:
        flat += each.conditions if isinstance(each, AnyOf) else [each]
    if Constant(True) in flat:
        return Constant(True)
    kept = [each for each in flat if each != Constant(False)]
    return Constant(False) if not kept else kept[0] if len(kept) == 1 else AnyOf(tuple(kept))


# ---------------------------------------------------------------- operands


def _operand(expr: ast.Expr, env: Env) -> Operand | Literal[Poison.POISON]:
    value = fold(expr, env)
    if value is POISON:
        return POISON
    found = list(placeholders(value))
    if not found:
        return Constant(value)
    if isinstance(value, str) and PLACEHOLDER.fullmatch(value):
        name = found[0]
        if name.partition(".")[0] in env.nest.variables:
            return Item(name)
        if name in env.names.params:
            return Param(name)
    message = "a condition compares params and loop variables as they are"
    late = next((name for name in found if name not in env.names.params and name.partition(".")[0] not in env.nest.variables), None)
    label = f"`{shown(late)}` is known only when the task runs" if late else "this is put together only when a run starts"
    env.report.add("OT307", expr.span, message, label=label, mend="compare each on its own")
    return POISON


def _as_bool(operand: Operand, expr: ast.Expr, env: Env) -> Lowered:
    kinds = kinds_of(operand, env)
    if kinds <= {"bool"}:
        return operand
    related: tuple[Label, ...] = ()
    match operand:
        case Param(name):
            what = f"param `{name}` is `{env.names.params[name]}`"
        case Item(path):
            what = f"`{path}` is {' or '.join(sorted(kinds))}"
        case Constant(value):
            text = to_text(value) if not isinstance(value, str) else f'"{value}"'
            what, related = f"`{shown(text)}` is {next(iter(kinds))}", _defined(expr, env)
    env.report.add("OT304", expr.span, f"a condition is a bool, and {what}", label="no bool", mend="compare it with something", related=related)
    return POISON


def _defined(expr: ast.Expr, env: Env) -> tuple[Label, ...]:
    if isinstance(expr, ast.RefExpr) and (path := ref_path(expr)):
        entry = env.names.constant_entries.get(".".join(path))
        if entry is not None:
            return (Label(entry.value.span, "its value"),)
    return ()


# ---------------------------------------------------------------- comparisons


def _comparison(expr: ast.CompareExpr, env: Env) -> Lowered:
    left, right = _operand(expr.left, env), _operand(expr.right, env)
    if left is POISON or right is POISON:
        return POISON
    refusal = incomparable(left, expr.operator, right, env)
    if refusal:
        message = f"these cannot be compared by `{expr.operator}`: {refusal.why}"
        env.report.add("OT306", expr.span, message, label="not of one kind", mend=refusal.mend)
        return POISON
    if isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(compare(left.value, expr.operator, right.value))
    return Compare(left, expr.operator, right)

"""Conditions: what an `if` asks, over constants, params and loop variables.

In: an expression and where it stands. Out: a `Condition`, a `Constant` where all is known when compiled. Reports: what is no bool, what cannot be
compared, what is known too late. What is absent: blocks; who stands under which condition is `structure`'s.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias

from otterdsl.compiler.analysis.folding import fold, ref_path
from otterdsl.compiler.analysis.report import shown
from otterdsl.compiler.analysis.scope import ABSENT, POISON, Env, Poison, member
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Operand, Operator, Param
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import PLACEHOLDER, Value, placeholders, to_text

Lowered: TypeAlias = Condition | Literal[Poison.POISON]
_KINDS: Final = {"int": "number", "float": "number", "bool": "bool", "list": "list", "map": "map", "Spec": "map"}
_ORDERED: Final = frozenset({"number", "str"})


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
    found = [lower_condition(operand, env) for operand in expr.operands]
    known = [each for each in found if each is not POISON]
    if len(known) < len(found):
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


def _kinds(operand: Operand, env: Env) -> frozenset[str]:
    """What kinds of value an operand may be; empty where anything is possible."""
    match operand:
        case Constant(value):
            return frozenset({kind_of(value)})
        case Param(name):
            declared = env.names.params[name]
            return _kinds_of_type(declared) if declared else frozenset()
        case Item(path):
            head, *rest = path.split(".")
            index = env.nest.variables.index(head)
            found = (member(row[index], rest) for row in env.nest.rows)
            kinds = frozenset("any" if any(placeholders(value)) else kind_of(value) for value in found if value is not POISON)
            return frozenset() if "any" in kinds else kinds


def _kinds_of_type(declared: Type) -> frozenset[str]:
    kinds = {_KINDS.get(option.name, "str") for option in declared.options if option.name != "any"}
    if len(kinds) < 1 or any(option.name == "any" for option in declared.options):
        return frozenset()
    return frozenset(kinds | ({"null"} if declared.optional else set()))


def kind_of(value: Value) -> str:
    """The kind of a value, as conditions tell them apart."""
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "str"
        case tuple():
            return "list"
        case _:
            return "map"


def _as_bool(operand: Operand, expr: ast.Expr, env: Env) -> Lowered:
    kinds = _kinds(operand, env)
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
    why = _incomparable(left, expr.operator, right, env)
    if why:
        env.report.add("OT306", expr.span, f"these cannot be compared by `{expr.operator}`: {why}", label="not of one kind")
        return POISON
    if isinstance(left, Constant) and isinstance(right, Constant):
        return Constant(compare(left.value, expr.operator, right.value))
    return Compare(left, expr.operator, right)


def _incomparable(left: Operand, operator: Operator, right: Operand, env: Env) -> str:
    """Why two operands cannot be compared; empty where they can."""
    ours, theirs = _kinds(left, env), _kinds(right, env)
    if not ours or not theirs:
        return ""
    a, b = " or ".join(sorted(ours)), " or ".join(sorted(theirs))
    match operator:
        case "==" | "!=":
            return "" if ours & theirs or "null" in ours | theirs else f"the left is {a}, the right {b}"
        case "<" | "<=" | ">" | ">=":
            return "" if ours & theirs & _ORDERED else f"the left is {a}, the right {b}"
        case "in" | "not in":
            if not theirs & {"list", "map", "str"}:
                return f"the right is {b}, and holds nothing"
            if theirs <= {"map", "str"} and "str" not in ours:
                return f"the left is {a}, and a {b} holds text alone"
            if isinstance(right, Constant) and isinstance(right.value, tuple) and right.value:
                held = frozenset(kind_of(item) for item in right.value)
                if not held & ours and "null" not in held | ours:
                    return f"the left is {a}, the list holds {' or '.join(sorted(held))}"
            return ""


def _same(left: Value, right: Value) -> bool:
    """Equality that keeps a bool and a number apart."""
    return kind_of(left) == kind_of(right) and left == right


def compare(left: Value, operator: Operator, right: Value) -> bool:
    """Whether a comparison holds; one of values that have no order does not."""
    match operator:
        case "==":
            return _same(left, right)
        case "!=":
            return not _same(left, right)
        case "in" | "not in":
            return _holds(right, left) is (operator == "in")
        case "<" | "<=" | ">" | ">=":
            return _ordered(left, operator, right)


def _holds(container: Value, item: Value) -> bool:
    match container:
        case tuple():
            return any(_same(each, item) for each in container)
        case str():
            return isinstance(item, str) and item in container
        case Mapping():
            return isinstance(item, str) and item in container
        case _:
            return False


def _ordered(left: Value, operator: Operator, right: Value) -> bool:
    kinds = {kind_of(left), kind_of(right)}
    if len(kinds) > 1 or not kinds <= _ORDERED:
        return False
    ahead, same = left < right, left == right  # type: ignore[operator]  # both are text, or both numbers
    match operator:
        case "<":
            return ahead
        case "<=":
            return ahead or same
        case ">":
            return not (ahead or same)
        case _:
            return not ahead


def decide(condition: Condition, lookup: Callable[[str], Value]) -> bool | None:
    """Whether a condition holds in a turn, None where a param decides. `lookup` gives the values of the loop's variables."""
    match condition:
        case Constant(value):
            return bool(value)
        case Param():
            return None
        case Item(path):
            value = lookup(path)
            return None if isinstance(value, str) else bool(value)  # ABSENT, or filled in by a run
        case Compare(left, operator, right):
            values = [_known(left, lookup), _known(right, lookup)]
            known = [value for value in values if value is not POISON]
            return compare(known[0], operator, known[1]) if len(known) == 2 else None
        case Not(inner):
            found = decide(inner, lookup)
            return None if found is None else not found
        case AllOf(inners):
            return _together([decide(inner, lookup) for inner in inners], True)
        case AnyOf(inners):
            return _together([decide(inner, lookup) for inner in inners], False)


def _known(operand: Operand, lookup: Callable[[str], Value]) -> Value | Literal[Poison.POISON]:
    match operand:
        case Constant(value):
            return value
        case Param():
            return POISON
        case Item(path):
            value = lookup(path)
            return POISON if value == ABSENT or any(placeholders(value)) else value


def _together(found: list[bool | None], neutral: bool) -> bool | None:
    """`and` (neutral True) or `or` (neutral False) of what may be unknown."""
    if (not neutral) in found:
        return not neutral
    return None if None in found else neutral


def asks_params(condition: Condition) -> bool:
    """Whether a param has a say in a condition."""
    match condition:
        case Param():
            return True
        case Constant() | Item():
            return False
        case Compare(left, _, right):
            return isinstance(left, Param) or isinstance(right, Param)
        case Not(inner):
            return asks_params(inner)
        case AllOf(inners) | AnyOf(inners):
            return any(asks_params(inner) for inner in inners)

"""What kinds of value the operands of a condition may be, and whether that is enough to compare them.

In: operands and where they stand. Out: kinds, and why two operands cannot be compared. What is sure of a param (`Env.given`) and of a loop's turn is
heeded: `n != null and n > 3` can be decided. Reports nothing.
"""

from typing import Final, NamedTuple, TypeAlias

from otterdsl.compiler.analysis.deciding import ORDERED, decide, kind_of
from otterdsl.compiler.analysis.report import shown
from otterdsl.compiler.analysis.scope import POISON, Env, Open, member
from otterdsl.compiler.analysis.turns import row_lookup
from otterdsl.compiler.values.condition import AllOf, AnyOf, Compare, Condition, Constant, Item, Not, Operand, Operator, Param
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import PLACEHOLDER, Value

Kinds: TypeAlias = frozenset[str]
ANYTHING: Final = "anything"  # the kind of what may be of each
_KINDS: Final = {"int": "number", "float": "number", "bool": "bool", "list": "list", "map": "map", "Spec": "map", "any": ANYTHING}
_HOLDING: Final = frozenset({"list", "map", "str"})
_NOTHING_KNOWN: Final[Kinds] = frozenset()


class Refusal(NamedTuple):
    """Why operands cannot be compared, and what to do about it."""

    why: str
    mend: str = ""


def kinds_of(operand: Operand, env: Env) -> Kinds:
    """What kinds of value an operand may be; empty where nothing is known of it."""
    return frozenset[str]().union(*found) if (found := {kinds for kinds, _ in _in_turns(operand, operand, env)}) and all(found) else _NOTHING_KNOWN


def incomparable(left: Operand, operator: Operator, right: Operand, env: Env) -> Refusal | None:
    """Why two operands cannot be compared; None where they can."""
    ours, theirs = kinds_of(left, env), kinds_of(right, env)
    if not ours or not theirs:
        return None
    never = _never(ours, operator, theirs, right)
    if never:
        return Refusal(never)
    if operator in ("==", "!="):
        return None
    decidable = _can_be_ordered if operator in ("<", "<=", ">", ">=") else _can_be_held
    if all(decidable(*turn) for turn in _in_turns(left, right, env)):
        return None
    return _undecidable(left, ours, operator, right, theirs, env)


# ---------------------------------------------------------------- kinds


def _in_turns(left: Operand, right: Operand, env: Env) -> set[tuple[Kinds, Kinds]]:
    """The kinds that two operands may be together, in each turn of the loops around."""
    if not isinstance(left, Item) and not isinstance(right, Item):
        return {(_in_turn(left, (), env), _in_turn(right, (), env))}
    found = {(_in_turn(left, row, env), _in_turn(right, row, env)) for row in env.nest.rows}
    if env.given and len(found) > 1:
        variables = env.nest.variables
        possible = [row for row in env.nest.rows if all(decide(sure, row_lookup(variables, row)) is not False for sure in env.given)]
        found = {(_in_turn(left, row, env), _in_turn(right, row, env)) for row in possible}
    return found


def _in_turn(operand: Operand, row: tuple[Value, ...], env: Env) -> Kinds:
    match operand:
        case Constant(value):
            return frozenset({kind_of(value)})
        case Param(name):
            return _of_param(name, env)
        case Item(path):
            head, *rest = path.split(".")
            found = member(row[env.nest.variables.index(head)], rest)
            return _NOTHING_KNOWN if found is POISON else _of_value(found, env)


def _of_value(value: Value, env: Env) -> Kinds:
    if isinstance(value, str) and not isinstance(value, Open) and (whole := PLACEHOLDER.fullmatch(value)) and (name := whole.group(1)) is not None:
        if name.partition(".")[0] in env.nest.open:
            return frozenset({"str"})
        return _of_param(name, env) if name in env.names.params else _NOTHING_KNOWN
    if isinstance(value, Open):
        return _NOTHING_KNOWN
    return frozenset({kind_of(value)})


def _of_param(name: str, env: Env) -> Kinds:
    declared = env.names.params[name]
    if declared is None:
        return _NOTHING_KNOWN
    kinds = _of_type(declared)
    return kinds - {"null"} if any(_rules_out_null(sure, name, True) for sure in env.given) else kinds


def _of_type(declared: Type) -> Kinds:
    kinds = frozenset(_KINDS.get(option.name, "str") for option in declared.options)
    return kinds | {"null"} if declared.optional and ANYTHING not in kinds else kinds


def _rules_out_null(condition: Condition, name: str, holds: bool) -> bool:
    """Whether a param is not null when a condition holds, or when it does not."""
    match condition:
        case Compare(Param(asked), operator, Constant(value)) | Compare(Constant(value), ("==" | "!=") as operator, Param(asked)) if asked == name:
            same = operator == ("==" if holds else "!=")
            different = operator == ("!=" if holds else "==")
            within = operator == ("in" if holds else "not in")
            among = within and isinstance(value, tuple) and None not in value
            return (same and value is not None) or (different and value is None) or among
        case Not(inner):
            return _rules_out_null(inner, name, not holds)
        case AllOf(inners) | AnyOf(inners):
            each = (_rules_out_null(inner, name, holds) for inner in inners)
            return any(each) if isinstance(condition, AllOf) is holds else all(each)
        case _:
            return False


# ---------------------------------------------------------------- comparisons


def _never(ours: Kinds, operator: Operator, theirs: Kinds, right: Operand) -> str:
    """Why operands of these kinds have nothing to do with each other, whatever they are; empty where they may."""
    if ANYTHING in ours | theirs:
        return ""
    a, b = _either(ours), _either(theirs)
    match operator:
        case "==" | "!=":
            return "" if ours & theirs or "null" in ours | theirs else f"the left is {a}, the right {b}"
        case "<" | "<=" | ">" | ">=":
            return "" if ours & theirs & ORDERED else f"the left is {a}, the right {b}"
        case "in" | "not in":
            if not theirs & _HOLDING:
                return f"the right is {b}, and holds nothing"
            if theirs <= {"map", "str"} and "str" not in ours:
                return f"the left is {a}, and a {b} holds text alone"
            if isinstance(right, Constant) and isinstance(right.value, tuple) and right.value:
                held = frozenset(kind_of(item) for item in right.value)
                if not held & ours and "null" not in held | ours:
                    return f"the left is {a}, the list holds {_either(held)}"
            return ""


def _can_be_ordered(ours: Kinds, theirs: Kinds) -> bool:
    return len(ours | theirs) == 1 and ours <= ORDERED


def _can_be_held(ours: Kinds, theirs: Kinds) -> bool:
    if not theirs <= _HOLDING or ("str" in theirs and not ours <= {"str"}):
        return False
    return "map" not in theirs or not ours & {"list", "map", ANYTHING}


def _undecidable(left: Operand, ours: Kinds, operator: Operator, right: Operand, theirs: Kinds, env: Env) -> Refusal:
    """What to say of operands that may be of kinds that a run could not compare."""
    held = operator in ("in", "not in")
    both = [(right, theirs), (left, ours)] if held else [(left, ours), (right, theirs)]
    for operand, kinds in both:
        if "null" in kinds and not (held and operand is left and theirs <= {"list"}):
            name = _name(operand)
            what = "has no order" if not held else "holds nothing" if operand is right else "is no text"
            mend = f"ask first whether there is one: `{name} != null and …`" if name else ""
            return Refusal(f"{_said(operand, kinds, env)}, and null {what}", mend)
    said = dict.fromkeys(_said(operand, kinds, env) for operand, kinds in both if not isinstance(operand, Constant))
    mend = "`in` asks a list, a map's keys or a text" if held else "numbers have an order, and so do texts, but not both together"
    return Refusal(f"{' and '.join(said)}, which not every value decides", mend)


def _said(operand: Operand, kinds: Kinds, env: Env) -> str:
    match operand:
        case Param(name):
            return f"param `{name}` is `{env.names.params[name]}`"
        case Item(path):
            return f"`{shown(path)}` is {_either(kinds)}"
        case Constant():
            return f"the other is {_either(kinds)}"


def _name(operand: Operand) -> str:
    return shown(operand.name) if isinstance(operand, Param) else shown(operand.path) if isinstance(operand, Item) else ""


def _either(kinds: Kinds) -> str:
    return " or ".join(sorted(kinds))

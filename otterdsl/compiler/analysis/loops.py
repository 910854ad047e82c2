"""Loops: what a `for` runs over, and the turns that it adds.

In: a `for` and where it stands. Out: its items, and the nest of loops with one more. Reports: what cannot be looped over, what is known only at
run time, loops with too many turns. What is absent: tasks.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from otterdsl.compiler.analysis.deciding import decide
from otterdsl.compiler.analysis.folding import fold, ref_path
from otterdsl.compiler.analysis.loop_sources import FORMS, STORED, blank, call_arguments, symbol
from otterdsl.compiler.analysis.report import shown
from otterdsl.compiler.analysis.scope import POISON, Env, Folded, Nest, Open, Poison, member
from otterdsl.compiler.analysis.turns import row_lookup, turn_text
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.condition import Condition, Item, Param
from otterdsl.compiler.values.sources import LoopItems, Stored
from otterdsl.compiler.values.value import PLACEHOLDER, Value, placeholder, placeholders

TURNS: Final = 1_000_000
Items = LoopItems | Literal[Poison.POISON]


def items_of(loop: ast.For, env: Env) -> Items:
    """What a loop runs over. What only a run knows is here without its texts: see `sources`. Reports: OT219, OT305, OT307."""
    expr = loop.iterable
    if isinstance(expr, ast.CallExpr) and expr.function.text in FORMS:
        return POISON if call_arguments(expr, env.report) is POISON else blank(expr.function.text)
    value = fold(expr, env)
    if value is POISON:
        return POISON
    if isinstance(value, tuple):
        return _constant_items(value, expr, env)
    whole = PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
    if whole is None or whole.group(1) is None:
        kind = "a map" if isinstance(value, Mapping) else "no list"
        mend = "loop over a list of maps: `[{ name = … }, …]`" if isinstance(value, Mapping) else "loop over a list: `[a, b]`"
        env.report.add("OT305", expr.span, "only a list can be looped over", label=f"this is {kind}", mend=mend, related=_defined(expr, env))
        return POISON
    name = whole.group(1)
    if name.partition(".")[0] in env.nest.variables:
        return Item(name) if _lists_in_each_turn(name, expr, env) else POISON
    if name == STORED:
        return Stored("")
    if name in env.names.params:
        return _param(name, expr, env)
    message = f"`{shown(name)}` is filled in by the task around, and a loop cannot run over it"
    env.report.add("OT307", expr.span, message, label="known only when the task runs", mend="give the task a list of what to loop over")
    return POISON


def _param(name: str, expr: ast.Expr, env: Env) -> Items:
    """A param, where it may be a list. Reports: OT305."""
    declared = env.names.params[name]
    if declared is None or any(option.name in ("list", "any") for option in declared.options):
        return Param(name)
    message = f"only a list can be looped over, and param `{name}` is `{declared}`"
    env.report.add("OT305", expr.span, message, label="this is no list", mend=f"declare it as `{name}: list[…]`")
    return POISON


def _constant_items(value: tuple[Value, ...], expr: ast.Expr, env: Env) -> Items:
    outer = next((name for name in placeholders(value) if name.partition(".")[0] in env.nest.variables), None)
    if outer is None:
        return value
    message = f"this list depends on the outer loop's `{outer.partition('.')[0]}`"
    mend = "put the list into the outer loop's items, and loop over that: `for part in each.parts`"
    env.report.add("OT307", expr.span, message, label="another list in each turn", mend=mend)
    return POISON


def _defined(expr: ast.Expr, env: Env) -> tuple[Label, ...]:
    path = ref_path(expr) if isinstance(expr, ast.RefExpr) else None
    entry = env.names.constant_entries.get(".".join(path)) if path else None
    return (Label(entry.value.span, "its value"),) if entry else ()


def _lists_in_each_turn(name: str, expr: ast.Expr, env: Env) -> bool:
    head, *rest = name.split(".")
    index = env.nest.variables.index(head)
    for row in env.nest.rows:
        found = member(row[index], rest)
        if not isinstance(found, tuple | Open):
            turn = turn_text((head,), (row[index],))
            env.report.add("OT305", expr.span, "only a list can be looped over", label=f"no list where {shown(turn)}")
            return False
    return True


def entered(loop: ast.For, items: Items, env: Env) -> tuple[Nest, bool]:
    """The nest with a loop more, and whether its turns are known. Reports: OT008, OT207 for an outer loop's variable named again."""
    nest, name = env.nest, loop.variable.text
    if name in nest.variables:
        first = nest.spans[nest.variables.index(name)]
        related = (Label(first, "the outer loop's variable"),)
        env.report.add("OT207", loop.variable.span, f"variable `{name}` is the outer loop's too", label="taken", related=related)
        return replace(nest, rows=(), seen={}), False
    if name in env.provided:
        message = f"variable `{name}` is what the task around it fills in too"
        env.report.add("OT207", loop.variable.span, message, label="taken", mend="give the loop's variable another name")
        return replace(nest, rows=(), seen={}), False
    if items is not POISON and not isinstance(items, tuple | Item):
        return _opened(nest, loop, symbol(name, items)), True
    if isinstance(items, Item) and any(isinstance(_within(nest, items, row), Open) for row in nest.rows):
        return _opened(nest, loop, Open(placeholder(name))), True
    rows: tuple[tuple[Value, ...], ...] = ()
    known = items is not POISON
    if isinstance(items, Item):
        within = [(row, found) for row in nest.rows if isinstance(found := _within(nest, items, row), tuple)]
        if _few(sum(len(found) for _, found in within), loop, env):
            rows = tuple((*row, item) for row, found in within for item in found)
        else:
            known = False
    elif isinstance(items, tuple):
        if _few(len(nest.rows) * len(items), loop, env):
            rows = tuple((*row, item) for row in nest.rows for item in items)
        else:
            known = False
    return Nest((*nest.variables, name), (*nest.spans, loop.variable.span), (*nest.fors, loop), rows, nest.open), known


def _within(nest: Nest, items: Item, row: tuple[Value, ...]) -> Folded:
    """What an inner loop runs over in a turn of those around it."""
    head, *rest = items.path.split(".")
    return member(row[nest.variables.index(head)], rest)


def _opened(nest: Nest, loop: ast.For, value: Value) -> Nest:
    """The nest with a loop more, of which only a run knows the turns: one stands for all."""
    name = loop.variable.text
    rows = tuple((*row, value) for row in nest.rows)
    return Nest((*nest.variables, name), (*nest.spans, loop.variable.span), (*nest.fors, loop), rows, nest.open | {name})


def _few(turns: int, loop: ast.For, env: Env) -> bool:
    if turns <= TURNS:
        return True
    message = f"a loop of {turns:,} turns is too large: at most {TURNS:,} can be checked"
    env.report.add("OT008", loop.iterable.span, message, label="with the loops around it")
    return False


def narrowed(nest: Nest, condition: Condition) -> Nest:
    """The nest with only those turns in which a condition may hold; the same one where that is all."""
    rows = tuple(row for row in nest.rows if decide(condition, row_lookup(nest.variables, row)) is not False)
    return nest if len(rows) == len(nest.rows) else Nest(nest.variables, nest.spans, nest.fors, rows, nest.open)

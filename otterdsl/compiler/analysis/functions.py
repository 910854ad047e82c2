"""Calls in expressions, folded: the pure functions over constants, and `secret`, which stays a placeholder.

In: a call and where it stands. Out: its value in placeholder form, POISON where it has none. Reports: OT202, unknown functions; OT219 and OT308,
arguments that cannot be; OT307, what is known too late; OT008, results and work without end; OT504, a secret where it would be written down. What is
absent: what the functions do (see `pure_functions`), and what a loop runs over (see `loops`).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from otterdsl.compiler.analysis.arguments import bound, numbered
from otterdsl.compiler.analysis.deciding import kind_of
from otterdsl.compiler.analysis.fitting import fitted
from otterdsl.compiler.analysis.folding import RUN_TIME, fold, ref_path
from otterdsl.compiler.analysis.limits import affordable, small_text, too_many_items
from otterdsl.compiler.analysis.pure_functions import FUNCTIONS, Function, Parameter, Takes, TooLarge, Wrong
from otterdsl.compiler.analysis.report import did_you_mean, listed, rename, shown
from otterdsl.compiler.analysis.scope import POISON, Env, Folded
from otterdsl.compiler.analysis.secrets import SECRET, fold_secret, is_secret
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import plain as plain_type
from otterdsl.compiler.values.value import Value, escape, placeholders, plain, to_text

_TAKES: Final[Mapping[Takes, str]] = {
    "text": "text",
    "int": "an int",
    "list": "a list",
    "texts": "a list of texts and numbers",
    "map": "a map",
}
_KINDS: Final = {"null": "null", "bool": "a bool", "number": "a number", "str": "text", "list": "a list", "map": "a map"}
_LARGEST: Final = 2**63  # of ints; a range of longer ones would be large in another way
_SHOWN_ITEMS: Final = 8
_TEXT: Final = plain_type("str")


def fold_call(expr: ast.CallExpr, env: Env) -> Folded:
    """The value of a call."""
    name = expr.function.text
    if name in FUNCTIONS:
        return _called(expr, FUNCTIONS[name], env)
    if name == SECRET:
        return fold_secret(expr, env)
    if name in RUN_TIME:
        variable, pattern = ("file", '"…"') if name == "glob" else ("each", "…")
        message = f"what `{name}` finds is known only while a run goes on"
        mend = f"loop over it: `for {variable} in {name}({pattern}) {{ … }}`"
        env.report.add("OT307", expr.span, message, label="only a `for` can run over this", mend=mend)
        return POISON
    known = (*FUNCTIONS, *RUN_TIME, SECRET)
    near = env.report.suggestion(name, known)
    mend = did_you_mean(near) or f"the functions are {listed(known)}"
    fixes = rename(expr.function.span, near)
    env.report.add("OT202", expr.function.span, f"unknown function `{name}`", label="no function is called so", mend=mend, fixes=fixes)
    return POISON


def _called(expr: ast.CallExpr, function: Function, env: Env) -> Folded:
    if not affordable(0, expr.span, env):
        return POISON
    exprs = (
        numbered(expr, function.least, function.named, function.form, env.report)
        if function.many
        else bound(expr, {each.name: each.required for each in function.parameters}, function.form, env.report)
    )
    given = None if exprs is POISON else _arguments(exprs, function, env)
    if exprs is POISON or given is None or not affordable(sum(map(_size, given.values())), expr.span, env):
        return POISON
    made = function.give(given)
    match made:
        case Wrong(argument, why):
            message = f"{_which(argument, function)} is `{_brief(given[argument])}`, and {why}"
            env.report.add("OT308", exprs[argument].span, message, label="does not fit")
            return POISON
        case TooLarge("text"):
            small_text(None, expr.span, env)
            return POISON
        case TooLarge():
            too_many_items(expr.span, env)
            return POISON
        case _:
            return _escaped(made) if affordable(_size(made), expr.span, env) else POISON


def _which(argument: str, function: Function) -> str:
    return f"argument {argument} of `{function.name}`" if argument.isdecimal() else f"argument `{argument}` of `{function.name}`"


# ---------------------------------------------------------------- arguments


def _arguments(exprs: Mapping[str, ast.Expr], function: Function, env: Env) -> dict[str, Value] | None:
    """The plain values of the arguments, None where one is wrong. Reports: OT307, OT308, and what is wrong with each expression."""
    if env.names.kept:  # what is to stay a placeholder in fields has a value all the same
        env = replace(env, names=replace(env.names, kept=frozenset()))
    parameters = {each.name: each for each in function.parameters}
    found: dict[str, Value] = {}
    for name, expr in exprs.items():
        value = fold(expr, env)
        if value is POISON:
            continue
        late = next(placeholders(value), None)
        if late is not None:
            _report_late(late, expr, function, env)
            continue
        parameter = parameters.get(name, function.parameters[0])
        if parameter.takes == "text":
            value = fitted(_TEXT, value, expr)
        if _fits(value, expr, name, parameter, function, env):
            found[name] = plain(value)
    return found if len(found) == len(exprs) else None


def _fits(value: Value, expr: ast.Expr, name: str, parameter: Parameter, function: Function, env: Env) -> bool:
    """Whether a value is of the kind that a function takes. Reports: OT308."""
    match parameter.takes, value:
        case ("text", str()) | ("list", tuple()) | ("map", Mapping()):
            return True
        case "int", int() if not isinstance(value, bool):
            if -_LARGEST <= value < _LARGEST:
                return True
        case "texts", tuple():
            wrong = next((index for index, item in enumerate(value) if not isinstance(item, str | int | float)), None)
            if wrong is None:
                return True
            place = expr.items[wrong] if isinstance(expr, ast.ListExpr) and len(expr.items) == len(value) else expr
            message = f"`{function.name}` takes {_TAKES['texts']}, and item {wrong + 1:,} of it is `{_brief(value[wrong])}`"
            env.report.add("OT308", place.span, message, label=_KINDS[kind_of(value[wrong])])
            return False
        case _:
            pass
    what = f"`{'.'.join(ref_path(expr) or ['…'])}`" if isinstance(expr, ast.RefExpr) else "this"
    where = "" if function.many and name not in {each.name for each in function.parameters} else f" as `{parameter.name}`"
    message = f"`{function.name}` takes {_TAKES[parameter.takes]}{where}, and {what} is `{_brief(value)}`"
    env.report.add("OT308", expr.span, message, label=_KINDS[kind_of(value)])
    return False


def _report_late(name: str, expr: ast.Expr, function: Function, env: Env) -> None:
    """Say that a function is given what is not known when compiled, and what to do instead."""
    head = name.partition(".")[0]
    called = function.name
    if is_secret(name):
        why, mend = "a secret is known only to the task that gets it", "give the secret to the task as it is"
    elif head in env.nest.variables:
        loop = env.nest.fors[env.nest.variables.index(head)].iterable
        why = f"`{shown(name)}` is another in each turn of its loop"
        mend = f"put what `{called}` gives into the items of the loop: `for {head} in [{{ name = …, other = {called}(…) }}, …]`"
        if isinstance(loop, ast.CallExpr) and loop.function.text in RUN_TIME:
            why = f"`{shown(name)}` is known only while a run goes on"
            mend = f"name a part of the item, such as `{head}.stem`" if loop.function.text == "glob" else "let the task do it"
    elif head in env.provided:
        why, mend = f"`{shown(name)}` is filled in by the task around", f"give that task items which have what `{called}` gives"
    elif name in env.names.params:
        why = f"param `{name}` is known only when a run starts"
        mend = f"make a param of what `{called}` should give, or a constant of `{name}`"
    else:
        why, mend = f"`{shown(name)}` is known only once a task has run", f"let the task that stores it store what `{called}` should give"
    env.report.add("OT307", expr.span, f"`{called}` is worked out when compiled, and {why}", label="known too late", mend=mend)


# ---------------------------------------------------------------- values


def _size(value: Value) -> int:
    """How long it takes to go through a value, in characters."""
    match value:
        case str():
            return 8 + len(value)
        case tuple():
            return 8 + sum(map(_size, value))
        case Mapping():
            return 8 + sum(len(key) + _size(item) for key, item in value.items())
        case _:
            return 8


def _escaped(value: Value) -> Value:
    """A plain value in placeholder form."""
    match value:
        case str():
            return escape(value)
        case tuple():
            return tuple(map(_escaped, value))
        case Mapping():
            return {escape(key): _escaped(item) for key, item in value.items()}
        case _:
            return value


def _brief(value: Value) -> str:
    """A value as messages show it, without a look at all of a long one."""
    match value:
        case tuple() if len(value) > _SHOWN_ITEMS:
            value = value[:_SHOWN_ITEMS]
        case Mapping() if len(value) > _SHOWN_ITEMS:
            value = {key: value[key] for key in list(value)[:_SHOWN_ITEMS]}
        case str():
            value = value[:1000]
        case _:
            pass
    return shown(to_text(value)) or '""'

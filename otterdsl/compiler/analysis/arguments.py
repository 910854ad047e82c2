"""Which expression a call gives for which parameter: by position, then by name.

In: a call and the parameters of what it calls. Out: the expressions by the parameters' names. Reports: OT219, for arguments that are too many,
missing, unknown, repeated, or without a name behind one that has one. What is absent: what the expressions are worth.
"""

from collections.abc import Iterator, Mapping
from typing import Literal

from otterdsl.compiler.analysis.report import Report, did_you_mean, listed, rename, shown
from otterdsl.compiler.analysis.scope import POISON, Poison
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast


def bound(call: ast.CallExpr, parameters: Mapping[str, bool], form: str, report: Report) -> dict[str, ast.Expr] | Literal[Poison.POISON]:
    """The expressions by name, in the order of the call; POISON where the call is wrong.

    `parameters` says of each whether it is required; `form` is how it is called: `join(list, separator)`. As many arguments without a name as are
    required, or fewer, are those that are required; more of them are what stands in their place.
    """
    right, found = True, dict[str, ast.Expr]()
    first = dict[str, Span]()
    required = [name for name, needed in parameters.items() if needed]
    places = _places(call, parameters, required)
    named = False
    for each in call.arguments:
        if each.name is not None:
            named, name, span = True, each.name.text, each.name.span
            if name not in parameters:
                right = _unknown(each.name, call, parameters, form, report)
                continue
        elif named:
            right = _unnamed(each, call, form, report)
            continue
        else:
            place = next(places, None)
            if place is None:
                right = _too_many(each, call, parameters, form, report)
                break
            name, span = place, each.span
        if name in found:
            right = _repeated(name, span, first[name], call, report)
            continue
        found[name], first[name] = each.value, span
    absent = [name for name in required if name not in found]
    if right and absent:
        what = f"argument {listed(absent)}" if len(absent) == 1 else f"arguments {listed(absent)}"
        report.add("OT219", call.span, f"`{call.function.text}` lacks its {what}", label=f"it is called as `{form}`")
        return POISON
    return found if right else POISON


def _places(call: ast.CallExpr, parameters: Mapping[str, bool], required: list[str]) -> Iterator[str]:
    """The parameters that arguments without a name stand for, in order: `range(3)` has a `stop`, `range(1, 3)` and `range(1, stop = 3)` a `start`."""
    unnamed = sum(1 for each in call.arguments if each.name is None)
    given = {each.name.text for each in call.arguments if each.name is not None} if len(required) < len(parameters) else set()
    needed = [name for name in required if name not in given]
    return iter(needed if unnamed <= len(needed) else [name for name in parameters if name not in given])


def numbered(call: ast.CallExpr, least: int, named: bool, form: str, report: Report) -> dict[str, ast.Expr] | Literal[Poison.POISON]:
    """The expressions of a call that takes as many as are given, from `least` on: by `1`, `2`, …, or with `named` all by names; POISON if wrong."""
    found = dict[str, ast.Expr]()
    first = dict[str, Span]()
    by_name = named and bool(call.arguments) and call.arguments[0].name is not None
    for number, each in enumerate(call.arguments, start=1):
        if each.name is not None and not by_name:
            if not named:
                _unknown(each.name, call, {}, form, report)
                return POISON
            message = f"the arguments of `{call.function.text}` have names, or none has"
            report.add("OT219", each.name.span, message, label="those before it have none")
            return POISON
        if each.name is None and by_name:
            _unnamed(each, call, form, report)
            return POISON
        name = str(number) if each.name is None else each.name.text
        span = each.span if each.name is None else each.name.span
        if name in found:
            _repeated(name, span, first[name], call, report)
            return POISON
        found[name], first[name] = each.value, span
    if len(found) < least:
        message = f"`{call.function.text}` takes {least} argument{'' if least == 1 else 's'} or more, and has {len(found) or 'none'}"
        report.add("OT219", call.span, message, label=f"it is called as `{form}`")
        return POISON
    return found


def _unknown(name: ast.Name, call: ast.CallExpr, parameters: Mapping[str, bool], form: str, report: Report) -> bool:
    near = report.suggestion(name.text, parameters)
    mend = did_you_mean(near) or f"it is called as `{form}`"
    message = f"`{call.function.text}` has no argument `{shown(name.text)}`"
    report.add("OT219", name.span, message, label="not an argument of it", mend=mend, fixes=rename(name.span, near))
    return False


def _unnamed(argument: ast.Argument, call: ast.CallExpr, form: str, report: Report) -> bool:
    message = f"an argument of `{call.function.text}` without a name stands behind one that has one"
    report.add("OT219", argument.span, message, label="this one needs a name", mend=f"it is called as `{form}`")
    return False


def _too_many(argument: ast.Argument, call: ast.CallExpr, parameters: Mapping[str, bool], form: str, report: Report) -> bool:
    most = len(parameters)
    takes = "no arguments" if not most else f"at most {most} argument{'' if most == 1 else 's'}"
    message = f"`{call.function.text}` takes {takes}, and has {len(call.arguments)}"
    report.add("OT219", argument.span, message, label="one too many", mend=f"it is called as `{form}`")
    return False


def _repeated(name: str, span: Span, first: Span, call: ast.CallExpr, report: Report) -> bool:
    related = (Label(first, "first given here"),)
    message = f"argument `{shown(name)}` of `{call.function.text}` is given twice"
    report.add("OT219", span, message, label="given again here", related=related)
    return False

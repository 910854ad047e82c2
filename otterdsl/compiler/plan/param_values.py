"""The values that params are given when compiled.

In: a Program, what was given for some of its params, and a checker of values. Out: a value for each, of the type it was declared with. What is
absent: what the values do to the Program, which is `fold`'s.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from otterdsl.compiler.analysis.program import Program, ResolvedParam
from otterdsl.compiler.analysis.schemas import ValueChecker, ValueRequest
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Checked, Diagnostic
from otterdsl.compiler.source.nearest import nearest
from otterdsl.compiler.values.value import Value, escape

_SHOWN: Final = 60


def param_values(program: Program, given: Mapping[str, object], check_values: ValueChecker) -> Checked[Mapping[str, Value]]:
    """The value of each param that is given one, in placeholder form.

    A text is what someone typed: the JSON where it is JSON, else the text; of the two, the first that fits the type, as it is when a run starts.
    Reports: OT701, no such param; OT702, a value that does not fit.
    """
    params = {param.name: param for param in program.params}
    found = [_unknown(name, params, program.file) for name in given if name not in params]
    tried = [(params[name], candidate) for name, value in given.items() if name in params for candidate in _candidates(value)]
    requests = [ValueRequest(None, {param.name: candidate}, {param.name: param.type}) for param, candidate in tried]
    problems: dict[int, str] = {}
    for problem in check_values(requests) if requests else ():
        problems.setdefault(problem.request, problem.message)
    values: dict[str, Value] = {}
    first: dict[str, str] = {}
    for index, (param, candidate) in enumerate(tried):
        if index in problems:
            first.setdefault(param.name, problems[index])
        elif param.name not in values:
            values[param.name] = candidate
    found += [_ill_typed(params[name], message) for name, message in first.items() if name not in values]
    return Checked(values, tuple(found))


def in_placeholder_form(value: object) -> Value:
    """A value as JSON has it, its strings in placeholder form. Anything that JSON does not have becomes text."""
    match value:
        case None | bool() | int() | float():
            return value
        case list() | tuple():
            return tuple(in_placeholder_form(item) for item in value)
        case Mapping():
            return {escape(str(key)): in_placeholder_form(item) for key, item in value.items()}
        case _:
            return escape(str(value))


def _candidates(value: object) -> list[Value]:
    found = [in_placeholder_form(value)]
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            found.insert(0, in_placeholder_form(json.loads(value, parse_constant=_refuse)))
    return found


def _refuse(constant: str) -> object:
    """NaN and Infinity are not JSON, though Python reads them. Raises: ValueError."""
    raise ValueError(constant)


def _unknown(name: str, params: Mapping[str, ResolvedParam], file: str) -> Diagnostic:
    near = nearest(name, sorted(params)) if len(name) <= _SHOWN else None
    return Diagnostic(
        "OT701", CODES["OT701"].severity, f"unknown param `{name[:_SHOWN]}`", None, help=f"did you mean `{near}`?" if near else "", file=file
    )


def _ill_typed(param: ResolvedParam, reason: str) -> Diagnostic:
    message = f"the value given for param `{param.name}` does not fit its type `{param.type}`: {reason}"
    return Diagnostic("OT702", CODES["OT702"].severity, message, param.span, "declared here")

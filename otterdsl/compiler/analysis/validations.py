"""`validate { … }`: calls of validators by name, their arguments checked.

In: a `validate`, the task type that it stands in, the validators there are. Out: `Check`s, and what pydantic is to be asked of arguments (OT308).
Reports: OT202, an unknown validator; OT219, one called wrongly; OT308, a field or param whose type no argument can have; what expressions report.
"""

from collections.abc import Mapping
from typing import Final

from otterdsl.compiler.analysis.arguments import bound
from otterdsl.compiler.analysis.body_values import BodyValues, Held
from otterdsl.compiler.analysis.fitting import fitted
from otterdsl.compiler.analysis.param_fits import never_fits
from otterdsl.compiler.analysis.report import Report, did_you_mean, listed, rename
from otterdsl.compiler.analysis.schemas import FieldSchema, ValidatorSchema, ValueRequest
from otterdsl.compiler.analysis.scope import POISON, Globals
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.analysis.value_checks import Asked
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.bodies import Check
from otterdsl.compiler.values.types import Type, TypeOption
from otterdsl.compiler.values.value import Value, placeholders

# Where one location is expected, each of several is checked.
_LOCATIONS: Final = Type((TypeOption("input"), TypeOption("list", Type((TypeOption("input"),)))))
_PATHS: Final = frozenset({"str", "input", "output", "into", "any"})


def resolve_validate(
    validate: ast.Validate, kind: TaskType, validators: Mapping[str, ValidatorSchema], names: Globals, report: Report
) -> tuple[tuple[Check, ...], list[Asked]]:
    """The checks of a type, in order; those without a mistake."""
    values = BodyValues(kind, names, report)
    checks: list[Check] = []
    asked: list[Asked] = []
    for call in validate.calls:
        validator = validators.get(call.function.text)
        if validator is None:
            _unknown(call, validators, report)
            continue
        arguments = _arguments(call, validator, values, asked)
        if arguments is not None:
            checks.append(Check(validator.name, arguments))
    return tuple(checks), asked


def _unknown(call: ast.CallExpr, validators: Mapping[str, ValidatorSchema], report: Report) -> None:
    name, span = call.function.text, call.function.span
    near = report.suggestion(name, validators)
    mend = did_you_mean(near) or (f"the validators are {listed(validators)}" if validators else "")
    report.add("OT202", span, f"unknown validator `{name}`", label="no validator is called so", mend=mend, fixes=rename(span, near))


def _arguments(call: ast.CallExpr, validator: ValidatorSchema, values: BodyValues, asked: list[Asked]) -> dict[str, Value] | None:
    """The arguments by name, in the order of the parameters; None where one is wrong. Mutates: `asked`."""
    report = values.env.report
    exprs = bound(call, {each.name: each.required for each in validator.parameters}, validator.form, report)
    if exprs is POISON:
        return None
    found: dict[str, Value] = {}
    wrong = False
    for parameter in validator.parameters:
        expr = exprs.get(parameter.name)
        if expr is None:
            continue
        held = values.of(expr)
        if held is None or not _may_be(held, expr, parameter, validator, report):
            wrong = True
            continue
        found[parameter.name] = fitted(parameter.type, held.value, expr)
    if not wrong:
        types = {each.name: _taken(each) for each in validator.parameters if each.name in found}
        asked.append(Asked(ValueRequest(None, found, types), "OT308", "argument", f" of `{validator.name}`", call.span, exprs, call.span))
    return None if wrong else found


def _taken(parameter: FieldSchema) -> Type:
    return _LOCATIONS if "input" in parameter.type.roles else parameter.type


def _may_be(held: Held, expr: ast.Expr, parameter: FieldSchema, validator: ValidatorSchema, report: Report) -> bool:
    """Whether a value that only a run knows may be of a parameter's type. Reports: OT308."""
    if not any(placeholders(held.value)):
        return True
    location = "input" in parameter.type.roles
    if not (_no_location(held.type) if location else never_fits(held.type, parameter.type, strict=True)):
        return True
    takes = "a path or URI" if location else f"`{parameter.type}`"
    message = f"argument `{parameter.name}` of `{validator.name}` takes {takes}, and this is `{held.type}`"
    report.add("OT308", expr.span, message, label="does not fit, whatever its value is")
    return False


def _no_location(held: Type) -> bool:
    """Whether nothing of a type is where something could be: text, or a list of such."""
    return not any(
        option.name in _PATHS or (option.name == "list" and (option.argument is None or not _no_location(option.argument))) for option in held.options
    )

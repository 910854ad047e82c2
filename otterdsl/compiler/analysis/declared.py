"""The declared task types and params as the Program has them, and what of them pydantic is to be asked.

In: task types, folded params, what all files share. Out: `ResolvedType`s, `ResolvedParam`s, settings, requests. Reports: defaults and
settings that cannot be, bodies of types that no task uses. What is absent: the uses.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from otterdsl.compiler.analysis.constants import FoldedParam, default_of, fold_constant
from otterdsl.compiler.analysis.declarations import Declarations, DeclaredType
from otterdsl.compiler.analysis.fields import unknown_field
from otterdsl.compiler.analysis.fitting import fitted, is_plainly
from otterdsl.compiler.analysis.folding import fold, unknown
from otterdsl.compiler.analysis.inputs import Origins
from otterdsl.compiler.analysis.program import PythonClass, ResolvedField, ResolvedParam, ResolvedType
from otterdsl.compiler.analysis.report import Report, did_you_mean, rename
from otterdsl.compiler.analysis.schemas import Schemas, ValueRequest
from otterdsl.compiler.analysis.scope import POISON, Env, Folded, Globals
from otterdsl.compiler.analysis.secrets import refuse_secret
from otterdsl.compiler.analysis.task_types import TaskField, TaskType, key_text
from otterdsl.compiler.analysis.value_checks import Asked
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.bodies import Body, Check
from otterdsl.compiler.values.value import Value


def resolve_params(
    params: Mapping[str, FoldedParam], names: Globals, origins: Origins, report: Report
) -> tuple[tuple[ResolvedParam, ...], list[Asked]]:
    """The params in the order declared, and the requests for their defaults."""
    resolved: list[ResolvedParam] = []
    asked: list[Asked] = []
    for name, param in params.items():
        declaration = param.declaration
        if param.type is None:
            continue
        value = default_of(param)
        if declaration.default is not None and param.default is not POISON:
            value = fitted(param.type, value, declaration.default)
            if "input" in param.type.roles:
                seen = origins.from_entry(value, declaration.default, lambda name: None, Env(names, report))
                value = None if seen is POISON else seen
            asked.append(_default(name, value, declaration.default, param, declaration))
        required = declaration.default is None and not param.type.optional
        resolved.append(ResolvedParam(name, param.type, value, required, declaration.doc, declaration.span))
    return tuple(resolved), asked


def _default(name: str, value: Value, expr: ast.Expr, param: FoldedParam, declaration: ast.Param) -> Asked:
    request = ValueRequest(None, {name: value}, {name: param.type} if param.type else {})
    related = (Label(declaration.type.span, f"`{name}` is `{param.type}`"),)
    return Asked(request, "OT303", "param", "", expr.span, {name: expr}, declaration, "", related)


def resolve_settings(declarations: Declarations, names: Globals, schemas: Schemas, report: Report) -> tuple[dict[str, Value], list[Asked]]:
    """The entry's settings, and the requests for those of all files. Reports: OT206, OT214, OT307."""
    own: dict[str, Value] = {}
    asked: list[Asked] = []
    for pipeline in declarations.pipelines:
        values: dict[str, Value] = {}
        exprs: dict[str, ast.Expr] = {}
        first: dict[str, Span] = {}
        for attribute in pipeline.attributes:
            name, span = key_text(attribute.key), attribute.key.span
            if name in first:
                related = (Label(first[name], "first given here"),)
                report.add("OT206", span, f"setting `{name}` is given twice", label="given again here", related=related)
                continue
            first[name] = span
            if name not in schemas.settings:
                given = {key_text(each.key) for each in pipeline.attributes}
                near = report.suggestion(name, [each for each in schemas.settings if each not in given])
                report.add("OT214", span, f"unknown setting `{name}`", label="no setting", mend=did_you_mean(near), fixes=rename(span, near))
                continue
            value = fold_constant(attribute.value, "a setting", names, report)
            if value is not POISON:
                values[name] = fitted(schemas.settings[name].type, value, attribute.value)
                exprs[name] = attribute.value
        # What is no number or truth value is not read as one; what is may still be out of range, which the settings themselves say.
        strict = {name: of for name, value in values.items() if not is_plainly(of := schemas.settings[name].type, value)}
        asked.append(Asked(ValueRequest("pipeline", values, strict), "OT301", "setting", "", pipeline.name.span, exprs, pipeline))
        if pipeline is declarations.pipeline:
            own = values
    return own, asked


# ---------------------------------------------------------------- task types


def resolve_declared(
    types: Mapping[str, TaskType], names: Globals, schemas: Schemas, origins: Origins, report: Report
) -> tuple[tuple[ResolvedType, ...], list[Asked]]:
    """The declared types, each after its base, and the requests for their fields' defaults and checks. Reports: what is wrong there."""
    resolved: list[ResolvedType] = []
    asked: list[Asked] = []
    for kind in types.values():
        declared = kind.declaration
        if declared is None:
            continue
        # A class could not have the others: of these a task's spec just keeps the values.
        fields = tuple(_field(each, kind, names, origins, report, asked) for each in kind.own if not each.extra)
        python = _python(kind.name, declared, schemas) if isinstance(declared, ast.ExternTask) else None
        word: Literal["task", "extern"] = "extern" if isinstance(declared, ast.ExternTask) else "task"
        body, checks = _bodies(kind, declared, names, schemas, report, asked)
        resolved.append(ResolvedType(kind.name, word, kind.base, python, fields, declared.doc, declared.span, body, checks))
    return tuple(resolved), asked


def _field(each: TaskField, kind: TaskType, names: Globals, origins: Origins, report: Report, asked: list[Asked]) -> ResolvedField:
    """Mutates: `asked`."""
    value: Folded = None
    if each.default is not None:
        env = Env(names, report)
        if each.type.holds_specs:
            report.add("OT301", each.default.span, f"field `{each.name}` holds tasks, which have no default", label="not tasks")
            value = POISON
        else:
            value = fold(each.default, env)
        if each.type.roles and refuse_secret(value, f"field `{each.name}`", each.default.span, env):
            value = POISON
        if value is not POISON:
            value = fitted(each.type, value, each.default)
            if "input" in each.type.roles:
                value = origins.from_entry(value, each.default, lambda name: None, env)
        if value is not POISON and not kind.broken:
            request = ValueRequest(None, {each.name: value}, {each.name: each.type})
            asked.append(Asked(request, "OT301", "field", f" of `{kind.name}`", each.default.span, {each.name: each.default}, (kind.name, each.name)))
    return ResolvedField(each.name, each.type, each.required, None if value is POISON else value, each.provides or (), each.doc)


def _bodies(
    kind: TaskType, declared: DeclaredType, names: Globals, schemas: Schemas, report: Report, asked: list[Asked]
) -> tuple[Body | None, tuple[Check, ...]]:
    """What a type's own `run` and `validate` become. Mutates: `asked`."""
    if isinstance(declared, ast.ExternTask) or not any(isinstance(member, ast.Run | ast.Validate) for member in declared.members):
        return None, ()
    from otterdsl.compiler.analysis.bodies import resolve_bodies  # most types have none, and need not wait for what reads them

    found = resolve_bodies(kind, schemas.validators, names, report)
    asked += found.asked
    return found.body, found.checks


def _python(name: str, declared: ast.ExternTask, schemas: Schemas) -> PythonClass | None:
    """The class of an `extern`: where it says, else where the package that `use` names has it."""
    if declared.module is not None:
        class_name = "".join(word[:1].upper() + word[1:] for word in name.split("_"))
        return PythonClass(declared.module.text, class_name, None)
    found = schemas.tasks.get(name)
    return PythonClass(found.module, found.class_name, found.spec_class) if found else None


def check_unused(types: Mapping[str, TaskType], used: frozenset[str], names: Globals, report: Report) -> list[Asked]:
    """Report what is wrong with the assignments of types that no task uses, and request their values. Mutates: `report`."""
    asked: list[Asked] = []
    seen = with_bases(used, types)
    for kind in types.values():
        declared = kind.declaration
        if not isinstance(declared, ast.TaskType) or kind.name in seen:
            continue

        def field_of(name: str, span: Span, kind: TaskType = kind) -> Folded:
            return POISON if name in kind.fields else unknown_field(kind, name, names)

        env = Env(names, report, field_of=field_of, elsewhere=_perhaps, field_names=kind.fields)
        for member in declared.members:
            if not isinstance(member, ast.Attribute):
                continue
            name, value = key_text(member.key), fold(member.value, env)
            if value is POISON or kind.broken or name not in kind.fields:
                continue
            if kind.fields[name].type.roles and refuse_secret(value, f"field `{name}`", member.value.span, env):
                continue
            value = fitted(kind.fields[name].type, value, member.value)
            request = ValueRequest(kind.registered.name if kind.registered else None, {name: value}, kind.declared)
            place, exprs = member.value.span, {name: member.value}
            asked.append(Asked(request, "OT301", "field", f" of `{kind.name}`", place, exprs, (kind.name, name), whole=False))
    return asked


def with_bases(used: frozenset[str], types: Mapping[str, TaskType]) -> frozenset[str]:
    """The types that tasks use, and those that they extend: what these assign is looked at where they are used."""
    found: set[str] = set()
    for name in used:
        at: str | None = name
        while at is not None and at not in found and at in types:
            found.add(at)
            at = types[at].base
    return frozenset(found)


def _perhaps(expr: ast.RefExpr, env: Env, inside: bool) -> Folded:
    """POISON. What a step's tasks store or say is looked up where the type is used; other names are unknown already. Reports: OT202, OT501."""
    if expr.head.text in (env.names.types if expr.tail else env.names.stored):
        return POISON
    return unknown(expr, replace(env, elsewhere=None), inside)

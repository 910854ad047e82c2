"""Type expressions to Types. In: `TypeExpr`. Out: a `Type`, or nothing where it is none (reported). What is absent: which values fit."""

from typing import Final

from otterdsl.compiler.analysis.report import Report, did_you_mean, listed, rename
from otterdsl.compiler.syntax.ast import TypeExpr, TypeOptionExpr
from otterdsl.compiler.values.types import CONTAINERS, SPEC, TYPE_NAMES, Type, TypeOption

# What other languages call these types: too far from ours for an edit distance.
_WRITTEN: Final = {
    **dict.fromkeys(("Optional", "None", "null"), "a type that takes null too is written `T?`"),
    "Union": "either of two is written `A | B`",
}
_ALIASES: Final = {
    "string": "str",
    "text": "str",
    "path": "str",
    "integer": "int",
    "number": "float",
    "double": "float",
    "boolean": "bool",
    "dict": "map",
    "object": "map",
    "array": "list",
    "tuple": "list",
    "List": "list",
    "Any": "any",
    "Dict": "map",
    "spec": "Spec",
    "task": "Spec",
}


def lower_type(expr: TypeExpr, report: Report) -> Type | None:
    """The type that an expression names. Reports: OT302."""
    options = [_lower_option(option, report) for option in expr.options]
    kept = tuple(option for option in options if option is not None)
    return Type(kept) if kept and len(kept) == len(options) else None


def lower_param_type(expr: TypeExpr, report: Report) -> Type | None:
    """The type of a param: any type but those that only a task's field can have. Reports: OT302."""
    lowered = lower_type(expr, report)
    if lowered is None:
        return None
    if "key" in lowered.roles or _holds_spec(lowered):
        what = "stores a key" if "key" in lowered.roles else "holds tasks"
        report.add("OT302", expr.span, f"a param cannot be of type `{lowered}`", label=f"only a task's field {what}")
        return None
    return lowered


def _holds_spec(lowered: Type) -> bool:
    return any(option.name == SPEC or (option.argument is not None and _holds_spec(option.argument)) for option in lowered.options)


def _lower_option(option: TypeOptionExpr, report: Report) -> TypeOption | None:
    name = option.name.text
    if name not in TYPE_NAMES:
        near = _ALIASES.get(name) or report.suggestion(name, TYPE_NAMES)
        fixes = rename(option.name.span, near)
        note = did_you_mean(near) or _WRITTEN.get(name) or f"the types are {listed(TYPE_NAMES)}"
        report.add("OT302", option.name.span, f"unknown type `{name}`", label="not a type", mend=note, fixes=fixes)
        return None
    if option.argument is None:
        if name == SPEC:
            report.add("OT302", option.span, "`Spec` stands only in `list[Spec]`", mend="write `list[Spec]`")
            return None
        return TypeOption(name, None, option.optional)
    if name not in CONTAINERS:
        report.add("OT302", option.span, f"`{name}` holds nothing: it takes no `[…]`", mend=f"write `{name}`, or `list[{name}]`")
        return None
    if name == "list" and len(option.argument.options) == 1:
        only = option.argument.options[0]
        if only.name.text == SPEC and only.argument is None:
            return TypeOption("list", Type((TypeOption(SPEC),)), option.optional)
    argument = lower_type(option.argument, report)
    return None if argument is None else TypeOption(name, argument, option.optional)

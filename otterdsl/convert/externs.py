"""Declarations of task types that nothing describes, as far as their uses show: the fields seen, with the types of what stands there.

In: a module, and the types that are known. Out: `extern task`s, in the order of their first use. What is absent: roles; that a field is a path, or a
key, no use shows.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Final

from otterdsl.compiler.analysis.keys import task_uses
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import ANY, SPEC, Type, TypeOption, plain

_SEVERAL: Final = 3  # alternatives that a type is written with at most; what has more is `any`
_SPECS: Final = Type((TypeOption("list", plain(SPEC)),))
_BASE: Final = frozenset({"scratchpad_ignore_missing"})  # a field of every task


@dataclass(slots=True)
class _Seen:
    """A task type's uses: how many, and for each field the values. Mutated by `_gather` alone."""

    uses: int = 0
    fields: dict[str, list[ast.Expr | None]] = field(default_factory=dict)


def externs(module: ast.Module, known: Set[str]) -> tuple[ast.ExternTask, ...]:
    """A declaration of each type that is not `known`."""
    constants = _constants(module)
    at = Span(module.span.file, 0, 0)
    return tuple(_extern(name, seen, constants, at) for name, seen in _gather(module, known).items())


def _gather(module: ast.Module, known: Set[str]) -> dict[str, _Seen]:
    found: dict[str, _Seen] = {}
    uses = [use for step in module.declarations if isinstance(step, ast.Step) for use in task_uses(step.block)]
    for use in sorted(uses, key=lambda each: each.span.start):
        if use.type.text in known:
            continue
        seen = found.setdefault(use.type.text, _Seen())
        seen.uses += 1
        for item in use.body:
            match item:
                case ast.Attribute(key=ast.Name(text=name)) if name not in _BASE:
                    seen.fields.setdefault(name, []).append(item.value)
                case ast.TaskList():
                    seen.fields.setdefault(item.name.text, []).append(None)
                case _:
                    pass
    return found


def _constants(module: ast.Module) -> dict[str, ast.Expr]:
    """What the scratchpad holds, by plain key."""
    return {
        entry.key.text if isinstance(entry.key, ast.Name) else entry.key.plain or "": entry.value
        for pad in module.declarations
        if isinstance(pad, ast.Scratchpad)
        for entry in pad.entries
    }


def _extern(name: str, seen: _Seen, constants: Mapping[str, ast.Expr], at: Span) -> ast.ExternTask:
    fields = []
    for key, values in seen.fields.items():
        options: Iterator[TypeOption | None] = (each for value in values if value is not None for each in _options(value, constants))
        of = (_tasks if None in values else _union)(options, null=len(values) < seen.uses)
        fields.append(ast.Field(at, ast.Name(at, key), _written(of, at), (), None))
    return ast.ExternTask(at, ast.Name(at, name), None, tuple(fields))


def _tasks(options: Iterator[TypeOption | None], *, null: bool) -> Type:
    """The type of a field that holds tasks somewhere, and may hold something else elsewhere; no other list, which could not stand beside it."""
    found = list(options)
    others = [option for option in found if option is not None and option.name != "list"]
    null = null or None in found
    rest = _union(iter(others)).options if others else ()
    return Type(
        (
            replace(_SPECS.options[0], optional=null and not rest),
            *rest[:-1],
            *(replace(each, optional=null and each.name != "any") for each in rest[-1:]),
        )
    )


def _options(value: ast.Expr, constants: Mapping[str, ast.Expr]) -> Iterator[TypeOption | None]:
    """The type of a value, None for null."""
    match value:
        case ast.ConstantExpr():
            yield None if value.value is None else TypeOption("bool")
        case ast.NumberExpr():
            yield TypeOption("int" if isinstance(value.value, int) else "float")
        case ast.ListExpr():
            yield TypeOption("list", _union(each for item in value.items for each in _options(item, constants)))
        case ast.MapExpr():
            yield TypeOption("map", _union(each for entry in value.entries for each in _options(entry.value, constants)))
        case ast.RefExpr() | ast.StringExpr(parts=(ast.Interpolation(),)):
            constant = _constant(value, constants)
            yield from _options(constant, constants) if constant is not None else (TypeOption("str"),)
        case _:
            yield TypeOption("str")


def _constant(expr: ast.Expr, constants: Mapping[str, ast.Expr]) -> ast.Expr | None:
    """What the scratchpad holds at a name, that which other keys stand for among it; None where that is nothing."""
    seen = set[str]()
    at: ast.Expr | None = expr
    while at is not None and (name := _name(at)) is not None:
        if name in seen:
            return None
        seen.add(name)
        at = _at(name, constants)
    return at


def _name(expr: ast.Expr) -> str | None:
    """The name that an expression is and nothing besides, in text too: `${a.b}`, `${'a key'}`."""
    match expr:
        case ast.RefExpr():
            return ".".join([expr.head.text, *(part.text for part in expr.tail if isinstance(part, ast.Name))])
        case ast.StringExpr(parts=(ast.Interpolation(expr=ast.RefExpr() as inner),)):
            return _name(inner)
        case ast.StringExpr(parts=(ast.Interpolation(expr=ast.StringExpr() as inner),)):
            return inner.plain
        case _:
            return None


def _at(name: str, constants: Mapping[str, ast.Expr]) -> ast.Expr | None:
    """The value of a key, or what the value of one that the name begins with holds."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        at = constants.get(".".join(parts[:length]))
        for part in parts[length:] if at is not None else ():
            entries = at.entries if isinstance(at, ast.MapExpr) else ()
            at = next((each.value for each in entries if (each.key.text if isinstance(each.key, ast.Name) else each.key.plain) == part), None)
        if at is not None:
            return at
    return None


def _union(options: Iterator[TypeOption | None], *, null: bool = False) -> Type:
    """One type for all; with `null` it takes null too."""
    found = dict.fromkeys(options)
    kept: dict[str, TypeOption] = {}
    for option in found:
        if option is not None:
            before = kept.get(option.name)
            kept[option.name] = option if before is None else _both(before, option)
    if "float" in kept:
        kept.pop("int", None)  # an int is a float too
    if not kept or len(kept) > _SEVERAL or "any" in kept:
        return ANY
    *others, last = kept.values()
    return Type((*others, replace(last, optional=last.optional or null or None in found)))


def _both(one: TypeOption, other: TypeOption) -> TypeOption:
    """A list or map that holds what either of two holds."""
    if one.argument is None or other.argument is None:
        return one
    options = [*one.argument.options, *other.argument.options]
    null = any(option.optional for option in options)
    return TypeOption(one.name, _union((replace(option, optional=False) for option in options), null=null))


def _written(of: Type, at: Span) -> ast.TypeExpr:
    """A type as an expression, all of it at one place."""
    options = (
        ast.TypeOptionExpr(at, ast.Name(at, option.name), None if option.argument is None else _written(option.argument, at), option.optional)
        for option in of.options
    )
    return ast.TypeExpr(at, tuple(options))

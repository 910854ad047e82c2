"""The task types of a pipeline: registered ones, and those that `.otter` files declare, with all that they inherit.

In: declarations and `Schemas`. Out: a `TaskType` for each name. Reports: unknown bases, cycles of types, fields that cannot be, what `run` needs.
What is absent: values. A type's assignments stay expressions, which each use expands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Final

from otterdsl.compiler.analysis.declarations import Declarations, DeclaredType
from otterdsl.compiler.analysis.report import Report, did_you_mean, rename
from otterdsl.compiler.analysis.schemas import FieldSchema, Schemas, TaskSchema
from otterdsl.compiler.analysis.type_exprs import lower_type
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import ANY, Type

OF_ATTEMPTS: Final = frozenset({"retries", "retry_delay", "timeout", "resources", "cache"})
"""Fields of every task that a Python class may have as its own all the same: it then means something else by them."""


@dataclass(frozen=True, slots=True)
class TaskField:
    """A field as a use of the type sees it. `default` is the expression of a declared one, `schema` says the rest of a registered one.

    `extra`: an `extern` says of a class that is not ours that it has this field, which no class that we write could be given.
    """

    name: str
    type: Type
    required: bool
    provides: tuple[str, ...] | None
    schema: FieldSchema | None = None
    default: ast.Expr | None = None
    span: Span | None = None
    doc: str = ""
    extra: bool = False


@dataclass(frozen=True, slots=True)
class TaskType:
    """A task type with what it inherits.

    `registered` is the Python type at its root, None for an `extern`; `own` the fields that it declares itself; `declared` the types of
    all fields that `.otter` files declare; `assignments` its own, then those of its bases; `locked` the fields that its users may not set.
    `broken`: something about it is wrong and reported, so that nothing can be said of its uses' fields. `foreign`: an `extern` at its root says
    what it knows of a class that is not ours.
    """

    name: str
    fields: Mapping[str, TaskField]
    registered: TaskSchema | None = None
    base: str | None = None
    declaration: DeclaredType | None = None
    own: tuple[TaskField, ...] = ()
    declared: Mapping[str, Type] = field(default_factory=dict)
    assignments: tuple[ast.Attribute, ...] = ()
    locked: frozenset[str] = frozenset()
    keys: tuple[str, ...] = ()
    open: bool = False
    broken: bool = False
    foreign: bool = False

    def undeclarable(self, name: str) -> bool:
        """Whether this is a field of a class that is not ours of which no declaration can speak: its name is none of the language."""
        return self.foreign and bool(name) and not (name.isascii() and name.isidentifier())

    @property
    def where(self) -> str:
        """Where it is defined, as a label says it."""
        if self.declaration is not None:
            return f"this is `{self.name}`, declared in {self.declaration.span.file}"
        return f"this is `{self.name}`, defined in {self.registered.module}" if self.registered else f"this is `{self.name}`"


def resolve_types(declarations: Declarations, schemas: Schemas, report: Report) -> dict[str, TaskType]:
    """All task types by name; declared ones stand in an order in which each follows its base.

    Reports: OT201, OT207, OT212, OT213, OT302, OT404.
    """
    types = {name: _registered(schema) for name, schema in schemas.tasks.items() if name not in declarations.types}
    for name in _bases_first(declarations, report):
        declared = declarations.types[name]
        match declared:
            case ast.ExternTask():
                types[name] = _extern(declared, schemas, report)
            case ast.TaskType():
                types[name] = _extended(declared, types, declarations, schemas, report)
    return types


def _registered(schema: TaskSchema) -> TaskType:
    fields = {name: TaskField(name, found.type, found.required, found.provides, found) for name, found in schema.fields.items()}
    return TaskType(schema.name, fields, schema, declared={}, keys=_keys(fields.values()), open=schema.open)


def _keys(fields: Iterable[TaskField]) -> tuple[str, ...]:
    return tuple(each.name for each in fields if "key" in each.type.roles)


def _bases_first(declarations: Declarations, report: Report) -> list[str]:
    """The declared types, each after its base; those in a cycle too, after it is reported."""
    order: dict[str, None] = {}
    for name in declarations.types:
        path: list[str] = []
        on_path: set[str] = set()
        at: str | None = name
        while at is not None and at not in order and at not in on_path:
            path.append(at)
            on_path.add(at)
            at = _declared_base(at, declarations)
        if at is not None and at in on_path:
            _report_cycle(path[path.index(at) :], declarations, report)
        order |= dict.fromkeys(reversed(path))
    return list(order)


def _declared_base(name: str, declarations: Declarations) -> str | None:
    declared = declarations.types[name]
    base = declared.base.text if isinstance(declared, ast.TaskType) and declared.base is not None else None
    return base if base in declarations.types else None


def _report_cycle(cycle: list[str], declarations: Declarations, report: Report) -> None:
    bases = [declared.base for name in cycle if isinstance(declared := declarations.types[name], ast.TaskType) and declared.base]
    drawn = " → ".join(f"`{name}`" for name in [*cycle, cycle[0]])
    related = [Label(base.span, f"`{name}` extends `{base.text}`") for name, base in zip(cycle, bases, strict=True)]
    report.add("OT404", bases[0].span, f"task types extend each other in a circle: {drawn}", label=related[0].text, related=related[1:])


def _extern(declared: ast.ExternTask, schemas: Schemas, report: Report) -> TaskType:
    own, broken = _fields(declared.fields, {}, schemas, report, described=True)
    fields = {each.name: each for each in own}
    return TaskType(
        declared.name.text,
        fields,
        declaration=declared,
        own=tuple(own),
        declared={each.name: each.type for each in own},
        keys=_keys(fields.values()),
        broken=broken,
        foreign=True,
    )


def _extended(declared: ast.TaskType, types: Mapping[str, TaskType], declarations: Declarations, schemas: Schemas, report: Report) -> TaskType:
    base = _base(declared, types, declarations, report)
    inherited = base.fields if base else {}
    own, broken = _fields((m for m in declared.members if isinstance(m, ast.Field)), inherited, schemas, report)
    again = {each.name for each in own}
    fields = {**inherited, **{each.name: each for each in own}}
    below = [assigned for assigned in (base.assignments if base else ()) if key_text(assigned.key) not in again]
    lost = base is None and (declared.base is not None or not any(isinstance(member, ast.Run) for member in declared.members))
    is_open = lost or (base is not None and (base.open or base.broken))
    assigned, wrong = _assignments(declared, fields, base, again, is_open, schemas, report)
    names = {key_text(attribute.key) for attribute in assigned}
    return TaskType(
        declared.name.text,
        fields,
        base.registered if base else None,
        base.name if base else None,
        declared,
        tuple(own),
        {**(base.declared if base else {}), **{each.name: each.type for each in own}},
        (*assigned, *(each for each in below if key_text(each.key) not in names)),
        frozenset((names | (base.locked if base else frozenset())) - again),
        _keys(fields.values()),
        is_open,
        broken or wrong or lost or (base is not None and base.broken),
        base is not None and base.foreign,
    )


def _base(declared: ast.TaskType, types: Mapping[str, TaskType], declarations: Declarations, report: Report) -> TaskType | None:
    if declared.base is None:
        if not declared.partial and not any(isinstance(member, ast.Run) for member in declared.members):
            message = f"task type `{declared.name.text}` says nothing of how its tasks run"
            mend = f"write `task {declared.name.text} extends …`, or `extern task {declared.name.text}` for one whose body is Python"
            report.add("OT213", declared.name.span, message, label="neither `extends` nor `run`", mend=mend)
        return None
    name = declared.base.text
    base = types.get(name)
    if base is None and name not in declarations.types and not declarations.unread:
        near = report.suggestion(name, (*types, *declarations.types))
        fixes = rename(declared.base.span, near)
        message = f"unknown task type `{name}`"
        report.add("OT201", declared.base.span, message, label="no task type is called so", mend=did_you_mean(near), fixes=fixes)
    return base


def _fields(
    members: Iterable[ast.Field], inherited: Mapping[str, TaskField], schemas: Schemas, report: Report, *, described: bool = False
) -> tuple[list[TaskField], bool]:
    """The fields that a type declares, and whether any of them is wrong. `described`: the type is there already, whatever its fields are called."""
    found: dict[str, TaskField] = {}
    broken = False
    for member in members:
        name = member.name.text
        if name in found:
            first = found[name].span
            related = (Label(first, "first declared here"),) if first else ()
            report.add("OT207", member.name.span, f"field `{name}` is declared twice", label="declared again here", related=related)
            continue
        why = _reserved(name, inherited, described, schemas)
        lowered = lower_type(member.type, report)
        extra = bool(why) and described and member.default is None and name not in ("name", *schemas.base_fields)
        extra = extra and not (lowered is not None and lowered.holds_specs)
        if why and not extra:
            mend = "leave its default out: the class has its own" if described and member.default is not None else ""
            report.add("OT212", member.name.span, f"a field cannot be called `{name}`", label=why, mend=mend)
        if member.provides and lowered is not None and not lowered.holds_specs:
            message = f"`provides` belongs to a field of type `list[Spec]`, and `{name}` is `{lowered}`"
            report.add("OT302", member.provides[0].span.to(member.provides[-1].span), message, label="nothing is filled in here")
        broken |= lowered is None
        kind = lowered or ANY
        provides = tuple(each.text for each in member.provides) or None
        required = member.default is None and not kind.optional
        # What stands where a type is missing is no default either.
        default = member.default if lowered is not None else None
        found[name] = TaskField(name, kind, required, provides, None, default, member.name.span, member.doc, extra)
    return list(found.values()), broken


def _reserved(name: str, inherited: Mapping[str, TaskField], described: bool, schemas: Schemas) -> str:
    if iskeyword(name):
        return "a Python keyword"
    if name.startswith("_"):
        return "Python keeps names that begin with `_` to itself"
    known = name in inherited and not inherited[name].extra
    if name in OF_ATTEMPTS and (known or described):
        return ""
    if name in schemas.base_fields or name == "name":
        return "every task has this field"
    if name in schemas.reserved and not known:
        return "a member of every Spec or Task"
    return ""


def _assignments(
    declared: ast.TaskType,
    fields: Mapping[str, TaskField],
    base: TaskType | None,
    again: set[str],
    is_open: bool,
    schemas: Schemas,
    report: Report,
) -> tuple[list[ast.Attribute], bool]:
    """What a type assigns, each field once, and whether something is wrong with it."""
    found: dict[str, ast.Attribute] = {}
    wrong = False
    for member in declared.members:
        if not isinstance(member, ast.Attribute):
            continue
        name = key_text(member.key)
        if name in found:
            related = (Label(found[name].key.span, "first assigned here"),)
            report.add("OT206", member.key.span, f"field `{name}` is given twice", label="given again here", related=related)
        elif base is not None and name in base.locked and name not in again:
            message = f"field `{name}` is set by task type `{base.name}` itself"
            report.add("OT208", member.key.span, message, mend=f"declare `{name}` again in `{declared.name.text}` to set it")
            wrong = True
        elif name not in fields and name not in schemas.base_fields and not is_open and not (base is not None and base.undeclarable(name)):
            near = report.suggestion(name, fields)
            fixes = rename(member.key.span, near)
            message = f"unknown field `{name}` for task type `{declared.name.text}`"
            report.add("OT204", member.key.span, message, label=f"not a field of `{declared.name.text}`", mend=did_you_mean(near), fixes=fixes)
            wrong = True
        elif name in fields and fields[name].type.holds_specs:
            report.add("OT301", member.value.span, f"field `{name}` takes tasks, which a task type cannot assign", label="not a value's place")
        elif name == "requires":
            report.add("OT204", member.key.span, "a task type cannot say what its tasks require", mend="write `requires [...]` where it is used")
        else:
            found[name] = member
    return list(found.values()), wrong


def key_text(key: ast.Name | ast.StringExpr) -> str:
    """The name that a key stands for; one with something interpolated is the name of nothing."""
    return key.text if isinstance(key, ast.Name) else key.plain or ""

"""The value of each field of each task, asked for in any order.

In: the sites of a step, and what answers for references. Out: a `FieldResult` for a site and field. A field whose value needs another task's
field waits for that, on a stack of our own: chains may be as long as a file. What is absent: whether values fit, and which fields there must be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, Literal, TypeAlias

from otterdsl.compiler.analysis.fitting import fitted
from otterdsl.compiler.analysis.folding import fold
from otterdsl.compiler.analysis.inputs import Origins
from otterdsl.compiler.analysis.program import Edge
from otterdsl.compiler.analysis.report import shown
from otterdsl.compiler.analysis.scope import ABSENT, POISON, Env, Folded, Globals
from otterdsl.compiler.analysis.secrets import any_secrets, refuse_secret
from otterdsl.compiler.analysis.structure import Group, Site
from otterdsl.compiler.analysis.task_types import TaskField, TaskType, key_text
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import escape, placeholders

Key: TypeAlias = tuple[Site, str]
_DEEPEST: Final = 15  # so many fields are evaluated within each other before one waits on the stack; Python's own has room for 1,000 calls
_NONE: Final[Mapping[str, ast.Attribute]] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Producers:
    """The tasks that write what is read at one place, each with its turns; one object for all who read there."""

    turns: Mapping[Site, Mapping[int, None]]


@dataclass(frozen=True, slots=True)
class Wait:
    """An edge with what it leads to: the sites of the tasks waited for, or a group.

    `outside`: they belong to the step, the task to a field of one. `inner`: the edge is one of a task within this one, and no edge of its own.
    A wait of reason "data" has no target: `reads` says for each turn of the task whom it reads from, `places` are all of these, each once.
    """

    edge: Edge
    sites: tuple[Site, ...]
    group: Group | None = None
    outside: bool = False
    inner: bool = False
    places: tuple[Producers, ...] = ()
    reads: tuple[tuple[Producers, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class FieldResult:
    """A field's value, what it made the task wait for, and the expression that it came from (None for a registered default)."""

    value: Folded
    waits: tuple[Wait, ...] = ()
    expr: ast.Expr | None = None


class NeedFirst(Exception):  # noqa: N818 (no error: a question that never leaves this module)
    """Raised within a field's evaluation: another field must be evaluated before, or needs this one itself. Never leaves this module."""

    def __init__(self, key: Key) -> None:
        self.key = key


Answer: TypeAlias = Callable[[Site, list[Wait], ast.RefExpr, Env, bool], Folded]


class Fields:
    """The results so far. Invariant: what is in there is final."""

    def __init__(self, answer: Answer, origins: Origins) -> None:
        self._answer = answer
        self._origins = origins
        self._results: dict[Key, FieldResult] = {}
        self._attributes: dict[Site, Mapping[str, ast.Attribute]] = {}
        self._in_circle: set[Key] = set()
        # What is being evaluated, and how many of these within each other.
        self._within: set[Key] = set()
        self._depth = 0

    def attributes(self, site: Site) -> Mapping[str, ast.Attribute]:
        """What a task itself assigns, the first of each name."""
        found = self._attributes.get(site)
        if found is None:
            made: dict[str, ast.Attribute] = {}
            for item in site.use.body:
                if isinstance(item, ast.Attribute):
                    made.setdefault(key_text(item.key), item)
            found = self._attributes[site] = made or _NONE
        return found

    def result(self, site: Site, name: str) -> FieldResult:
        """The result of a field, evaluating first all that it needs."""
        wanted = (site, name)
        found = self._results.get(wanted)
        if found is not None:
            return found
        attribute = self.attributes(site).get(name)
        if attribute is not None and isinstance(attribute.value, ast.StringExpr) and attribute.value.plain is not None:
            # Text needs no other field, and so cannot be in a circle.
            made = self._results[wanted] = self._evaluate(site, name)
            return made
        stack = [wanted]
        self._within.add(wanted)
        while stack:
            try:
                self._settle(stack[-1])
            except NeedFirst as need:
                stack.append(need.key)
                self._within.add(need.key)
                continue
            self._within.discard(stack.pop())
        return self._results[wanted]

    def needed(self, site: Site, name: str) -> Folded:
        """The value of a field that the one being evaluated needs. Raises: NeedFirst, where it cannot be known yet."""
        key = (site, name)
        found = self._results.get(key)
        if found is not None:
            return found.value
        if key in self._in_circle:
            return POISON
        if key in self._within or self._depth >= _DEEPEST:
            raise NeedFirst(key)
        self._settle(key)
        return self._results[key].value

    def _settle(self, key: Key) -> None:
        """Evaluates a field, and what it needs within that. Raises: NeedFirst, for what would go too deep."""
        above = key in self._within
        self._within.add(key)
        self._depth += 1
        try:
            while key not in self._results:
                try:
                    self._results[key] = self._evaluate(*key)
                except NeedFirst as need:
                    if need.key not in self._within:
                        raise
                    self._in_circle.add(need.key)
        finally:
            self._depth -= 1
            if not above:
                self._within.discard(key)

    def _evaluate(self, site: Site, name: str) -> FieldResult:
        field = site.type.fields.get(name) if site.type else None
        attribute = self.attributes(site).get(name)
        if attribute is not None:
            return self._own(site, field, attribute.value)
        if site.type is None:
            return FieldResult(POISON)
        for assigned in site.type.assignments:
            if key_text(assigned.key) == name:
                return self._inherited(site, site.type, field, assigned.value, in_type=True)
        if field is not None and field.default is not None:
            return self._inherited(site, site.type, field, field.default, in_type=False)
        if field is None or field.required:
            return FieldResult(POISON)
        return FieldResult(field.schema.default if field.schema else None)

    def _own(self, site: Site, field: TaskField | None, expr: ast.Expr) -> FieldResult:
        if isinstance(expr, ast.StringExpr) and (plain := expr.plain) is not None:
            value: Folded = escape(plain)
            waits: list[Wait] = []
        else:
            waits = []
            env = _with_answer(site.around.env, lambda ref, env, inside: self._answer(site, waits, ref, env, inside), self.ignores_missing(site))
            value = fold(expr, env)
        return self._finished(field, value, waits, expr, site, in_type=False)

    def _inherited(self, site: Site, kind: TaskType, field: TaskField | None, expr: ast.Expr, *, in_type: bool) -> FieldResult:
        """The value of an expression that stands in a task type: it sees the type's fields, not the loops around its use."""
        waits: list[Wait] = []

        def field_of(name: str, span: Span) -> Folded:
            if name not in kind.fields:
                return unknown_field(kind, name, around.names)
            if (site, name) in self._in_circle and (site, name) not in self._results:
                env.report.add("OT405", span, f"the value of field `{shown(name)}` depends on itself", label="here")
            return self.needed(site, name)

        around = site.around.env
        env = Env(
            around.names,
            around.report,
            field_of=field_of if in_type else None,
            elsewhere=(lambda ref, env, inside: self._answer(site, waits, ref, env, inside)) if in_type else None,
            lenient="silent" if self.ignores_missing(site) else "",
            field_names=kind.fields if in_type else (),
        )
        return self._finished(field, fold(expr, env), waits, expr, site, in_type=in_type)

    def _finished(self, field: TaskField | None, value: Folded, waits: list[Wait], expr: ast.Expr, site: Site, *, in_type: bool) -> FieldResult:
        if value is not POISON and field is not None:
            if not isinstance(value, str):
                value = fitted(field.type, value, expr)
            if any_secrets(site.around.env.names) and field.type.roles and refuse_secret(value, f"field `{field.name}`", expr.span, site.around.env):
                value = POISON
            if self._origins.elsewhere and "input" in field.type.roles:
                source = (lambda name: self._source(site, name)) if in_type else _no_field
                value = self._origins.from_entry(value, expr, source, site.around.env)
        return FieldResult(value, tuple(waits), expr)

    def _source(self, site: Site, name: str) -> ast.Expr | Literal["settled"] | None:
        """The expression that a field of the declaring type got its value from."""
        found = self._results.get((site, name))
        if found is None or found.expr is None or site.type is None:
            return None
        return "settled" if "input" in site.type.fields[name].type.roles else found.expr

    def asked(self, site: Site, expr: ast.Expr, env: Env) -> FieldResult:
        """The value of an expression that stands around a task, such as what its loop runs over."""
        while True:
            waits: list[Wait] = []
            place = replace(env, elsewhere=partial(self._respond, site, waits))
            try:
                value = fold(expr, place)
            except NeedFirst as need:
                self.result(*need.key)
                continue
            if value is not POISON and self._origins.elsewhere:
                value = self._origins.from_entry(value, expr, _no_field, env)
            return FieldResult(value, tuple(waits), expr)

    def _respond(self, site: Site, waits: list[Wait], ref: ast.RefExpr, env: Env, inside: bool) -> Folded:
        return self._answer(site, waits, ref, env, inside)

    def ignores_missing(self, site: Site) -> bool:
        """Whether a task says `scratchpad_ignore_missing = true`."""
        attribute = self.attributes(site).get("scratchpad_ignore_missing")
        return attribute is not None and isinstance(attribute.value, ast.ConstantExpr) and attribute.value.value is True


def _no_field(name: str) -> None:
    """No field is in sight."""


def _with_answer(env: Env, elsewhere: Callable[[ast.RefExpr, Env, bool], Folded], silent: bool) -> Env:
    return Env(env.names, env.report, env.nest, env.provided, "", None, elsewhere, "silent" if silent else env.lenient)


def unknown_field(kind: TaskType, name: str, names: Globals) -> Folded:
    """What a name is that no field has: ABSENT, or POISON where a base that does not exist might have had it."""
    return POISON if kind.broken and kind.open and name not in names.params and name not in names.constants else ABSENT


def varies(value: Folded, variables: tuple[str, ...]) -> bool:
    """Whether a value differs with the turns of some loops."""
    if value is POISON or not variables:
        return False
    return any(name.partition(".")[0] in variables for name in placeholders(value))

"""What may be named in the body of a task type and in its `validate`: its fields, params, constants, secrets.

In: an expression. Out: its value in placeholder form, in which the names are fields first, and the type it has. Reports: what has no value there.
What is absent: the texts that hold expressions.
"""

from dataclasses import dataclass, replace
from typing import Final

from otterdsl.compiler.analysis.constants import refs_of
from otterdsl.compiler.analysis.fields import unknown_field
from otterdsl.compiler.analysis.folding import fold, ref_path, unknown
from otterdsl.compiler.analysis.report import Report, shown
from otterdsl.compiler.analysis.scope import POISON, Env, Folded, Globals
from otterdsl.compiler.analysis.secrets import is_secret
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import ANY, Type, TypeOption, plain
from otterdsl.compiler.values.value import PLACEHOLDER, Value, placeholder, placeholders

_TEXT: Final = plain("str")
_LIST: Final = Type((TypeOption("list"),))


@dataclass(frozen=True, slots=True)
class Held:
    """A value in placeholder form, and its type as far as it is known before a run."""

    value: Value
    type: Type

    @property
    def many(self) -> bool:
        """Whether it may be a list."""
        return any(option.name in ("list", "any") for option in self.type.options)

    @property
    def whole_number(self) -> bool:
        """Whether it is a whole number, whatever a run says; or null."""
        return all(option.name == "int" for option in self.type.options)


class BodyValues:
    """The values of what is named in the body of one task type."""

    def __init__(self, kind: TaskType, names: Globals, report: Report) -> None:
        self.kind = kind
        self.env = Env(names, report, field_of=self._field, elsewhere=_not_stored, field_names=kind.fields)

    def _field(self, name: str, span: Span) -> Folded:
        if name not in self.kind.fields:
            return unknown_field(self.kind, name, self.env.names)
        if self.kind.fields[name].type.holds_specs:
            self.env.report.add("OT307", span, f"field `{name}` of `{self.kind.name}` holds tasks, which are no value", label="not a value")
            return POISON
        return placeholder(name)

    def of(self, expr: ast.Expr) -> Held | None:
        """The value of an expression; None where it has none (reported). Reports: OT202, OT307, OT501, OT503 and what folding does."""
        if isinstance(expr, ast.RefExpr) and expr.tail and expr.head.text in self.kind.fields and expr.head.text not in self.env.names.types:
            return self._member(expr)
        value = fold(expr, self.env)
        if value is POISON or self._captured(expr):
            return None
        return Held(value, self._type(value))

    def interpolated(self, part: ast.Interpolation) -> Held | None:
        """The value of what stands in `${…}`."""
        if isinstance(part.expr, ast.RefExpr):
            expr = part.expr
            if expr.tail and expr.head.text in self.kind.fields and expr.head.text not in self.env.names.types:
                return self._member(expr)
        value = fold(ast.StringExpr(part.span, (part,)), self.env)
        return None if value is POISON or self._captured(part.expr) else Held(value, self._type(value))

    def _member(self, expr: ast.RefExpr) -> Held | None:
        """What stands within a field that is a map."""
        field, path = self.kind.fields[expr.head.text], ref_path(expr)
        if path is None or any(not part or set(part) & set("{}.\n") for part in path):
            self.env.report.add("OT307", expr.span, "what is named within a field is plain text", label="not a plain name")
            return None
        if not any(option.name in ("map", "any") for option in field.type.options):
            message = f"field `{field.name}` is `{field.type}`, and holds nothing that could be named"
            self.env.report.add("OT202", expr.span, message, label=f"only `{field.name}` as a whole can be named")
            return None
        return Held(placeholder(".".join(path)), ANY)

    def _captured(self, expr: ast.Expr) -> bool:
        """Whether a constant depends on a param that a field of this type hides. Reports: OT503."""
        for ref in refs_of(expr):
            if ref.head.text in self.kind.fields and not ref.tail:
                continue
            value = fold(ref, self.env)
            hidden = None if value is POISON else next((each for each in placeholders(value) if each in self.kind.fields), None)
            if hidden is not None:
                message = f"the value of `{shown('.'.join(ref_path(ref) or [ref.head.text]))}` depends on `{hidden}`, which is a field here"
                self.env.report.add("OT503", ref.span, message, label="these are not the same", mend="give the field another name")
                return True
        return False

    def _type(self, value: Value) -> Type:
        match value:
            case bool():
                return plain("bool")
            case int():
                return plain("int")
            case float():
                return plain("float")
            case tuple():
                return _LIST
            case str() if (whole := PLACEHOLDER.fullmatch(value)) is not None and (name := whole.group(1)) is not None:
                if name in self.kind.fields:
                    return self.kind.fields[name].type
                return _TEXT if is_secret(name) else self.env.names.params.get(name) or ANY
            case _:
                return _TEXT


def _not_stored(expr: ast.RefExpr, env: Env, inside: bool) -> Folded:
    """POISON: a body serves tasks of any step. Reports: OT307 for what tasks store or say, OT202 and OT501 for what is unknown."""
    name = ".".join(ref_path(expr) or [expr.head.text])
    if (expr.tail and expr.head.text in env.names.types) or name in env.names.stored:
        message = f"`{shown(name)}` is what a task of some step makes, and this body serves tasks of any"
        mend = "declare a field, and give it the value where the type is used"
        env.report.add("OT307", expr.span, message, label="known only where a task is", mend=mend)
        return POISON
    return unknown(expr, replace(env, elsewhere=None), inside)

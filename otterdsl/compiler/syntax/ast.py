"""The syntax tree: one frozen class for each construct of the language, each with its span and those of its names.

Strings are decoded; what `${…}` holds is an expression with its own exact span. Comments are kept beside the tree, in `Module.comments`.
What could not be read is reported and left out; what held it is `partial`: of that, nothing may be said to be missing or unknown.
What is absent: meaning. Names are not looked up, types not known, nothing is folded.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, Union

from otterdsl.compiler.source.span import Span

# ---------------------------------------------------------------- names


@dataclass(frozen=True, slots=True)
class Name:
    """A NAME as written."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class DottedName:
    """`pis.tasks`: names joined by dots."""

    span: Span
    parts: tuple[Name, ...]

    @property
    def text(self) -> str:
        """The names joined by dots."""
        return ".".join(part.text for part in self.parts)


# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class StringExpr:
    """A string of any quoting. `parts` alternate freely: text (decoded, plain) and interpolated expressions; empty for `""`.

    `span` covers the quotes. Adjacent texts are joined, empty ones dropped. `raw` is whether it was quoted with `'`.
    """

    span: Span
    parts: tuple[Union[str, "Interpolation"], ...]
    raw: bool = False

    @property
    def plain(self) -> str | None:
        """The text, or None where something is interpolated."""
        match self.parts:
            case ():
                return ""
            case (str() as text,):
                return text
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Interpolation:
    """`${expr}` within a string; `span` covers `${` and `}`."""

    span: Span
    expr: "Expr"


@dataclass(frozen=True, slots=True)
class NumberExpr:
    """A number: an int where it has neither fraction nor exponent."""

    span: Span
    value: int | float


@dataclass(frozen=True, slots=True)
class ConstantExpr:
    """`true`, `false` or `null`."""

    span: Span
    value: bool | None


@dataclass(frozen=True, slots=True)
class ListExpr:
    """`[a, b]`."""

    span: Span
    items: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class MapEntry:
    """`key = value` of a map or a scratchpad. A dotted key stands joined in a `Name`."""

    span: Span
    key: Union[Name, StringExpr]
    value: "Expr"


@dataclass(frozen=True, slots=True)
class MapExpr:
    """`{ a = 1, "b c" = 2 }`; repeated keys are kept here and reported later."""

    span: Span
    entries: tuple[MapEntry, ...]


@dataclass(frozen=True, slots=True)
class RefExpr:
    """`find_latest.atlas`, `copy.'x y'.destination`, `each`: a name, then labels."""

    span: Span
    head: Name
    tail: tuple[Union[Name, StringExpr], ...] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call, by name where it has one."""

    span: Span
    name: Name | None
    value: "Expr"


@dataclass(frozen=True, slots=True)
class CallExpr:
    """`glob("x/*")`."""

    span: Span
    function: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class CompareExpr:
    """`a == b`; comparisons do not chain."""

    span: Span
    left: "Expr"
    operator: Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]
    right: "Expr"


@dataclass(frozen=True, slots=True)
class NotExpr:
    """`not a`."""

    span: Span
    operand: "Expr"


@dataclass(frozen=True, slots=True)
class LogicExpr:
    """`a and b and c`, or the same with `or`: two operands or more."""

    span: Span
    operator: Literal["and", "or"]
    operands: tuple["Expr", ...]


Expr: TypeAlias = Union[StringExpr, NumberExpr, ConstantExpr, ListExpr, MapExpr, RefExpr, CallExpr, CompareExpr, NotExpr, LogicExpr]
Label: TypeAlias = Union[Name, StringExpr]

# ---------------------------------------------------------------- types


@dataclass(frozen=True, slots=True)
class TypeOptionExpr:
    """`list[str]?`: one alternative of a type."""

    span: Span
    name: Name
    argument: "TypeExpr | None"
    optional: bool


@dataclass(frozen=True, slots=True)
class TypeExpr:
    """`A | B`."""

    span: Span
    options: tuple[TypeOptionExpr, ...]


# ---------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name = value` in a task, a task type or a pipeline. `key` spans the name alone."""

    span: Span
    key: Union[Name, StringExpr]
    value: Expr


@dataclass(frozen=True, slots=True)
class Requires:
    """`requires [a, b.c, "d"]`."""

    span: Span
    keyword_span: Span
    targets: tuple[Union[RefExpr, StringExpr], ...]


@dataclass(frozen=True, slots=True)
class TaskList:
    """`do { … }`: a field of type list[Spec]."""

    span: Span
    name: Name
    block: "Block"


@dataclass(frozen=True, slots=True)
class TaskUse:
    """`copy "mondo" { … }`: a task. `doc` is the comment block right above, without `#`, lines joined by LF; empty where none."""

    span: Span
    type: Name
    label: Label
    body: tuple[Union[Attribute, Requires, TaskList], ...]
    doc: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """`{ … }` with statements and `requires` in it, in order; `span` covers the braces."""

    span: Span
    items: tuple[Union[Requires, "Statement"], ...]


@dataclass(frozen=True, slots=True)
class For:
    """`for each in species as homology { … }`."""

    span: Span
    variable: Name
    iterable: Expr
    group: Label | None
    block: Block


@dataclass(frozen=True, slots=True)
class If:
    """`if a { … } else { … }`; `orelse` is an If for `else if`."""

    span: Span
    condition: Expr
    then: Block
    orelse: Union["If", Block, None]


Statement: TypeAlias = Union[TaskUse, For, If]

# ---------------------------------------------------------------- declarations


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`pipeline inputs { … }`."""

    span: Span
    name: Name
    attributes: tuple[Attribute, ...]
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """`use pis.tasks`."""

    span: Span
    package: DottedName


@dataclass(frozen=True, slots=True)
class Import:
    """`import "curation.otter"`."""

    span: Span
    path: StringExpr


@dataclass(frozen=True, slots=True)
class Param:
    """`param ensembl: int = 115`."""

    span: Span
    name: Name
    type: TypeExpr
    default: Expr | None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Scratchpad:
    """`scratchpad { … }`; the keys' dots are part of them."""

    span: Span
    entries: tuple[MapEntry, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """`source: input = "x"` in a task type; `provides` names the placeholders its task fills in it."""

    span: Span
    name: Name
    type: TypeExpr
    provides: tuple[Name, ...]
    default: Expr | None
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """`run sh \"\"\"…\"\"\"`. `body` has interpolations for `sh`; for `python` the text is taken as if raw.

    `places` leads back to the file: pairs of an offset in the decoded text, in which each interpolation counts as one character, and the offset that
    it has in the file. Up to the next pair, both grow alike. `starts` are the offsets in the decoded text where lines of the file begin.
    """

    span: Span
    language: Name
    body: StringExpr
    places: tuple[tuple[int, int], ...] = field(default=(), compare=False, repr=False)
    starts: tuple[int, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Validate:
    """`validate { exists(destination) }`."""

    span: Span
    calls: tuple[CallExpr, ...]


@dataclass(frozen=True, slots=True)
class TaskType:
    """`task curation extends copy { … }`."""

    span: Span
    name: Name
    base: Name | None
    members: tuple[Union[Field, Attribute, Run, Validate], ...]
    doc: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class ExternTask:
    """`extern task solr from pis.tasks.solr { … }`."""

    span: Span
    name: Name
    module: DottedName | None
    fields: tuple[Field, ...]
    doc: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """`step target { … }`."""

    span: Span
    name: Label
    block: Block
    doc: str = ""
    partial: bool = False


Declaration: TypeAlias = Union[Pipeline, Use, Import, Param, Scratchpad, TaskType, ExternTask, Step]


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; `text` is without `#` and the blank after it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Module:
    """One file."""

    span: Span
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...]
    partial: bool = False

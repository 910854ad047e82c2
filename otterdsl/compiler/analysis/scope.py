"""What names mean at a place: loops and their turns, params, constants, and who answers for the rest.

In: nothing. Out: the plain data that the passes hand each other. What is absent: expressions (see `folding`) and how a task is found (see
`references`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal, TypeAlias

from otterdsl.compiler.analysis.report import Report
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.condition import Condition
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import Value


class Poison(Enum):
    """What stands for a value that could not be found out, and was reported: whatever it touches is not reported again."""

    POISON = "poison"


POISON: Final = Poison.POISON
# Null is a value, so that there is none needs a word of its own; no text of a `.otter` file holds a NUL.
ABSENT: Final = "\0absent"
Folded: TypeAlias = Value | Literal[Poison.POISON]


@dataclass(frozen=True, slots=True)
class Globals:
    """What all files share: params with their types, constants folded so far and what is wrong among them, task types.

    `kept` are scratchpad keys that stay placeholders in the fields of tasks: whoever reads the result has their values.
    """

    params: Mapping[str, Type | None]
    constants: Mapping[str, Folded]
    constant_entries: Mapping[str, ast.MapEntry]
    types: Mapping[str, TaskType]
    unread: bool
    stored: frozenset[str] = frozenset()  # keys that tasks of any step store, as far as plain text says
    weights: dict[int, tuple[Value, int]] = field(default_factory=dict)  # how large lists and maps are, by identity: see `limits`
    work: dict[str, int] = field(default_factory=dict)  # what was done so far: see `limits` and `secrets`
    steps: Mapping[str, ast.Step] = field(default_factory=dict)
    placed: dict[str, str] = field(default_factory=dict)  # the steps of tasks by their plain names, once someone looked for one: see `missing`
    kept: frozenset[str] = frozenset()
    used: set[str] = field(default_factory=set)  # the params and keys that something names


@dataclass(frozen=True, slots=True)
class Nest:
    """The loops around a place: their variables, outermost first, and what these are in each turn.

    `fors` are the loops themselves. Turns that a condition over constants leaves out are not among `rows`. The variables in `open` are known only to
    a run: they have one value in all turns of the loops around, which is their placeholder, or for a map those of its members.
    """

    variables: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    fors: tuple[ast.For, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ((),)
    open: frozenset[str] = frozenset()
    seen: dict[tuple[str, ...], Span | None] = field(default_factory=dict, compare=False)  # members asked for before


@dataclass(frozen=True, slots=True)
class Env:
    """Where an expression stands.

    `nest` and `provided` are the variables in sight (the latter what a task around fills in, and whether something within it can be named). `late`
    says what the value is for where it may hold nothing that only a task stores ("a label"). `field_of` answers for the fields of a declaring task
    type (ABSENT: it has none of that name), `elsewhere` for what the step's tasks store and say; each None where there is none. `lenient`: an unknown
    name in a string stays a placeholder. `given` are conditions that hold wherever this is evaluated.
    """

    names: Globals
    report: Report
    nest: Nest = Nest()
    provided: Mapping[str, bool] = field(default_factory=dict)
    late: str = ""
    field_of: "Callable[[str, Span], Folded] | None" = None
    elsewhere: "Callable[[ast.RefExpr, Env, bool], Folded] | None" = None
    lenient: Literal["", "warn", "silent"] = ""
    field_names: Iterable[str] = ()
    given: tuple[Condition, ...] = ()


class Open(str):
    """The placeholder of a value of which nothing is known: it may be of any kind, and hold anything."""

    __slots__ = ()


def member(value: Value, path: Iterable[str]) -> Value | Literal[Poison.POISON]:
    """What stands at a path within a value, POISON where nothing does."""
    for part in path:
        if isinstance(value, Open):
            value = Open(f"{value[:-1]}.{part}}}")
            continue
        if not isinstance(value, Mapping) or part not in value:
            return POISON
        value = value[part]
    return value

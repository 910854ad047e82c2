"""Say that a task type has no field of a name, and what was probably meant. In: the name, the type, the field it is nearest to. Reports: OT204."""

from collections.abc import Sequence

from otterdsl.compiler.analysis.report import Report, did_you_mean, listed, rename, shown
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.source.diagnostic import Fix, Label
from otterdsl.compiler.source.nearest import Near
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax.foreign_words import LOOPS, WAITS, WAITS_HELP


def report_unknown(
    name: str, span: Span, kind: TaskType, near: str | None, at: Span, report: Report, as_requires: Sequence[Fix], *, takes_tasks: bool
) -> None:
    """Reports OT204 at `span`, the name; `at` is where the task says its type. A list of names may have been a `requires` (`as_requires`).

    A field that takes tasks is no sure mend of one that is given a value, nor the other way round.
    """
    fixes = rename(span, near if near is None or kind.fields[near].type.holds_specs is takes_tasks else Near(near, certain=False))
    if name == "name":
        mend = "the name is the label: `" + kind.name + ' "…" { }`'
    elif name in LOOPS and not near:
        mend = "a loop stands around what it makes: `for each in LIST { … }`"
    elif name in WAITS and not near:
        mend, fixes = WAITS_HELP, tuple(as_requires)
    else:
        mend = did_you_mean(near) or (f"its fields are {listed(kind.fields)}" if kind.fields else "it has no fields of its own")
    message = f"unknown field `{shown(name)}` for task type `{kind.name}`"
    report.add("OT204", span, message, label=f"not a field of `{kind.name}`", mend=mend, related=(Label(at, kind.where),), fixes=fixes)

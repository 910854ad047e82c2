"""What is said of task types that a conversion declares since nothing describes them: each may be a misspelled one.

In: a module, the declarations made for it, the types that are known. Out: warnings, each at the first use of a type. What is absent: declarations.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from otterdsl.compiler.analysis.keys import task_uses
from otterdsl.compiler.analysis.report import listed, shown
from otterdsl.compiler.source.diagnostic import Diagnostic, Severity
from otterdsl.compiler.source.nearest import nearest
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.convert.words import DECLARE

_MOST: Final = 5  # types that one line names


def undeclared(module: ast.Module, made: Iterable[ast.ExternTask], known: Collection[str]) -> tuple[Diagnostic, ...]:
    """Warnings for the types of `made`: one for each that is called nearly as a known one, and one for all others together. Reports: OT201."""
    first = _first_uses(module)
    names = sorted((each.name.text for each in made), key=lambda name: first[name].start)
    near = {name: nearest(name, known) for name in names}
    found = [_warning([name], first[name], f"did you mean `{word}`?") for name, word in near.items() if word is not None]
    others = [name for name, word in near.items() if word is None]
    if others:
        found.append(_warning(others, first[others[0]], DECLARE))
    return tuple(found)


def _first_uses(module: ast.Module) -> dict[str, Span]:
    """Where each type is named first."""
    found: dict[str, Span] = {}
    for step in module.declarations:
        for use in task_uses(step.block) if isinstance(step, ast.Step) else ():
            at = found.get(use.type.text)
            if at is None or use.type.span.start < at.start:
                found[use.type.text] = use.type.span
    return found


def _warning(names: Sequence[str], span: Span, mend: str) -> Diagnostic:
    if len(names) == 1:
        what = f"`{shown(names[0])}` is no task type that is known"
    elif len(names) <= _MOST:
        what = f"{listed(names)} are no task types that are known"
    else:
        what = f"{', '.join(f'`{shown(name)}`' for name in names[:_MOST])} and {len(names) - _MOST} more are no task types that are known"
    # An error where a pipeline is checked; here it is declared, and so the pipeline is right.
    return Diagnostic("OT201", Severity.WARNING, f"{what}: declared with the fields seen", span, "named here first", mend)

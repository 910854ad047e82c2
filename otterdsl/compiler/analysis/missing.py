"""Say that there is no task of a name, and which one was probably meant.

In: what `find` missed, and where. Out: a diagnostic, none where something that was reported may have made the task. Reports: OT203. What is absent:
the search itself.
"""

import re
from collections.abc import Iterable, Iterator

from otterdsl.compiler.analysis.declarations import label_text
from otterdsl.compiler.analysis.index import Family
from otterdsl.compiler.analysis.keys import task_uses
from otterdsl.compiler.analysis.report import Report, did_you_mean, shown, sureness
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.analysis.targets import Missing, pieces
from otterdsl.compiler.analysis.turns import turn_text
from otterdsl.compiler.source.diagnostic import Edit, Fix
from otterdsl.compiler.source.nearest import Near
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast


def report_missing(
    missing: Missing, span: Span, site: Site, family: Family, target: ast.RefExpr | ast.StringExpr, steps: Iterable[str] = (), own: bool = False
) -> None:
    """Reports OT203 at `span`, which holds the name alone. `own`: the step's own block says so, where `steps` may be named too."""
    report = site.around.env.report
    families = list(_outward(family))
    kind, _, label = missing.name.partition(" ")
    if any(kind in each.blurred or missing.name in each.lost for each in families):
        return
    if any(f"{other} {label}" in each.by_name for each in families for other in each.untyped):
        return  # its type was misspelled where it stands, which is said there
    if missing.name in steps:
        message = f"`{shown(missing.name)}` is a step, and a step comes after a step"
        report.add("OT203", span, message, label="not a task or group", mend="write this `requires` right below `step … {`")
        return
    place = _other_step(missing.name, site) if label else ""
    place = place or (_in_open_loop(missing.name, families) if label else "")
    near = None
    if not place:
        near = _meant_task(kind, label, families, report) if label else _meant_bare(kind, families, steps if own else (), report)
    written = near if near is None or isinstance(target, ast.StringExpr) else _reference(near)
    plain = isinstance(target, ast.RefExpr) and written is not None and (written != near or written.isidentifier())
    # What a turn lacks is not mended by a name that is the same in all of them.
    sure = sureness(near) if near and missing.row is None else "unsafe"
    fixes = (Fix(f"write `{written}`", (Edit(span, written),), sure),) if plain and written else ()
    turn = ""
    if missing.row is not None:
        turn = f" (where {turn_text(site.nest.variables, site.nest.rows[missing.row])})"
    what = "task" if label else "step, task or group" if own else "task or group"
    message = f"no {what} `{shown(missing.name)}` in step `{shown(family.step)}`{turn}"
    if own and not label:
        message = f"no {what} `{shown(missing.name)}`"
    report.add("OT203", span, message, label="nothing here is called so", mend=place or did_you_mean(written), fixes=fixes)


def _other_step(name: str, site: Site) -> str:
    """What to say of a task that another step has."""
    names = site.around.env.names
    if not names.placed:
        for step, declared in names.steps.items():
            for use in task_uses(declared.block, within_tasks=False):
                if own := label_text(use.label):
                    names.placed.setdefault(f"{use.type.text} {own}", step)
    place = names.placed.get(name)
    if place is None or place.startswith("\0"):
        return ""
    return f"`{shown(name)}` is in step `{shown(place)}`; a reference sees its own step, and `requires` in a step's block waits for another"


def _in_open_loop(name: str, families: list[Family]) -> str:
    """What to say of a task that may be one of a loop whose turns only a run knows."""
    for family in families:
        for site in family.sites:
            if site.name is None or not site.nest.open or site.use.type.text != name.partition(" ")[0]:
                continue
            pattern = "(.+)".join(re.escape(each) for each in pieces(site.name)[::2])
            if re.fullmatch(pattern, name, re.DOTALL):
                groups = site.around.groups
                if groups:
                    return f"only a run knows the tasks of this loop: require all of them, `{shown(groups[-1])}`"
                return "only a run knows the tasks of this loop: give it a label with `as`, and require that"
    return ""


def _outward(family: Family) -> Iterator[Family]:
    at: Family | None = family
    while at is not None:
        yield at
        at = at.outer


def _meant_task(kind: str, label: str, families: list[Family], report: Report) -> Near | None:
    """The task of that type with the nearest label, else one of another type with this label."""
    own, others = f"{kind} ", f" {label}"
    names = [each.by_name for each in families]
    near = report.suggestion(label, (name[len(own) :] for each in names for name in each if name.startswith(own)))
    if near is not None:
        return Near(own + near, near.certain)
    other = report.first(name for each in names for name in each if name.endswith(others) and name.partition(" ")[2] == label)
    return Near(other, certain=False) if other else None


def _meant_bare(word: str, families: list[Family], steps: Iterable[str], report: Report) -> Near | None:
    """The group, step or task without a label that is called nearly so, else a task with this label."""
    near = report.suggestion(word, [*(name for each in families for name in each.groups), *steps])
    if near is not None:
        return near
    labelled = f" {word}"
    return report.first(name for each in families for name in each.by_name if name.endswith(labelled) and name.partition(" ")[2] == word)


def _reference(name: str) -> str:
    """A name as a reference writes it: `copy.mondo`, `copy.'x y'`; as it is where that has no plain form."""
    kind, _, label = name.partition(" ")
    if not label or set(label) & set("$'\n"):
        return name
    return f"{kind}.{label}" if label.isascii() and label.isidentifier() else f"{kind}.'{label}'"

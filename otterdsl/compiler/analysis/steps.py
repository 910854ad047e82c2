"""Resolve the steps: what each requires, and its tasks.

In: declarations, what all files share, schemas. Out: `ResolvedStep`s, and what pydantic is to be asked. Reports: unknown steps, cycles. What is
absent: what a task may say (see `tasks`).
"""

from collections.abc import Mapping
from dataclasses import replace

from otterdsl.compiler.analysis.accesses import StepTasks
from otterdsl.compiler.analysis.data_edges import with_data_edges
from otterdsl.compiler.analysis.dataflow import data_waits
from otterdsl.compiler.analysis.declarations import Declarations, label_text
from otterdsl.compiler.analysis.fields import Fields, Wait
from otterdsl.compiler.analysis.index import Family, Turn, build_family
from otterdsl.compiler.analysis.inputs import Origins
from otterdsl.compiler.analysis.order import check_steps, check_tasks
from otterdsl.compiler.analysis.program import ResolvedStep, ResolvedTask
from otterdsl.compiler.analysis.references import answer
from otterdsl.compiler.analysis.report import Report, did_you_mean, rename, shown
from otterdsl.compiler.analysis.schemas import Schemas
from otterdsl.compiler.analysis.scope import Env, Folded, Globals
from otterdsl.compiler.analysis.structure import Around, Group, Site, walk
from otterdsl.compiler.analysis.tasks import Resolving, adopt, resolve_family
from otterdsl.compiler.analysis.value_checks import Asked
from otterdsl.compiler.analysis.writes import StepWrites, check_across, check_writes
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast


def resolve_steps(
    declarations: Declarations, names: Globals, schemas: Schemas, origins: Origins, report: Report
) -> tuple[tuple[ResolvedStep, ...], list[Asked]]:
    """The steps in the order of the source, and the requests for pydantic.

    Reports: OT203, OT401, OT402, OT406 to OT409, and all that is wrong with tasks.
    """
    steps: list[ResolvedStep] = []
    asked: list[Asked] = []
    written: list[StepWrites] = []
    requires: dict[str, dict[str, Span]] = {}
    for name, step in declarations.steps.items():
        requires[name], rest = _steps_before(step, declarations)
        tasks, requests, writes = _resolve_step(
            label_text(step.name) or "…", replace(step.block, items=rest), declarations, names, schemas, origins, report
        )
        asked += requests
        written.append(writes)
        steps.append(ResolvedStep(name, tuple(requires[name]), tasks, step.doc, step.span))
    check_steps(requires, report)
    check_across(written, report)
    return tuple(steps), asked


def _steps_before(step: ast.Step, declarations: Declarations) -> tuple[dict[str, Span], tuple[ast.Requires | ast.Statement, ...]]:
    """The steps that a step requires, each with the first place that says so, and its block's items without those targets."""
    before: dict[str, Span] = {}
    rest: list[ast.Requires | ast.Statement] = []
    for item in step.block.items:
        if not isinstance(item, ast.Requires):
            rest.append(item)
            continue
        kept = []
        for target in item.targets:
            name = _bare(target)
            if name in declarations.steps and not name.startswith("\0"):
                before.setdefault(name, target.span)
            else:
                kept.append(target)
        if kept:
            rest.append(replace(item, targets=tuple(kept)))
    return before, tuple(rest)


def _bare(target: ast.RefExpr | ast.StringExpr) -> str:
    if isinstance(target, ast.RefExpr):
        return "" if target.tail else target.head.text
    return label_text(target) or ""


def _resolve_step(
    name: str,
    block: ast.Block,
    declarations: Declarations,
    names: Globals,
    schemas: Schemas,
    origins: Origins,
    report: Report,
) -> tuple[tuple[ResolvedTask, ...], list[Asked], StepWrites]:
    families: dict[Site, Family] = {}
    keys: dict[Family, Mapping[str, tuple[Turn, ...]]] = {}

    def respond(site: Site, waits: list[Wait], expr: ast.RefExpr, env: Env, inside: bool) -> Folded:
        family = families[site]
        return answer(site, family, _keys_in_sight(family, keys), fields.needed, waits, expr, env, inside)

    fields = Fields(respond, origins)
    groups: list[Group] = []
    sites = walk(block, Around(Env(names, report)), groups)
    family = build_family(name, sites, groups, report)
    own = frozenset(id(target) for item in block.items if isinstance(item, ast.Requires) for target in item.targets)
    to = Resolving(fields, schemas.base_fields, declarations.steps.keys(), own, report, families, keys)
    adopt(family, to)
    tasks = resolve_family(family, to)
    if not sites:
        _report_unknown(block, name, declarations, report)
    step = StepTasks(tuple(keys), fields, sources=to.sources)
    writes = check_writes(step, to.waits, report)
    data_waits(step, writes.written, writes.owners, to.waits)
    for each in step.families:
        check_tasks(each, to.waits, report)
    ordered = tasks if report.has_errors else with_data_edges(tasks, step, to.waits, report)
    return ordered, to.asked, writes


def _keys_in_sight(family: Family, keys: Mapping[Family, Mapping[str, tuple[Turn, ...]]]) -> Mapping[str, tuple[Turn, ...]]:
    """The keys that tasks of a family store, and those around it."""
    if family.outer is None:
        return keys[family]
    return {**_keys_in_sight(family.outer, keys), **keys[family]}


def _report_unknown(block: ast.Block, step: str, declarations: Declarations, report: Report) -> None:
    """Say what a step without tasks requires in vain: no task is there to ask."""
    for item in block.items:
        if isinstance(item, ast.Requires):
            for target in item.targets:
                name = _bare(target)
                near = report.suggestion(name, declarations.steps) if name else None
                message = f"no step, task or group `{shown(name)}`" if name else f"no such task in step `{shown(step)}`"
                fixes = rename(target.span, near) if isinstance(target, ast.RefExpr) else ()
                report.add("OT203", target.span, message, label="nothing is called so", mend=did_you_mean(near), fixes=fixes)

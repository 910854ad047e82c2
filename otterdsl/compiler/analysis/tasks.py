"""Resolve the tasks of a family: fields, edges, tasks within tasks.

In: a family, and the values of fields as asked for. Out: `ResolvedTask`s, the edges with what they lead to, and what pydantic is to be asked.
Reports: fields that are unknown, missing, repeated, set by the type or not supported yet. What is absent: what each value is (see `fields`), and how
its fit is asked for (see `field_requests`).
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from otterdsl.compiler.analysis.conditions import all_of
from otterdsl.compiler.analysis.field_requests import Given, requests_of
from otterdsl.compiler.analysis.fields import Fields, Wait
from otterdsl.compiler.analysis.index import Family, Turn, build_family
from otterdsl.compiler.analysis.keys import stored_keys
from otterdsl.compiler.analysis.loop_sources import SourceNumbers, source_of, texts_read
from otterdsl.compiler.analysis.program import Assignment, Edge, Loop, ResolvedTask, Subtasks
from otterdsl.compiler.analysis.references import require
from otterdsl.compiler.analysis.report import Report, listed, requires_instead, shown
from otterdsl.compiler.analysis.schemas import FieldSchema
from otterdsl.compiler.analysis.scope import POISON, Env, Folded
from otterdsl.compiler.analysis.secrets import is_secret
from otterdsl.compiler.analysis.structure import Around, Group, Site, walk
from otterdsl.compiler.analysis.task_types import TaskField, TaskType, key_text
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.analysis.unknown_fields import report_unknown
from otterdsl.compiler.analysis.value_checks import Asked
from otterdsl.compiler.source.diagnostic import Fix, Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import PLACEHOLDER, Value, placeholders


@dataclass(frozen=True, slots=True)
class Resolving:
    """What the tasks of a step share while they are resolved. Mutated: `asked`, `waits`, `families` and `keys` are added to.

    `sources` are the files that the loops around a task read. `own` are the ids of the targets in the step's own block, where steps may be named too.
    """

    fields: Fields
    base_fields: Mapping[str, FieldSchema]
    steps: Set[str]
    own: Set[int]
    report: Report
    families: dict[Site, Family]
    keys: dict[Family, Mapping[str, tuple[Turn, ...]]]
    asked: list[Asked] = field(default_factory=list)
    waits: dict[Site, list[Wait]] = field(default_factory=dict)
    blocks: dict[int, Wait] = field(default_factory=dict)
    numbers: SourceNumbers = field(default_factory=SourceNumbers)
    sources: dict[Site, list[tuple[str, ast.For]]] = field(default_factory=dict)


def resolve_family(family: Family, to: Resolving) -> tuple[ResolvedTask, ...]:
    """The tasks of a family, in the order of the text, without those that a constant condition leaves out. Mutates: `to`."""
    resolved = [_resolve(site, family, to) for site in family.sites]
    return tuple(task for task, site in zip(resolved, family.sites, strict=True) if not site.around.dead)


def _resolve(site: Site, family: Family, to: Resolving) -> ResolvedTask:
    waits: list[Wait] = []
    for block in site.around.requires:
        waits += _required(block, site, family, to)
    loops = _loops(site, waits, to) if site.around.opened else site.around.loops
    given: Given = {}
    assignments: list[Assignment | Subtasks] = []
    first: dict[str, Span] = {}
    for item in site.use.body:
        match item:
            case ast.Attribute():
                name = key_text(item.key)
                if _repeated(name, item.key.span, first, to.report) or not _settable(item, name, site, to):
                    continue
                found = to.fields.result(site, name)
                waits += found.waits
                if found.value is not POISON:
                    assignments.append(Assignment(name, found.value, item.value.span))
                    given[name] = (found.value, item.value)
            case ast.Requires():
                waits += _required(item, site, family, to)
            case ast.TaskList():
                if not _repeated(item.name.text, item.name.span, first, to.report):
                    tasks = _subtasks(item, site, family, waits, to)
                    if tasks is not None:
                        assignments.append(tasks)
    if site.type is not None:
        _inherit(site, site.type, first, given, assignments, waits, to)
        _missing(site, site.type, first, to)
        _refuse_taken_keys(site, site.type, given, to.report)
        if not site.type.broken:
            inner = [each for each in assignments if isinstance(each, Subtasks)]
            to.asked.extend(requests_of(site, site.type, given, inner, to.base_fields, to.fields.ignores_missing(site)))
    to.waits[site] = waits
    return ResolvedTask(
        site.title,
        site.use.type.text,
        tuple(assignments),
        _edges(waits, site),
        loops,
        all_of(list(site.around.when)) if site.around.when else None,
        site.around.groups,
        site.use.doc,
        site.use.span,
        site.use.label.span,
    )


def _loops(site: Site, waits: list[Wait], to: Resolving) -> tuple[Loop, ...]:
    """The loops around a task, those that only a run can spread with their texts. Mutates: `waits`, and `to` gets what a loop reads."""
    loops = list(site.around.loops)

    def evaluate(expr: ast.Expr, env: Env) -> Folded:
        found = to.fields.asked(site, expr, env)
        waits.extend(found.waits)
        return found.value

    for position, loop, env in site.around.opened:
        source = source_of(loop, env, evaluate, to.numbers, to.asked)
        if source is POISON:
            continue
        loops[position] = Loop(loops[position].variable, source)
        path = texts_read(source)
        if path is not None:
            to.sources.setdefault(site, []).append((path, loop))
    return tuple(loops)


def _required(block: ast.Requires, site: Site, family: Family, to: Resolving) -> list[Wait]:
    found = []
    for target in block.targets:
        known = to.blocks.get(id(target))
        if known is None:
            wait = require(target, site, family, to.steps, id(target) in to.own)
            if wait is POISON:
                continue
            known = wait
            if not site.nest.variables:
                to.blocks[id(target)] = known
        found.append(known)
    return found


def _edges(waits: list[Wait], site: Site) -> tuple[Edge, ...]:
    """The edges, each target once, `requires` before other reasons, without those to tasks that a constant condition leaves out."""
    if not waits:
        return ()
    edges: dict[str, Edge] = {}
    for wait in waits:
        if not wait.inner and not all(target.around.dead for target in wait.sites):
            known = edges.setdefault(wait.edge.target, wait.edge)
            if wait.edge.reason == "requires" != known.reason:
                edges[known.target] = wait.edge
    return tuple(edges.values())


# ---------------------------------------------------------------- which fields


def _repeated(name: str, span: Span, first: dict[str, Span], report: Report) -> bool:
    """Whether a field was given before. Mutates: `first`."""
    if name in first:
        related = (Label(first[name], "first given here"),)
        report.add("OT206", span, f"field `{shown(name)}` is given twice", label="given again here", related=related)
        return True
    first[name] = span
    return False


def _settable(item: ast.Attribute, name: str, site: Site, to: Resolving) -> bool:
    """Whether a task may give this field a value here."""
    kind = site.type
    span = item.key.span
    if not name:
        to.report.add("OT212", span, "the name of a field is plain text", label="not a plain name")
        return False
    if kind is None:
        return True
    declared = kind.fields.get(name)
    if name == "requires" and declared is None:
        message, fixes = "`requires` is written without `=`", requires_instead(item)
        to.report.add("OT204", span, message, label="not a field", mend="write `requires [...]`", fixes=fixes)
        return False
    if name in kind.locked:
        assigned = next((each for each in kind.assignments if key_text(each.key) == name), None)
        related = (Label(assigned.key.span, "it is set here"),) if assigned else ()
        message = f"field `{name}` is set by task type `{kind.name}` itself"
        to.report.add("OT208", span, message, label="cannot be set here", mend="leave it out", related=related)
        return False
    if declared is not None and declared.type.holds_specs:
        message = f"field `{name}` of `{kind.name}` takes tasks, not a value"
        to.report.add("OT301", item.value.span, message, label="not tasks", mend=f"write `{name} {{ … }}`")
        return False
    if declared is None and name not in to.base_fields and not kind.open and not kind.broken and not kind.undeclarable(name):
        _unknown(name, span, kind, site, to, requires_instead(item))
    return True


def _unknown(name: str, span: Span, kind: TaskType, site: Site, to: Resolving, as_requires: Sequence[Fix] = (), takes_tasks: bool = False) -> None:
    report_unknown(name, span, kind, _meant(name, kind, site, to), site.use.type.span, to.report, as_requires, takes_tasks=takes_tasks)


def _meant(name: str, kind: TaskType, site: Site, to: Resolving) -> str | None:
    """The field that an unknown one was probably meant to be: one that the task does not give besides."""
    given = to.fields.attributes(site)
    return to.report.suggestion(name, [field for field in kind.fields if field not in given])


def _missing(site: Site, kind: TaskType, first: Mapping[str, Span], to: Resolving) -> None:
    if kind.broken:
        return
    assigned = {key_text(each.key) for each in kind.assignments} if kind.assignments else ()
    absent = [name for name, each in kind.fields.items() if each.required and name not in first and name not in assigned]
    if absent and (unknown := [name for name in first if name not in kind.fields and name not in to.base_fields]):
        misspelled = {_meant(name, kind, site, to) for name in unknown}
        absent = [name for name in absent if name not in misspelled]
    if not absent:
        return
    what = f"field {listed(absent)}" if len(absent) == 1 else f"fields {listed(absent)}"
    label = "is missing here" if len(absent) == 1 else "are missing here"
    related = (Label(site.use.type.span, kind.where),)
    to.report.add("OT205", site.use.label.span, f"{what} of `{kind.name}` must be given", label=f"{listed(absent)} {label}", related=related)


def _inherit(
    site: Site,
    kind: TaskType,
    first: Mapping[str, Span],
    given: Given,
    assignments: list[Assignment | Subtasks],
    waits: list[Wait],
    to: Resolving,
) -> None:
    """Mutates: what the type assigns, and its defaults that a run fills in, follow what the task itself gives."""
    for assigned in kind.assignments:
        name = key_text(assigned.key)
        if name in first:
            continue
        found = to.fields.result(site, name)
        waits += found.waits
        if found.value is not POISON:
            assignments.append(Assignment(name, found.value, assigned.value.span))
            given[name] = (found.value, assigned.value)
    for each in kind.fields.values() if kind.declared else ():
        if each.default is None or each.name in first or each.name in given:
            continue
        value = to.fields.result(site, each.name).value
        if value is not POISON and any(placeholders(value)):
            assignments.append(Assignment(each.name, value, each.default.span))


def _refuse_taken_keys(site: Site, kind: TaskType, given: Given, report: Report) -> None:
    """Report the keys that a task would store over a param or constant."""
    names = site.around.env.names
    for name in kind.keys:
        value, expr = given.get(name, (None, None))
        if expr is None or not isinstance(value, str):
            continue
        if is_secret(value):
            message = f"key `{value}` is what a secret goes by"
            report.add("OT207", expr.span, message, label="a task cannot store it", mend="store another key")
            continue
        taken = names.constant_entries.get(value)
        if taken is not None or value in names.params:
            what = "scratchpad key" if taken is not None else "param"
            related = (Label(taken.key.span, "declared here"),) if taken is not None else ()
            message = f"key `{shown(value)}` is a {what} already"
            report.add("OT207", expr.span, message, label="a task cannot store it", mend="store another key", related=related)


# ---------------------------------------------------------------- tasks within tasks


def _subtasks(item: ast.TaskList, site: Site, family: Family, waits: list[Wait], to: Resolving) -> Subtasks | None:
    """The tasks of a `list[Spec]` field. Mutates: what they wait for outside, their task waits for too, as far as cycles go."""
    kind = site.type
    declared = kind.fields.get(item.name.text) if kind else None
    if kind is not None and not kind.open and not kind.broken:
        if declared is None:
            _unknown(item.name.text, item.name.span, kind, site, to, takes_tasks=True)
        elif not declared.type.holds_specs:
            message = f"field `{declared.name}` of `{kind.name}` takes a value of type `{declared.type}`, not tasks"
            to.report.add("OT301", item.name.span, message, label="tasks cannot stand here", mend=f"write `{declared.name} = …`")
    groups: list[Group] = []
    fills = _filled_in(declared, site, to)
    sites = walk(item.block, _within(item, fills, site, to), groups)
    if all(value is not None for value, _ in fills):
        _vary(item, [value for value, _ in fills if value], sites, site, to)
    inner = build_family(family.step, sites, groups, to.report, family, site)
    adopt(inner, to)
    tasks = resolve_family(inner, to)
    for each in sites:
        waits += (replace(wait, inner=True) for wait in to.waits[each] if wait.outside)
    return Subtasks(item.name.text, tasks)


def adopt(family: Family, to: Resolving) -> None:
    """Mutates: the family's tasks can be asked for their fields, and be referred to by the keys that they store."""
    to.families.update(dict.fromkeys(family.sites, family))
    to.keys[family] = stored_keys(family, to.fields)


def _filled_in(declared: TaskField | None, site: Site, to: Resolving) -> list[tuple[str | None, bool]]:
    """The placeholders that a task fills in for those of a field, and whether something within each can be named; None for one not known."""
    fills: list[tuple[str | None, bool]] = []
    for written in (declared.provides or ()) if declared else ():
        found = PLACEHOLDER.fullmatch(written)
        value: Folded = to.fields.result(site, found.group(1)).value if found and found.group(1) else written
        fills.append((value if isinstance(value, str) and "{" not in value else None, found is not None))
    return fills


def _vary(item: ast.TaskList, fills: list[str], sites: list[Site], owner: Site, to: Resolving) -> None:
    """Reports: OT211, for a task that its owner makes again and again under one name. One that is made for a single item is made once."""
    items = to.fields.result(owner, "foreach").value if fills and owner.type and "foreach" in owner.type.fields else None
    if not fills or (isinstance(items, tuple) and len(items) < 2) or items is POISON:
        return
    for site in sites:
        nest = site.nest
        if site.name is None or site.around.dead or _holds_any(site.name, fills):
            continue
        names = (filled(site.name, row_lookup(nest.variables, row)) for row in nest.rows)
        if all(_holds_any(name, fills) for name in names):
            continue
        message = f"the name of `{shown(site.title)}` is the same each time that `{shown(owner.title)}` makes it"
        related = (Label(item.name.span, f"these tasks are made again for each `${{{fills[0]}}}`"),)
        mend = f'put what `{owner.use.type.text}` fills in into the label: `"… ${{{fills[0]}}}"`'
        to.report.add("OT211", site.use.label.span, message, label="does not vary with what is filled in", mend=mend, related=related)


def _holds_any(name: Value, fills: list[str]) -> bool:
    return any(each in fills or each.partition(".")[0] in fills for each in placeholders(name))


def _within(item: ast.TaskList, fills: list[tuple[str | None, bool]], site: Site, to: Resolving) -> Around:
    """What stands around the tasks of a field: the loops of its task, and the placeholders that this fills in."""
    env = site.around.env
    provided = dict(env.provided)
    lenient = "silent" if to.fields.ignores_missing(site) else env.lenient
    if not fills:
        lenient = lenient or "warn"
    for value, whole in fills:
        if value is None:
            lenient = lenient or "warn"
            continue
        provided[value] = whole
        if value in env.nest.variables:
            message = f"`{site.use.type.text}` fills in `{shown(value)}` in its tasks, and so does the loop around it"
            related = (Label(env.nest.spans[env.nest.variables.index(value)], "the loop's variable"),)
            mend = "give the loop's variable another name"
            to.report.add("OT207", item.name.span, message, label="two values for one name", mend=mend, related=related)
    inner = replace(env, provided=provided, lenient=lenient)
    return Around(inner, guards=site.around.guards, dead=site.around.dead, known=site.around.known, inner=True)

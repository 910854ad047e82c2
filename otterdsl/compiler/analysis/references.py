"""References to tasks: what they store, what they say, and that they come first.

In: a reference or a target of `requires`, and the task that it stands in. Out: a value or an edge. Reports: unknown tasks, groups and fields, what is
known too late, names that no placeholder can carry. What is absent: how a name is looked up turn by turn (see `targets`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Literal

from otterdsl.compiler.analysis.fields import Wait
from otterdsl.compiler.analysis.folding import fold, ref_path, unknown
from otterdsl.compiler.analysis.index import Family, Turn
from otterdsl.compiler.analysis.made import late_tasks, may_be_stored
from otterdsl.compiler.analysis.missing import report_missing
from otterdsl.compiler.analysis.program import Edge
from otterdsl.compiler.analysis.report import did_you_mean, rename, shown
from otterdsl.compiler.analysis.scope import ABSENT, POISON, Env, Folded, Poison, member
from otterdsl.compiler.analysis.structure import Site, refuse_late
from otterdsl.compiler.analysis.targets import Found, Missing, carried, find
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import Value, escape, placeholder, to_text

ValueOf = Callable[[Site, str], Folded]


def answer(
    site: Site, family: Family, keys: Mapping[str, tuple[Turn, ...]], value_of: ValueOf, waits: list[Wait], expr: ast.RefExpr, env: Env, inside: bool
) -> Folded:
    """What a reference that is no variable, field, param or constant stands for. Mutates: `waits` gets the edges. Reports: OT202, OT203, OT501, …"""
    path = ref_path(expr)
    name = ".".join(path) if path else ""
    if name in keys:
        return _stored_key(name, keys[name], site, family, waits, expr, env)
    head = expr.head.text
    if expr.tail and (head in env.names.types or _untyped(head, family)):
        return _task(site, family, value_of, waits, expr, env)
    if inside and path and not set(name) & set("{}\n") and may_be_stored(name, family, env):
        return placeholder(name)
    return unknown(expr, env, inside)


def _untyped(head: str, family: Family) -> bool:
    """Whether a name is an unknown task type that was reported where a task of it stands."""
    at: Family | None = family
    while at is not None:
        if head in at.untyped:
            return True
        at = at.outer
    return False


def _stored_key(name: str, turns: tuple[Turn, ...], site: Site, family: Family, waits: list[Wait], expr: ast.RefExpr, env: Env) -> Folded:
    for turn in turns:
        if not _stands(turn.site, site, expr.span, f"`{shown(name)}` is stored by `{shown(turn.site.title)}`, which", env):
            return POISON
    for turn in turns:
        target = _turn_name(turn, family)
        if target is not None:
            outside = turn.site not in family.members
            waits.append(Wait(Edge(target, "reference", expr.span), (turn.site,), outside=outside))
    return placeholder(name)


def _turn_name(turn: Turn, family: Family) -> str | None:
    if turn.site.name is None:
        return None
    nest = turn.site.nest
    return to_text(filled(turn.site.name, row_lookup(nest.variables, nest.rows[turn.row]))) if nest.variables else turn.site.name


def _stands(target: Site, site: Site, span: Span, what: str, env: Env) -> bool:
    """Whether a task is there whenever `site` is. Reports: OT307, where an `if` may leave it out."""
    guards = target.around.guards
    if guards == site.around.guards[: len(guards)] and (not target.around.dead or site.around.dead):
        return True
    how = "is left out by its `if`" if target.around.dead else "may be left out: it stands under an `if`"
    related = (Label(target.use.label.span, "stands under an `if`"),)
    env.report.add("OT307", span, f"{what} {how}", label="needed here in any case", mend="put both under the same `if`", related=related)
    return False


# ---------------------------------------------------------------- tasks in expressions


def _task(site: Site, family: Family, value_of: ValueOf, waits: list[Wait], expr: ast.RefExpr, env: Env) -> Folded:
    """What a task stores (`find_latest.atlas`), or a field of it (`copy.mondo.destination`)."""
    full = _full_name(expr, site, env)
    if full is None:
        return POISON
    found = find(full, site, family)
    if isinstance(found, Missing):
        report_missing(found, expr.head.span.to(expr.tail[0].span), site, family, expr)
        return POISON
    for target in found.sites:
        if not _stands(target, site, expr.span, f"`{shown(full)}`", env):
            return POISON
    wait = Wait(Edge(full, "reference", expr.span), found.sites, outside=found.outside)
    if any(target.type is None or target.type.broken for target in found.sites):
        waits.append(wait)
        return POISON
    if len(expr.tail) == 1:
        value = _stored(found, full, site, value_of, expr, env)
    else:
        value = _field(found, full, site, value_of, expr, env)
    waits.append(wait)
    return value


def _full_name(expr: ast.RefExpr, site: Site, env: Env) -> str | None:
    label = expr.tail[0]
    if isinstance(label, ast.Name):
        return f"{expr.head.text} {label.text}"
    if (plain := label.plain) is not None:
        return f"{expr.head.text} {escape(plain)}" if plain else expr.head.text
    late = replace(env, late="a label", elsewhere=refuse_late, lenient="")
    value = fold(label, late)
    if value is POISON:
        return None
    text = to_text(value)
    return f"{expr.head.text} {text}" if text else expr.head.text


def _stored(found: Found, full: str, site: Site, value_of: ValueOf, expr: ast.RefExpr, env: Env) -> Folded:
    """The placeholder of the key that a task stores, or of its full name where that is null."""
    types = [target.type for target in found.sites if target.type]
    without = next((each for each in types if not each.keys), None)
    if without is not None:
        message = f"task type `{without.name}` stores nothing that could be referred to"
        mend = f"name a field of the task: `{_written(expr)}.…`" if without.fields else ""
        related = (Label(found.sites[0].use.type.span, without.where),)
        env.report.add("OT215", expr.span, message, label="there is no value here", mend=mend, related=related)
        return POISON
    key = carried(found, full, site, lambda target: _key_of(target, value_of))
    if key is POISON:
        return POISON
    name = full if key == ABSENT else to_text(key)
    if key == ABSENT or set(name) & set("{}\n"):
        message = f"what `{shown(full)}` stores cannot be named: no placeholder can carry `{shown(name)}`"
        mend = f'give it a plain key: `{types[0].keys[0]} = "…"`'
        env.report.add("OT503", expr.span, message, label="it holds a placeholder itself" if "${" in name else "not a plain name", mend=mend)
        return POISON
    return placeholder(name)


def _key_of(target: Site, value_of: ValueOf) -> Folded:
    keys = target.type.keys if target.type else ()
    value = value_of(target, keys[0]) if keys else POISON
    if value is POISON or value is not None:
        return value
    return POISON if target.name is None else target.name


def _field(found: Found, full: str, site: Site, value_of: ValueOf, expr: ast.RefExpr, env: Env) -> Folded:
    label = expr.tail[1]
    name = label.text if isinstance(label, ast.Name) else label.plain
    if name is None:
        env.report.add("OT307", label.span, "the name of a field is plain text")
        return POISON
    for target in found.sites:
        if not _has_field(target, name, label.span, env):
            return POISON
    value = carried(found, full, site, lambda target: value_of(target, name))
    if value is POISON:
        return POISON
    if value == ABSENT:
        message = f"field `{name}` of `{shown(full)}` is another one in each turn, in no form that fits all"
        env.report.add("OT307", expr.span, message, label="differs from turn to turn", mend="give both loops the same items and labels")
        return POISON
    rest = [part.text if isinstance(part, ast.Name) else part.plain or "" for part in expr.tail[2:]]
    if not rest:
        return _outside_release(value, found.sites[0], name)
    within = member(value, rest)
    if within is POISON:
        env.report.add("OT202", expr.tail[2].span, f"field `{name}` of `{shown(full)}` has no `{shown('.'.join(rest))}`", label="not in its value")
    return within


def _outside_release(value: Value, target: Site, name: str) -> Value:
    """The value; an output without its `./`, which would make an input relative to the file that holds it."""
    field = target.type.fields.get(name) if target.type else None
    if field is None or not isinstance(value, str) or not field.type.roles & {"output", "into"}:
        return value
    while value.startswith("./"):
        value = value[2:].lstrip("/")
    return value


def _has_field(target: Site, name: str, span: Span, env: Env) -> bool:
    kind = target.type
    if kind is None or name in kind.fields or any(isinstance(item, ast.Attribute) and _key(item) == name for item in target.use.body):
        if kind is not None and name in kind.fields and kind.fields[name].type.holds_specs:
            env.report.add("OT307", span, f"field `{name}` of `{kind.name}` holds tasks, which are no value", label="not a value")
            return False
        return True
    near = env.report.suggestion(name, kind.fields)
    related = (Label(target.use.type.span, kind.where),)
    message = f"unknown field `{shown(name)}` for task type `{kind.name}`"
    fixes = rename(span, near)
    env.report.add("OT204", span, message, label=f"not a field of `{kind.name}`", mend=did_you_mean(near), related=related, fixes=fixes)
    return False


def _key(item: ast.Attribute) -> str | None:
    return item.key.text if isinstance(item.key, ast.Name) else item.key.plain


def _written(expr: ast.RefExpr) -> str:
    label = expr.tail[0]
    return f"{expr.head.text}.{label.text}" if isinstance(label, ast.Name) else f"{expr.head.text}.'{label.plain or '…'}'"


# ---------------------------------------------------------------- requires


def require(target: ast.RefExpr | ast.StringExpr, site: Site, family: Family, steps: Iterable[str], own: bool) -> Wait | Literal[Poison.POISON]:
    """The edge that a target of `requires` makes; `own`: of the one in the step's own block. Reports: OT203, OT307."""
    env = site.around.env
    if isinstance(target, ast.RefExpr) and len(target.tail) > 1:
        message = "`requires` names tasks, groups and steps, not their fields"
        mend = f"require the task: `{_written(target)}`"
        env.report.add("OT203", target.span, message, label="a field of a task", mend=mend)
        return POISON
    full = _target_name(target, site, env)
    if full is None:
        return POISON
    at: Family | None = family
    while at is not None:
        if full in at.groups:
            group = at.groups[full]
            members = tuple(each for each in at.sites[group.first : group.end])
            return Wait(Edge(escape(full), "requires", target.span), members, group, outside=at is not family)
        at = at.outer
    found = find(full, site, family)
    if isinstance(found, Missing):
        made = late_tasks(full, found, site, family)
        if isinstance(made, Missing):
            report_missing(made, target.span, site, family, target, steps, own)
            return POISON
        return Wait(Edge(full, "requires", target.span), made, outside=any(each not in family.members for each in made))
    return Wait(Edge(full, "requires", target.span), found.sites, outside=found.outside)


def _target_name(target: ast.RefExpr | ast.StringExpr, site: Site, env: Env) -> str | None:
    if isinstance(target, ast.RefExpr):
        return _full_name(target, site, env) if target.tail else target.head.text
    late = replace(env, late="a label", elsewhere=refuse_late, lenient="")
    value = fold(target, late)
    return None if value is POISON else to_text(value)

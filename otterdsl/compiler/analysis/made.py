"""Which tasks may make a task of some name while they run, or one that stores a key: those with tasks in a field, named only then.

In: a full name in placeholder form, or a key, and the family of the task that names it. Out: the sites of such tasks, or if there are any. What is
absent: whether one really makes it, which only a run shows.
"""

import re
from collections.abc import Mapping
from typing import Final

from otterdsl.compiler.analysis.index import Family
from otterdsl.compiler.analysis.keys import task_uses
from otterdsl.compiler.analysis.scope import Env
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.analysis.targets import Missing
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import PLACEHOLDER, placeholders, to_text

_ANY: Final = ".+"


def late_tasks(full: str, first: Missing, site: Site, family: Family) -> tuple[Site, ...] | Missing:
    """The tasks that may make those that `site` calls `full` and that are not there, `first` being the first; else the first that nothing makes."""
    if first.row is None:
        found = makers(first.name, family)
        return first if found is None else found
    sites: dict[Site, None] = {}
    for number, row in enumerate(site.nest.rows):
        name = to_text(filled(full, row_lookup(site.nest.variables, row)))
        if not _stands(name, family):
            found = makers(name, family)
            if found is None:
                return Missing(name, number)
            sites.update(dict.fromkeys(found))
    return tuple(sites)


def _stands(name: str, family: Family | None) -> bool:
    while family is not None:
        if name in family.by_name:
            return True
        family = family.outer
    return False


def makers(full: str, family: Family) -> tuple[Site, ...] | None:
    """The tasks that may make one called `full`, without those that the one which names it stands in. None where there are none at all."""
    found: list[Site] = []
    at: Family | None = family
    while at is not None:
        found += (site for site in at.sites if _may_make(site.use, full))
        at = at.outer
    owners = _owners(family)
    return tuple(site for site in found if site not in owners) if found else None


def may_be_stored(key: str, family: Family, env: Env) -> bool:
    """Whether a task that another makes may store something by this name: any text may stand where the name that it gives has a placeholder."""
    at: Family | None = family
    while at is not None:
        for site in at.sites:
            for item in site.use.body:
                if isinstance(item, ast.TaskList) and any(_stores(each, key, env) for each in task_uses(item.block)):
                    return True
        at = at.outer
    return False


def _stores(use: ast.TaskUse, key: str, env: Env) -> bool:
    kind = env.names.types.get(use.type.text)
    for item in use.body if kind is not None and kind.keys else ():
        if isinstance(item, ast.Attribute) and isinstance(item.key, ast.Name) and kind is not None and item.key.text in kind.keys:
            given = item.value
            if isinstance(given, ast.StringExpr) and any(isinstance(part, str) for part in given.parts) and given.plain is None:
                return re.fullmatch(_pattern(given, {}), key, re.DOTALL) is not None
    return False


def _owners(family: Family) -> list[Site]:
    owners = []
    at: Family | None = family
    while at is not None and at.owner is not None:
        owners.append(at.owner)
        at = at.outer
    return owners


def _may_make(use: ast.TaskUse, full: str) -> bool:
    """Whether a task within one may be called so: any text may stand where either name has a placeholder, of a written out list only its items."""
    kind, _, label = full.partition(" ")
    inner = [each for item in use.body if isinstance(item, ast.TaskList) for each in task_uses(item.block) if each.type.text == kind]
    if not inner:
        return False
    items = _items(use) if not any(placeholders(label)) else {}
    sample = PLACEHOLDER.sub("x", label)
    return any(
        re.fullmatch(_pattern(each.label, items), sample, re.DOTALL)
        for each in inner
        if isinstance(each.label, ast.StringExpr) and each.label.plain is None
    )


def _pattern(label: ast.StringExpr, items: Mapping[str, str]) -> str:
    parts = []
    for part in label.parts:
        if isinstance(part, str):
            parts.append(re.escape(part))
        else:
            parts.append(items.get(part.expr.head.text, _ANY) if isinstance(part.expr, ast.RefExpr) and not part.expr.tail else _ANY)
    return "".join(parts)


def _items(use: ast.TaskUse) -> dict[str, str]:
    """What an explode's placeholder can be, as a pattern, where its items are written out."""
    given = {item.key.text: item.value for item in use.body if isinstance(item, ast.Attribute) and isinstance(item.key, ast.Name)}
    foreach, name = given.get("foreach"), given.get("each_placeholder")
    if use.type.text != "explode" or not isinstance(foreach, ast.ListExpr):
        return {}
    texts = [item.plain if isinstance(item, ast.StringExpr) else None for item in foreach.items]
    variable = "each" if name is None else name.plain if isinstance(name, ast.StringExpr) else None
    if variable is None or None in texts:
        return {}
    return {variable: f"(?:{'|'.join(re.escape(text) for text in texts if text is not None)})"}

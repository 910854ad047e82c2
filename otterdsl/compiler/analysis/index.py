"""What the tasks of a family are called, turn by turn: the names that references and `requires` find them by.

In: the sites of a family. Out: a `Family` with its names, groups and stored keys. Reports: names that collide, labels that do not vary
with their loop. What is absent: who refers to whom.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from otterdsl.compiler.analysis.loops import TURNS
from otterdsl.compiler.analysis.report import Report, shown
from otterdsl.compiler.analysis.structure import Group, Site
from otterdsl.compiler.analysis.turns import filled, row_lookup, turn_text
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.values.value import placeholders, to_text


@dataclass(frozen=True, slots=True)
class Turn:
    """A task in one turn of its loops: the site, and the row of its nest."""

    site: Site
    row: int


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """The tasks of a step, or those within a `list[Spec]` field of one.

    `by_name` has each task of each turn by its full name, `templates` those in loops by their name in placeholder form. `blurred` are the task types
    of which some task's name could not be found out, `untyped` task types that do not exist, `lost` labels of groups that were refused. `outer` is
    the step's family for the tasks within the field of `owner`; None for a step's.
    """

    step: str
    sites: tuple[Site, ...]
    by_name: Mapping[str, Turn]
    groups: Mapping[str, Group]
    blurred: frozenset[str]
    templates: Mapping[str, Site]
    members: frozenset[Site]
    untyped: frozenset[str]
    lost: frozenset[str]
    outer: "Family | None" = None
    owner: Site | None = None


def build_family(step: str, sites: list[Site], groups: list[Group], report: Report, outer: Family | None = None, owner: Site | None = None) -> Family:
    """The family of some sites. Reports: OT207, OT211, and OT008 for too many turns."""
    by_name: dict[str, Turn] = {}
    blurred: set[str] = set()
    turns = 0
    for site in sorted(sites, key=lambda each: each.around.dead):
        if site.name is None or not site.around.known:
            blurred.add(site.use.type.text)
        turns += len(site.nest.rows)
        if turns > TURNS:
            report.add("OT008", site.use.label.span, f"more than {TURNS:,} tasks in one step cannot be checked", label="with this one")
            blurred.update(each.use.type.text for each in sites)
            break
        if site.name is not None:
            _enter(site, site.name, by_name, report)
    templates = {site.name: site for site in reversed(sites) if site.name is not None and site.nest.variables}
    untyped = frozenset(site.use.type.text for site in sites if site.type is None)
    kept = _by_label(groups, by_name, report)
    lost = frozenset(group.label for group in groups) - frozenset(kept)
    return Family(step, tuple(sites), by_name, kept, frozenset(blurred), templates, frozenset(sites), untyped, lost, outer, owner)


def _enter(site: Site, name: str, by_name: dict[str, Turn], report: Report) -> None:
    """Mutates: `by_name` gets the site's names."""
    if not site.nest.variables:
        if name not in by_name:
            by_name[name] = Turn(site, 0)
        elif not site.around.dead:
            _collision(site, name, by_name[name].site, report)
        return
    if site.nest.open and not site.nest.open <= {each.partition(".")[0] for each in placeholders(name)}:
        _not_varying(site, name, name, 0, report)
        return
    for number, row in enumerate(site.nest.rows):
        text = to_text(filled(name, row_lookup(site.nest.variables, row)))
        taken = by_name.get(text)
        if taken is None:
            by_name[text] = Turn(site, number)
        elif taken.site is site:
            if not _filled_apart(site, taken.row, number, text):
                _not_varying(site, name, text, number, report)
                return
        elif not site.around.dead:
            _collision(site, text, taken.site, report)
            return


def _filled_apart(site: Site, first: int, second: int, text: str) -> bool:
    """Whether two turns' names may yet differ: the task that they stand in fills a placeholder of theirs, in each of its own turns."""
    own = len(site.nest.variables) - len(site.around.loops)
    return own > 0 and any(placeholders(text)) and site.nest.rows[first][:own] != site.nest.rows[second][:own]


def _collision(site: Site, name: str, first: Site, report: Report) -> None:
    related = (Label(first.use.label.span, f"`{shown(first.title)}` stands here"),)
    message = f"task `{shown(name)}` is there twice in this step"
    guarded = site.around.guards or first.around.guards
    mend = "names are unique under an `if` too: give one another label" if guarded else "give one of them another label"
    report.add("OT207", site.use.label.span, message, label="this name is taken", mend=mend, related=related)


def _not_varying(site: Site, name: str, text: str, row: int, report: Report) -> None:
    nest = site.nest
    used = {each.partition(".")[0] for each in placeholders(name)}
    values = dict(zip(nest.variables, nest.rows[row], strict=True)) if nest.rows else {}
    absent = [(variable, span) for variable, span in zip(nest.variables, nest.spans, strict=True) if variable not in used]
    if absent:
        variable, span = absent[-1]
        message = f"the name of `{shown(name)}` is the same in each turn of the loop over `{variable}`"
        them = " ".join(f"${{{each}{'.stem' if each in nest.open and isinstance(values.get(each), Mapping) else ''}}}" for each, _ in absent)
        mend = f'put the variable{"s" if len(absent) > 1 else ""} into the label: `"… {them}"`'
        label = "does not vary with its loop"
        related = (Label(span, "this loop"),)
    else:
        message = f"two turns make a task `{shown(text)}`"
        label = "the same in both"
        mend = f"it comes again where {turn_text(nest.variables, nest.rows[row])}: take the item out, or say more in the label"
        related = (Label(nest.spans[-1], "this loop"),)
    report.add("OT211", site.use.label.span, message, label=label, mend=mend, related=related)


def _by_label(groups: list[Group], by_name: Mapping[str, Turn], report: Report) -> dict[str, Group]:
    found: dict[str, Group] = {}
    for group in groups:
        taken = found[group.label].span if group.label in found else None
        if taken is None and group.label in by_name:
            taken = by_name[group.label].site.use.label.span
        if taken is None:
            found[group.label] = group
            continue
        related = (Label(taken, "first used here"),)
        report.add("OT207", group.span, f"`{shown(group.label)}` names something else in this step", label="this label is taken", related=related)
    return found

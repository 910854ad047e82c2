"""Write the order that follows from data as edges by name, after those that a pipeline's author wrote.

In: the tasks of a step as resolved, and their waits of reason "data". Out: the tasks with an `Edge` for each, where no other says it already. A turn
of a loop that reads from one turn of another names it by its own variables; a task that reads from all turns of a loop with a label names that; else
the turns are named one by one. A statement has one list of edges for all of its turns, so that a turn may wait for more than it reads; what
would make a circle of that is named more exactly, or left out. What is absent: circles of what is read, which `order` reports.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from otterdsl.compiler.analysis.accesses import StepTasks
from otterdsl.compiler.analysis.fields import Producers, Wait
from otterdsl.compiler.analysis.graphs import components
from otterdsl.compiler.analysis.index import Family, Turn
from otterdsl.compiler.analysis.program import Edge, ResolvedTask, Subtasks
from otterdsl.compiler.analysis.renaming import templates
from otterdsl.compiler.analysis.report import Report
from otterdsl.compiler.analysis.structure import Group, Site
from otterdsl.compiler.analysis.targets import names_variable
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.values.value import PLACEHOLDER, escape, to_text

Waits = Mapping[Site, Sequence[Wait]]
_EDGES: Final = 1_000_000
_FEW: Final = 16  # from so many statements a loop may read for its turns to be held against theirs


@dataclass(frozen=True, slots=True)
class _Link:
    """That a statement waits for another: `targets` in the form chosen, `exact` where no turn waits for more than it reads.

    `names` are what to name in the place of a group.
    """

    source: Site
    producer: Site
    targets: tuple[str, ...]
    span: Span
    exact: bool
    group: Group | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """What one field of a statement reads: the places in which one producer writes. `few`: there are few producers of the field in all."""

    wait: Wait
    places: Sequence[Producers]
    few: bool


def with_data_edges(resolved: tuple[ResolvedTask, ...], tasks: StepTasks, waits: Waits, report: Report) -> tuple[ResolvedTask, ...]:
    """The tasks of a step with the edges that follow from data, those within tasks too. Reports: OT008."""
    reading = [wait for family in tasks.families for site in family.sites for wait in waits.get(site, ()) if wait.reads and not wait.inner]
    if not reading or _too_many(reading, report):
        return resolved
    inner: dict[Site, list[Family]] = {}
    edges: dict[Site, tuple[Edge, ...]] = {}
    for family in tasks.families:
        if family.owner is not None:
            inner.setdefault(family.owner, []).append(family)
        links = [link for site in family.sites for link in _links(site, family, waits, tasks)]
        for link in _without_circles(links, family, waits):
            edges[link.source] = (*edges.get(link.source, ()), *(Edge(target, "data", link.span) for target in link.targets))
    return _rebuilt(resolved, tasks.families[0], inner, edges)


def _too_many(reading: Sequence[Wait], report: Report) -> bool:
    """Whether the edges would be more than can be written down. Reports: OT008."""
    edges = 0
    for wait in reading:
        # A loop is named by one template or label, as a rule; only its statements count.
        edges += (
            sum(len(place.turns) for place in wait.places) if len(wait.reads) == 1 else len({site for place in wait.places for site in place.turns})
        )
        if edges > _EDGES:
            message = f"the tasks of this step read what others write in more than {_EDGES:,} ways"
            mend = "let fewer tasks share a folder that others read, or write them as a loop with a label"
            report.add("OT008", wait.edge.span, message, label="with this one", mend=mend)
            return True
    return False


def _rebuilt(
    resolved: tuple[ResolvedTask, ...], family: Family, inner: Mapping[Site, list[Family]], edges: Mapping[Site, tuple[Edge, ...]]
) -> tuple[ResolvedTask, ...]:
    sites = [site for site in family.sites if not site.around.dead]
    made = []
    for task, site in zip(resolved, sites, strict=True):
        changed = task
        if site in inner:
            left = iter(inner[site])
            assignments = tuple(
                Subtasks(each.name, _rebuilt(each.tasks, next(left), inner, edges)) if isinstance(each, Subtasks) else each
                for each in task.assignments
            )
            changed = replace(changed, assignments=assignments)
        if site in edges:
            after: dict[str, Edge] = {}
            for edge in (*task.after, *edges[site]):
                after.setdefault(edge.target, edge)
            changed = replace(changed, after=tuple(after.values()))
        made.append(changed)
    return tuple(made)


# ---------------------------------------------------------------- what to name


def _links(site: Site, family: Family, waits: Waits, tasks: StepTasks) -> Iterator[_Link]:
    """What a statement's reads make it wait for, a link for each statement that it reads from."""
    if site.around.dead:
        return
    written = [wait for wait in waits.get(site, ()) if not wait.reads and not wait.inner]
    for wait in waits.get(site, ()):
        if not wait.reads or wait.inner:
            continue
        places: dict[Site, list[Producers]] = {}
        for place in wait.places:
            for producer in place.turns:
                places.setdefault(producer, []).append(place)
        few = len(places) <= _FEW
        found = []
        for producer, its in places.items():
            if not any(each.group is not None and producer in each.sites for each in written):
                link = _link(site, producer, _Read(wait, its, few), written, family, tasks)
                if link is not None:
                    found.append(link)
        yield from (link for link in found if link.exact or not _said_by_turns(link, found, wait))


def _said_by_turns(link: _Link, others: Sequence[_Link], wait: Wait) -> bool:
    """Whether names that vary with the turns name this task too, in each turn that reads from it."""
    site = link.source
    varying = [target for other in others if other is not link for target in other.targets if names_variable(target, site)]
    if not varying or link.producer.nest.variables:
        return False
    for row, places in zip(site.nest.rows, wait.reads, strict=True):
        if any(link.producer in place.turns for place in places):
            lookup = row_lookup(site.nest.variables, row)
            if link.targets[0] not in (to_text(filled(target, lookup)) for target in varying):
                return False
    return True


def _link(site: Site, producer: Site, read: "_Read", written: Sequence[Wait], family: Family, tasks: StepTasks) -> _Link | None:
    wait = read.wait
    if producer.name is None:
        return None
    if not producer.nest.variables and producer is not site:
        whole = len(site.nest.rows) == 1 or all(any(producer in place.turns for place in places) for places in wait.reads)
        return _Link(site, producer, (producer.name,), wait.edge.span, whole) if _names(producer.name, producer, 0, family) else None
    union = tuple(sorted({row for place in read.places for row in place.turns[producer]}))
    if read.few and all(len(place.turns[producer]) == 1 for place in read.places):
        template = _template(site, producer, wait, written, family, tasks)
        if template is not None:
            return _Link(site, producer, (template,), wait.edge.span, True)
    if producer is site:
        return None  # a turn reads from other turns, and no name of one fits all
    names = tuple(_name(producer, row) for row in union)
    if not all(_names(name, producer, row, family) for name, row in zip(names, union, strict=True)):
        return None
    full = len(union) == len(producer.nest.rows)
    whole = len(site.nest.rows) == 1 or (read.few and _reads_all(producer, len(union), wait))
    group = _group(site, producer, family) if full and (len(union) > 1 or producer.nest.open) else None
    names = tuple(_closed(name, producer.nest.open) for name in names)
    if group is not None:
        members = group.end - group.first
        return _Link(site, producer, (escape(group.label),), wait.edge.span, whole and members == 1, group, names)
    return _Link(site, producer, names, wait.edge.span, whole)


def _closed(name: str, variables: frozenset[str]) -> str:
    """A name for those who stand outside of loops that only a run can spread: their variables in it are text."""
    return PLACEHOLDER.sub(lambda found: f"${found[0]}" if found[1] and found[1].partition(".")[0] in variables else found[0], name)


def _reads_all(producer: Site, turns: int, wait: Wait) -> bool:
    """Whether each turn reads from as many turns of a producer as all of them together."""
    alike = {tuple(map(id, places)): places for places in wait.reads}  # most turns of many read at the same places
    return all(len({turn for place in places for turn in place.turns.get(producer, ())}) == turns for places in alike.values())


def _name(site: Site, row: int) -> str:
    nest = site.nest
    name = site.name or ""
    return to_text(filled(name, row_lookup(nest.variables, nest.rows[row]))) if nest.variables else name


def _names(name: str, producer: Site, row: int, family: Family) -> bool:
    """Whether a name means this task where it is written."""
    turn = _called(name, family)
    return turn is not None and turn.site is producer and (turn.row == row or not producer.nest.variables)


def _called(name: str, family: Family) -> Turn | None:
    at: Family | None = family
    while at is not None:
        if name in at.groups:
            return None
        if name in at.by_name:
            return at.by_name[name]
        at = at.outer
    return None


def _group(site: Site, producer: Site, family: Family) -> Group | None:
    """The innermost loop with a label around a producer of the same family, unless the reader stands in it too."""
    for label in reversed(producer.around.groups) if producer in family.members else ():
        group = family.groups.get(label)
        if group is not None and not group.first <= site.number < group.end:
            return group
    return None


def _template(site: Site, producer: Site, wait: Wait, written: Sequence[Wait], family: Family, tasks: StepTasks) -> str | None:
    """A name that in each turn of a task means the one turn that it reads from; one that is written already, if there is any."""
    given = [each.edge.target for each in written if each.group is None and producer in each.sites]
    rows: list[set[int]] = [{row for place in places for row in place.turns.get(producer, ())} for places in wait.reads]
    for candidate in (*given, *templates(site, producer, tasks)):
        for number, needed in enumerate(rows):
            lookup = row_lookup(site.nest.variables, site.nest.rows[number])
            turn = _called(to_text(filled(candidate, lookup)), family)
            if turn is None or (producer is site and turn == Turn(site, number)):
                break
            fits = needed <= {turn.row} if turn.site is producer else not needed and _reads(wait.reads[number], turn)
            if not fits:
                break
        else:
            return candidate
    return None


def _reads(places: Sequence[Producers], turn: Turn) -> bool:
    return any(turn.row in place.turns.get(turn.site, ()) for place in places)


# ---------------------------------------------------------------- circles


def _without_circles(links: list[_Link], family: Family, waits: Waits) -> Iterable[_Link]:
    """The links, those that would close a circle named more exactly, or left out."""
    while True:
        bad = _in_circles(links, family, waits)
        if not bad:
            return links
        listed = {id(link) for link in bad}
        # A group says most of what is not meant: with turns in its place the others may do no harm.
        if any(link.names for link in bad):
            links = [replace(link, targets=link.names, group=None, names=()) if link.names and id(link) in listed else link for link in links]
        else:
            links = [link for link in links if id(link) not in listed]


def _in_circles(links: list[_Link], family: Family, waits: Waits) -> list[_Link]:
    """The links that say more than is read and lie on a circle of statements."""
    loose = [link for link in links if not link.exact]
    if not loose:
        return []
    number = {site: position for position, site in enumerate(family.sites)}
    successors: list[list[int]] = [[] for _ in family.sites]
    for site, position in number.items():
        for wait in waits.get(site, ()):
            targets = wait.sites if not wait.inner else (*wait.sites, *(each for place in wait.places for each in place.turns))
            successors[position] += (number[each] for each in targets if each in number)
    for link in links:
        successors[number[link.source]] += (number[each] for each in _led_to(link, family) if each in number)
    circle = {position: place for place, component in enumerate(components(successors)) for position in component}
    found = []
    for link in loose:
        here = circle.get(number[link.source])
        if here is not None and any(circle.get(number[each]) == here for each in _led_to(link, family) if each in number):
            found.append(link)
    return found


def _led_to(link: _Link, family: Family) -> Sequence[Site]:
    return (link.producer,) if link.group is None else family.sites[link.group.first : link.group.end]

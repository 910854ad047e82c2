"""Find what waits for itself: cycles of tasks within a step, and of steps.

In: the edges with what they lead to. Out: nothing but findings. Reports: OT401, OT402, each cycle once, drawn as its path. Tasks in loops are looked
at turn by turn where their statements alone seem to form a cycle. What is absent: an order; that is the runtime's.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from otterdsl.compiler.analysis.fields import Producers, Wait
from otterdsl.compiler.analysis.graphs import components, shortest_cycle
from otterdsl.compiler.analysis.index import Family
from otterdsl.compiler.analysis.report import Report, shown
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.analysis.targets import names_variable
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.source.diagnostic import Label
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.values.value import to_text

_DRAWN: Final = 12  # so many of a cycle's nodes are shown; more would hide the rest


class _Link(NamedTuple):
    """Why a node waits for another."""

    span: Span
    text: str


def check_tasks(family: Family, waits: Mapping[Site, Sequence[Wait]], report: Report) -> None:
    """Report the cycles among the tasks of a family. Mutates: `report`."""
    number = {site: position for position, site in enumerate(family.sites)}
    groups: dict[str, int] = {}
    places: dict[Producers, int] = {}  # nodes too: many may read what many write
    successors: list[list[int]] = [[] for _ in family.sites]
    for position, site in enumerate(family.sites):
        for wait in waits.get(site, ()):
            if wait.group is None:
                successors[position] += (number[target] for target in wait.sites if target in number)
                for place in wait.places:
                    if place not in places:
                        places[place] = len(successors)
                        successors.append([number[target] for target in place.turns if target in number])
                    successors[position].append(places[place])
                continue
            if wait.group.label not in groups:  # a node of its own, so that a large group is not spread into edges
                groups[wait.group.label] = len(successors)
                successors.append([number[target] for target in wait.sites if target in number])
            successors[position].append(groups[wait.group.label])
    for component in components(successors):
        sites = [family.sites[position] for position in component if position < len(family.sites)]
        _check_component(sites, family, waits, report)


def _check_component(sites: Sequence[Site], family: Family, waits: Mapping[Site, Sequence[Wait]], report: Report) -> None:
    """Look at the turns of some statements that wait for each other."""
    nodes: list[tuple[Site, int]] = [(site, row) for site in sites for row in range(len(site.nest.rows))]
    number = {node: position for position, node in enumerate(nodes)}
    groups: dict[str, int] = {}
    places: dict[Producers, int] = {}
    successors: list[list[int]] = [[] for _ in nodes]
    for position, (site, row) in enumerate(nodes):
        for wait in waits.get(site, ()):
            if wait.group is not None:
                if wait.group.label not in groups:
                    groups[wait.group.label] = len(successors)
                    successors.append([number[each] for target in wait.sites for each in _turns(target, number)])
                successors[position].append(groups[wait.group.label])
                continue
            for place in wait.reads[row] if wait.reads else ():
                if place not in places:
                    places[place] = len(successors)
                    successors.append([number[turn] for turn in _producing(place) if turn in number])
                successors[position].append(places[place])
            target = _turn(wait, site, row, family) if not wait.reads else None
            if target is not None and target in number:
                successors[position].append(number[target])
    said: set[frozenset[Span]] = set()
    for component in components(successors):
        cycle = [nodes[each] for each in shortest_cycle(component, successors) if each < len(nodes)]
        links = _links(cycle, waits, family)
        # The same statements in another turn are the same mistake.
        spans = frozenset(link.span for link in links)
        if spans not in said:
            said.add(spans)
            _report([_title(site, row) for site, row in cycle], links, "OT401", "tasks", report)


def _producing(place: Producers) -> Iterator[tuple[Site, int]]:
    return ((site, row) for site, rows in place.turns.items() for row in rows)


def _turns(site: Site, number: Mapping[tuple[Site, int], int]) -> list[tuple[Site, int]]:
    return [(site, row) for row in range(len(site.nest.rows)) if (site, row) in number]


def _turn(wait: Wait, site: Site, row: int, family: Family) -> tuple[Site, int] | None:
    """The turn that a turn waits for."""
    full = wait.edge.target
    if not wait.inner and names_variable(full, site):
        full = to_text(filled(full, row_lookup(site.nest.variables, site.nest.rows[row])))
    turn = family.by_name.get(full)
    if turn is None:
        return (wait.sites[0], 0) if wait.inner and wait.sites else None
    return turn.site, turn.row


def _title(site: Site, row: int) -> str:
    nest = site.nest
    return shown(to_text(filled(site.title, row_lookup(nest.variables, nest.rows[row]))) if nest.variables else site.title)


def _links(cycle: list[tuple[Site, int]], waits: Mapping[Site, Sequence[Wait]], family: Family) -> list[_Link]:
    """Why each of a cycle waits for the next."""
    following = [*cycle[1:], cycle[0]]
    return [_link(site, row, other, other_row, waits, family) for (site, row), (other, other_row) in zip(cycle, following, strict=True)]


def _link(site: Site, row: int, following: Site, following_row: int, waits: Mapping[Site, Sequence[Wait]], family: Family) -> _Link:
    fitting = [wait for wait in waits.get(site, ()) if following in wait.sites or any(following in place.turns for place in wait.places)]
    exact = [wait for wait in fitting if wait.group is not None or _leads(wait, site, row, (following, following_row), family)]
    wait = (exact or fitting)[0]
    name, other = _title(site, row), _title(following, following_row)
    if wait.edge.reason == "data":
        return _Link(wait.edge.span, f"{'a task within ' if wait.inner else ''}`{name}` reads what `{other}` writes")
    if wait.group is not None:
        return _Link(wait.edge.span, f"`{name}` waits for `{shown(wait.group.label)}`, and `{other}` is part of that")
    if wait.inner:
        return _Link(wait.edge.span, f"a task within `{name}` waits for `{other}`")
    how = "waits for" if wait.edge.reason == "requires" else "refers to"
    return _Link(wait.edge.span, f"`{name}` {how} `{other}`")


def _leads(wait: Wait, site: Site, row: int, turn: tuple[Site, int], family: Family) -> bool:
    if wait.reads:
        return any(turn[1] in place.turns.get(turn[0], ()) for place in wait.reads[row])
    return _turn(wait, site, row, family) == turn


def _report(titles: list[str], links: list[_Link], code: str, kind: str, report: Report) -> None:
    drawn = " → ".join(f"`{title}`" for title in titles[:_DRAWN])
    if len(titles) > _DRAWN:
        drawn += f" → {len(titles) - _DRAWN} more"
    related = [Label(link.span, link.text) for link in links[1:_DRAWN]]
    one = kind.removesuffix("s")
    message = f"{one} {drawn} waits for itself" if len(titles) == 1 else f"{kind} wait for each other in a circle: {drawn} → `{titles[0]}`"
    report.add(code, links[0].span, message, label=links[0].text, mend="take one of these out", related=related)


def check_steps(requires: Mapping[str, Mapping[str, Span]], report: Report) -> None:
    """Report the cycles among steps. `requires` has the steps that each requires, with the place. Mutates: `report`."""
    names = list(requires)
    number = {name: position for position, name in enumerate(names)}
    successors = [[number[other] for other in requires[name] if other in number] for name in names]
    for component in components(successors):
        cycle = [names[each] for each in shortest_cycle(component, successors)]
        following = [*cycle[1:], cycle[0]]
        links = [_Link(requires[name][other], f"`{shown(name)}` requires `{shown(other)}`") for name, other in zip(cycle, following, strict=True)]
        _report([shown(name) for name in cycle], links, "OT402", "steps", report)

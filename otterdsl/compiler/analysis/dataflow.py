"""Find who waits for whom because of what they read and write.

In: the tasks of a step, with what they wait for already. Out: for each task that reads what others write, a `Wait` of reason "data" that says,
turn by turn, whom it reads from. A task within another may wait for its siblings and for tasks of the step, as with `requires`; what it writes comes
from the task that it stands in, for all who stand outside. Tasks that exclude each other do not wait. What is absent: edges by name (see
`data_edges`), cycles (see `order`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from otterdsl.compiler.analysis.accesses import INPUT, Access, StepTasks, only_params
from otterdsl.compiler.analysis.excluding import Stand, exclude
from otterdsl.compiler.analysis.fields import Producers, Wait
from otterdsl.compiler.analysis.index import Family
from otterdsl.compiler.analysis.paths import normal
from otterdsl.compiler.analysis.program import Edge
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.analysis.writers import Writers, WriterTree
from otterdsl.compiler.values.value import PLACEHOLDER

_TOLD_APART: Final = 64  # among so many producers those that the reader excludes, or is itself, are looked for; where there are more, a few times
_Rows: TypeAlias = dict[Site, dict[tuple[int, ...], int]]


def data_waits(tasks: StepTasks, written: Sequence[Access], families: Mapping[Site, Family], waits: dict[Site, list[Wait]]) -> None:
    """Mutates: `waits` gets, for each task, a wait for each field that reads what other tasks write.

    `written` is all that they write, `families` has the family of each task.
    """
    if not written:
        return
    seen = _Seen(tasks, families)
    tree = WriterTree(written)
    for family in tasks.families[::-1]:  # those within others first: what they wait for outside, these wait for too
        found: dict[tuple[Site, str], list[list[Producers]]] = {}
        for read in tasks.accesses(family.sites, INPUT):
            if not tree.reaches(read.path):
                continue
            for writers in tree.of(read.path):
                producers = seen.by(read, writers, family)
                if producers is not None:
                    key = (read.site, read.field)
                    if key not in found:
                        found[key] = [[] for _ in read.site.nest.rows]
                    found[key][read.row].append(producers)
        for (site, name), rows in found.items():
            wait = _wait(Access("", site, 0, name), rows, tasks)
            waits.setdefault(site, []).append(wait)
            if family.owner is not None and family.outer is not None:
                _hand_on(wait, rows, site, family, family.owner, waits)


def _wait(read: Access, rows: list[list[Producers]], tasks: StepTasks) -> Wait:
    distinct = {id(each): each for row in rows for each in row}
    return Wait(Edge("", "data", tasks.span(read)), (), places=tuple(distinct.values()), reads=tuple(tuple(row) for row in rows))


def _hand_on(wait: Wait, rows: list[list[Producers]], site: Site, family: Family, owner: Site, waits: dict[Site, list[Wait]]) -> None:
    """Mutates: what a task within another reads from outside, the other waits for too, as far as cycles go."""
    outside = [each for each in wait.places if not family.members.issuperset(each.turns)]
    if not outside:
        return
    own = len(owner.nest.variables)
    number = {_identity(row): position for position, row in enumerate(owner.nest.rows)}
    reads: list[dict[int, Producers]] = [{} for _ in owner.nest.rows]
    for row, producers in zip(site.nest.rows, rows, strict=True):
        at = number.get(_identity(row[:own]))
        if at is not None:
            reads[at].update((id(each), each) for each in producers if not family.members.issuperset(each.turns))
    handed = replace(wait, places=tuple(outside), reads=tuple(tuple(row.values()) for row in reads), inner=True)
    waits.setdefault(owner, []).append(handed)


def _identity(row: tuple[object, ...]) -> tuple[int, ...]:
    """A key for the values of a turn: rows of inner loops hold the same objects."""
    return tuple(map(id, row))


@dataclass(slots=True)
class _Seen:
    """The writers of places as their readers see them. Mutated: remembers them.

    `selves` counts the readers of a place that write there themselves.
    """

    tasks: StepTasks
    families: Mapping[Site, Family]
    found: dict[tuple[object, ...], tuple[Writers, Producers | None]] = field(default_factory=dict)
    selves: dict[int, int] = field(default_factory=dict)
    owner_rows: _Rows = field(default_factory=dict)

    def by(self, read: Access, writers: Writers, family: Family) -> Producers | None:
        """Those of some writers that the reader waits for; None for none."""
        own = _own(family)
        key: tuple[object, ...] = (id(writers), id(family))
        if len(self.tasks.families) > 1:
            key = (*key, read.path, _identity(read.site.nest.rows[read.row][:own]))
        if key not in self.found:
            self.found[key] = (writers, self._gathered(read, writers, family))
        shared = self.found[key][1]
        return None if shared is None else self._without(read, shared)

    def _gathered(self, read: Access, writers: Writers, family: Family) -> Producers | None:
        turns: dict[Site, dict[int, None]] = {}
        for each in writers:
            seen = self._seen(each, read, family)
            if seen is not None:
                turns.setdefault(seen[0], {})[seen[1]] = None
        return Producers({site: turns[site] for site in sorted(turns, key=_place)}) if turns else None

    def _seen(self, written: Access, read: Access, family: Family) -> tuple[Site, int] | None:
        """The task in a turn that a writer is to a reader: it, or the task around it that stands beside the reader or one around that."""
        site, row = written.site, written.row
        at = self.families[site]
        while not _within(family, at):
            if at.owner is None or at.outer is None:
                return None
            if at is self.families[written.site] and not _open_to_all(written, read):
                return None
            row = self._owner_row(site, row, at.owner)
            site, at = at.owner, at.outer
            if row < 0:
                return None
        mine = read.site.nest.rows[read.row]
        around = _own(at)
        if _identity(site.nest.rows[row][:around]) != _identity(mine[:around]):
            return None  # in another turn of the task around both
        return None if site in _owners(family) else (site, row)

    def _owner_row(self, site: Site, row: int, owner: Site) -> int:
        rows = self.owner_rows.get(owner)
        if rows is None:
            rows = self.owner_rows[owner] = {_identity(each): number for number, each in enumerate(owner.nest.rows)}
        return rows.get(_identity(site.nest.rows[row][: len(owner.nest.variables)]), -1)

    def _without(self, read: Access, shared: Producers) -> Producers | None:
        """The producers without the reader itself, and without those that it excludes."""
        site, row = read.site, read.row
        itself = row in shared.turns.get(site, ())
        many = len(shared.turns) > _TOLD_APART
        if itself:
            self.selves[id(shared)] = self.selves.get(id(shared), 0) + 1
            # Of several that read and write one place each waits for the next: leaving out itself would not help it.
            itself = self.selves[id(shared)] <= _TOLD_APART
        stands = (site.around.when or site.around.guards) and not many
        loop = self.tasks.loop(read)
        if not itself and not stands and loop is None:
            return shared
        here = Stand(site, row, self.families)

        def kept(other: Site, turn: int) -> bool:
            if other is site and turn == row:
                return False
            if loop is not None and any(each is loop for each in other.nest.fors):
                return False  # what a loop runs over is there before its tasks are
            return not stands or not exclude(here, Stand(other, turn, self.families))

        return _filtered(shared, kept)


def _place(site: Site) -> tuple[str, int]:
    return site.use.span.file, site.use.span.start


def _filtered(shared: Producers, kept: Callable[[Site, int], bool]) -> Producers | None:
    turns = {site: {row: None for row in rows if kept(site, row)} for site, rows in shared.turns.items()}
    left = {site: rows for site, rows in turns.items() if rows}
    return None if not left else shared if left == shared.turns else Producers(left)


def _own(family: Family) -> int:
    """How many loops stand around the task whose field a family is."""
    return len(family.owner.nest.variables) if family.owner is not None else 0


def _within(family: Family, outer: Family) -> bool:
    """Whether a family is another, or stands within it."""
    at: Family | None = family
    while at is not None and at is not outer:
        at = at.outer
    return at is outer


def _owners(family: Family) -> Iterator[Site]:
    at: Family | None = family
    while at is not None and at.owner is not None:
        yield at.owner
        at = at.outer


def _open_to_all(written: Access, read: Access) -> bool:
    """Whether a path written within a task means something outside: up to a placeholder that the task fills, its folders do."""
    if only_params(written.path, written.site):
        return True
    params = written.site.around.env.names.params
    first = next(found.start() for found in PLACEHOLDER.finditer(written.path) if found.group(1) and found.group(1).partition(".")[0] not in params)
    path = normal(read.path)
    wild = any(letter in path for letter in "*?[")
    return wild or not path or written.path[:first].startswith(f"{path}/")

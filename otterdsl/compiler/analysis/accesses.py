"""What tasks read and write: the values of their fields that have a role, turn by turn.

In: the families of a step, and the values of fields. Out: `Access`es. What is absent: what follows from them (see `writes` and `dataflow`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from otterdsl.compiler.analysis.fields import Fields, varies
from otterdsl.compiler.analysis.fitting import turned
from otterdsl.compiler.analysis.index import Family
from otterdsl.compiler.analysis.loop_sources import place_of
from otterdsl.compiler.analysis.paths import normal
from otterdsl.compiler.analysis.scope import POISON
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.analysis.task_types import TaskType
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.types import Type
from otterdsl.compiler.values.value import Value, placeholders, to_text

ROLES: Final = ("input", "output", "into")
INPUT: Final = 0
OUTPUT: Final = 1
INTO: Final = 2
LOOP: Final = "\0loop "


class Access(NamedTuple):
    """A path that a task reads or writes in a turn, in the form of `paths.normal` unless it is read; `field` has it."""

    path: str
    site: Site
    row: int
    field: str


class RoleField(NamedTuple):
    """A field with a role: its type, and whether a text there is a path (it may be only those in a list)."""

    name: str
    type: Type
    plain: bool


@dataclass(frozen=True, slots=True)
class StepTasks:
    """The tasks of a step, those within tasks too, and what is asked of them.

    `families` has the step's own first. A role is a position in `ROLES`; `roles` are the fields with one, by task type, for each. `sources` are the
    files that loops around a task read, each with its loop: to its accesses they are fields called after `LOOP`.
    """

    families: tuple[Family, ...]
    fields: Fields
    roles: dict[str, tuple[tuple[RoleField, ...], ...]] = field(default_factory=dict)
    sources: Mapping[Site, Sequence[tuple[str, ast.For]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The step's."""
        return self.families[0].step

    def fields_of(self, kind: TaskType, role: int) -> tuple[RoleField, ...]:
        """The fields of a task type that have a role. Mutates: remembers them."""
        found = self.roles.get(kind.name)
        if found is None:
            listed = [(name, each.type) for name, each in kind.fields.items() if each.type.roles]
            found = tuple(tuple(RoleField(name, of, _holds(of, wanted)) for name, of in listed if wanted in of.roles) for wanted in ROLES)
            self.roles[kind.name] = found
        return found[role]

    def accesses(self, sites: Iterable[Site], role: int) -> Iterator[Access]:
        """The paths that fields of a role hold, in each turn of each task. Of a task that is left out, or of unknown turns, there are none."""
        result, roles = self.fields.result, self.roles
        for site in sites:
            if role == INPUT and site in self.sources:
                yield from self._read_by_loops(site)
            kind, around = site.type, site.around
            if kind is None or around.dead or not around.known:
                continue
            found = roles.get(kind.name)
            for name, of, plain in found[role] if found is not None else self.fields_of(kind, role):
                value = result(site, name).value
                if value is None or value is POISON:
                    continue
                nest = around.env.nest
                if not nest.variables and plain and isinstance(value, str):  # as nearly all of them are
                    yield Access(normal(value) if role else value, site, 0, name)
                    continue
                varying = varies(value, nest.variables)
                texts = () if varying else tuple(_texts(of, value, ROLES[role]))
                for row in range(len(nest.rows)):
                    for text in _texts(of, self.in_turn(site, row, name), ROLES[role]) if varying else texts:
                        yield Access(normal(text) if role else text, site, row, name)

    def _read_by_loops(self, site: Site) -> Iterator[Access]:
        if site.around.dead or not site.around.known:
            return
        nest = site.nest
        for number, (path, _) in enumerate(self.sources[site]):
            for row in range(len(nest.rows)):
                yield Access(to_text(filled(path, row_lookup(nest.variables, nest.rows[row]))), site, row, f"{LOOP}{number}")

    def loop(self, access: Access) -> ast.For | None:
        """The loop that reads; None where it is a field of the task."""
        return self.sources[access.site][int(access.field[len(LOOP) :])][1] if access.field.startswith(LOOP) else None

    def in_turn(self, site: Site, row: int, name: str) -> Value:
        """The value of a field in a turn; None where it has none."""
        value = self.fields.result(site, name).value
        if value is POISON:
            return None
        if not varies(value, site.nest.variables):
            return value
        of = site.type.fields[name].type if site.type and name in site.type.fields else None
        return turned(of, value, filled(value, row_lookup(site.nest.variables, site.nest.rows[row])))

    def texts(self, site: Site, row: int, role: int) -> frozenset[str]:
        """All paths of a role that a task holds in a turn, in one form."""
        named = self.fields_of(site.type, role) if site.type else ()
        return frozenset(normal(text) for name, of, _ in named for text in _texts(of, self.in_turn(site, row, name), ROLES[role]))

    def title(self, site: Site, row: int) -> str:
        """How messages call a task in a turn."""
        nest = site.nest
        return to_text(filled(site.title, row_lookup(nest.variables, nest.rows[row]))) if nest.variables else site.title

    def span(self, access: Access) -> Span:
        """The text of a path in the task's own statement; its label, where the value comes from elsewhere."""
        loop = self.loop(access)
        if loop is not None:
            return place_of(loop)
        expr = self.fields.result(access.site, access.field).expr
        use = access.site.use
        inside = expr is not None and expr.span.file == use.span.file and use.span.start <= expr.span.start < use.span.end
        return expr.span if expr is not None and inside else use.label.span


def _texts(of: Type, value: Value, role: str) -> Iterator[str]:
    """The texts of a role within a value of a type."""
    match value:
        case str():
            if _holds(of, role):
                yield value
        case tuple():
            for option in of.options:
                if option.name == "list" and option.argument is not None:
                    for each in value:
                        yield from _texts(option.argument, each, role)
        case Mapping():
            for option in of.options:
                if option.name == "map" and option.argument is not None:
                    for each in value.values():
                        yield from _texts(option.argument, each, role)
        case _:
            return


def _holds(of: Type, role: str) -> bool:
    return any(option.name == role for option in of.options)


def only_params(path: str, site: Site) -> bool:
    """Whether nothing but params is left open in a path, so that it says the same wherever it stands."""
    return "${" not in path or all(name.partition(".")[0] in site.around.env.names.params for name in placeholders(path))

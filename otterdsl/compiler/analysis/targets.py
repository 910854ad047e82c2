"""Find the tasks that a name means at a place, turn by turn.

In: a full name in placeholder form and the task that names it. Out: what it finds in each turn. What is absent: what is wanted of the tasks found.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from otterdsl.compiler.analysis.index import Family, Turn
from otterdsl.compiler.analysis.scope import ABSENT, POISON, Folded
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.values.value import PLACEHOLDER, Value, placeholder, to_text


@dataclass(frozen=True, slots=True)
class Found:
    """The tasks that a name means.

    `one`: a name without variables, and so one task. `shared`: the task stands in the same turns of the same loops. Otherwise `turns` has one for
    each turn of the task that names them. `outside`: they are the step's, and the task stands in a field of one. `common`: in so many loops, the
    outermost ones of all of them, this task is in the same turn.
    """

    sites: tuple[Site, ...]
    one: Turn | None = None
    shared: bool = False
    turns: tuple[Turn, ...] = ()
    outside: bool = False
    common: int = 0


@dataclass(frozen=True, slots=True)
class Missing:
    """No task of that name, in some turn."""

    name: str
    row: int | None = None


def names_variable(full: str, site: Site) -> bool:
    """Whether a name in placeholder form holds a loop's variable of the task that names it."""
    if "${" not in full or not site.nest.variables:
        return False
    return any(found.group(1) and found.group(1).partition(".")[0] in site.nest.variables for found in PLACEHOLDER.finditer(full))


def find(full: str, site: Site, family: Family) -> Found | Missing:
    """The tasks called `full`, in the family of `site` and then in those around it."""
    if not names_variable(full, site):
        at: Family | None = family
        while at is not None:
            turn = at.by_name.get(full)
            if turn is not None:
                return Found((turn.site,), turn, outside=at is not family, common=_common(at))
            at = at.outer
        return Missing(full)
    shared = family.templates.get(full)
    if shared is not None and shared.nest is site.nest and shared.around.known:
        return Found((shared,), shared=True)
    return _by_turns(full, site, family)


def _by_turns(full: str, site: Site, family: Family) -> Found | Missing:
    sites: dict[Site, None] = {}
    turns: list[Turn] = []
    outside, common = False, _common(family)
    for number, row in enumerate(site.nest.rows):
        name = to_text(filled(full, row_lookup(site.nest.variables, row)))
        at: Family | None = family
        while at is not None and name not in at.by_name:
            at = at.outer
        if at is None:
            return Missing(name, number)
        if at is not family:
            outside, common = True, min(common, _common(at))
        turns.append(at.by_name[name])
        sites[at.by_name[name].site] = None
    return Found(tuple(sites), turns=tuple(turns), outside=outside, common=common)


def _common(family: Family) -> int:
    """How many loops stand around a whole family: those of the task whose field it is."""
    return len(family.owner.nest.variables) if family.owner is not None else 0


def carried(found: Found, full: str, site: Site, value_of: Callable[[Site], Folded]) -> Folded:
    """A value that the tasks found have, in placeholder form as `site` would write it; ABSENT where it differs from turn to turn in no such form."""
    if not found.sites:
        return POISON  # a loop over nothing
    first = value_of(found.sites[0])
    if first is POISON or found.shared:
        return first
    if found.one is not None:
        return _in_turn(first, found.one, found.common)
    in_turns = [_in_turn(value_of(turn.site), turn, 0, row[: found.common]) for turn, row in zip(found.turns, site.nest.rows, strict=True)]
    if POISON in in_turns:
        return POISON
    if all(value == in_turns[0] for value in in_turns):
        return in_turns[0]
    variables = _variables(found.sites[0], full)
    if variables is None:
        return ABSENT
    template = filled(first, lambda name: renamed(name, variables))
    fits = all(filled(template, row_lookup(site.nest.variables, row)) == value for row, value in zip(site.nest.rows, in_turns, strict=True))
    return template if fits else ABSENT


def _in_turn(value: Folded, turn: Turn, skip: int, common: tuple[Value, ...] = ()) -> Folded:
    """A value in a turn of its own task. The first `skip` loops stay open; the first ones of all are in the turn `common`."""
    nest = turn.site.nest
    if value is POISON or len(nest.variables) == skip:
        return value
    row = (*common, *nest.rows[turn.row][len(common) :])
    return filled(value, row_lookup(nest.variables[skip:], row[skip:]))


def _variables(target: Site, full: str) -> dict[str, str] | None:
    """What stands in `full` where the target's own name has its variables: `copy ${a} genes` read as `copy ${b} genes` gives a = b."""
    if target.name is None:
        return None
    theirs, ours = pieces(target.name), pieces(full)
    if len(theirs) != len(ours) or any(a != b for a, b in zip(theirs[::2], ours[::2], strict=True)):
        return None
    return dict(zip(theirs[1::2], ours[1::2], strict=True))


def pieces(template: str) -> list[str]:
    """Text, placeholder's name, text, … of a string in placeholder form."""
    marks = [found for found in PLACEHOLDER.finditer(template) if found.group(1)]
    ends = [0, *(found.end() for found in marks)]
    starts = [*(found.start() for found in marks), len(template)]
    texts = [template[a:b] for a, b in zip(ends, starts, strict=True)]
    pieces = [texts[0]]
    for (_, text), found in zip(pairwise(texts), marks, strict=True):
        pieces += [found.group(1), text]
    return pieces


def renamed(name: str, variables: Mapping[str, str]) -> Value:
    """The placeholder that a variable, or something within it, has become; ABSENT for any other name."""
    if name in variables:
        return placeholder(variables[name])
    head, _, rest = name.partition(".")
    return placeholder(f"{variables[head]}.{rest}") if rest and head in variables else ABSENT

"""What tasks are called in Otter's YAML. In: the names of tasks of one list, with their types. Out: `Naming`. What is absent: everything else.

Raises `Unsayable` for a name that nothing has: what a task waits for is never left out in silence.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from otterdsl.compiler.values.value import escape, unescape
from otterdsl.convert.export_texts import Unsayable

# The full name of a task, the labels of the loops around it, the type that Otter knows, its own type.
Called: TypeAlias = tuple[str, tuple[str, ...], str, str]


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of the tasks in a list, in placeholder form, and what the labels of loops stand for; `outer` is the list around it.

    `absent` are the names of what an `if` left out.
    """

    own: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    absent: Collection[str] = ()
    outer: "Naming | None" = None

    def of(self, name: str) -> str:
        """What a task is called."""
        return self.own.get(name, name)

    def targets(self, name: str) -> tuple[str, ...]:
        """What is required by requiring a task or a loop; nothing where it is not there, as an `if` left it out. Raises: Unsayable."""
        at: Naming | None = self
        while at is not None:
            if name in at.groups:
                return at.groups[name]
            if name in at.own:
                return (at.own[name],)
            if name in at.absent:
                return ()
            at = at.outer
        raise Unsayable(f"nothing that is exported is called `{unescape(name)}`", "require the whole loop by its label")

    def within(self, tasks: Iterable[Called], more: Mapping[str, tuple[str, ...]] | None = None) -> "Naming":
        """The naming of the tasks in a list of one of these. `more` says what other names stand for there."""
        return naming(tasks, (), more or {}, self)


def naming(
    tasks: Iterable[Called],
    taken: Iterable[str],
    groups: Mapping[str, tuple[str, ...]],
    outer: Naming | None = None,
    absent: Collection[str] = (),
) -> Naming:
    """The names of concrete tasks. A type that `task` declares gives way to its base: `curation x` is `copy x`, or `copy curation x`.

    `taken` are names that others have, `groups` labels with what they stand for already, `absent` names of what an `if` left out.
    """
    listed = list(tasks)
    used = {*taken, *(name for name, _, base, kind in listed if base == kind)}
    own: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for name, labels, base, kind in listed:
        own[name] = name if base == kind else unused(renamed(name, base, kind), used)
        used.add(own[name])
        for label in labels:
            members.setdefault(label, []).append(own[name])
    made = {**{label: tuple(found) for label, found in members.items()}, **groups}
    # An edge to a loop has its label escaped once more than the loop has.
    return Naming(own, {**made, **{escape(label): found for label, found in made.items()}}, absent, outer)


def renamed(name: str, base: str, kind: str) -> tuple[str, ...]:
    """The names that a task of a declared type might have, the best first."""
    label = name.removeprefix(kind).removeprefix(" ")
    return (f"{base} {label}", f"{base} {kind} {label}") if label else (base,)


def unused(candidates: Iterable[str], used: Collection[str]) -> str:
    """The first candidate that is not used, else the last with a number."""
    last = ""
    for last in candidates:
        if last not in used:
            return last
    number = 2
    while f"{last} {number}" in used:
        number += 1
    return f"{last} {number}"

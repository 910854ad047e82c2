"""What tasks are called in Otter's YAML. In: the names of tasks of one list, with their types. Out: `Naming`. What is absent: everything else."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from otterdsl.compiler.values.value import escape

# The full name of a task, the labels of the loops around it, the type that Otter knows, its own type.
Called: TypeAlias = tuple[str, tuple[str, ...], str, str]


@dataclass(frozen=True, slots=True)
class Naming:
    """The names of the tasks in a list, in placeholder form, and what the labels of loops stand for; `outer` is the list around it."""

    own: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]]
    outer: "Naming | None" = None

    def of(self, name: str) -> str:
        """What a task is called."""
        return self.own.get(name, name)

    def targets(self, name: str) -> tuple[str, ...]:
        """What is required by requiring a task or a loop; nothing where it is not there, as an `if` left it out."""
        at: Naming | None = self
        while at is not None:
            if name in at.groups:
                return at.groups[name]
            if name in at.own:
                return (at.own[name],)
            at = at.outer
        return ()

    def within(self, tasks: Iterable[Called]) -> "Naming":
        """The naming of the tasks in a list of one of these."""
        return naming(tasks, (), {}, self)


def naming(tasks: Iterable[Called], taken: Iterable[str], groups: Mapping[str, tuple[str, ...]], outer: Naming | None = None) -> Naming:
    """The names of concrete tasks. A type that `task` declares gives way to its base: `curation x` is `copy x`, or `copy curation x`.

    `taken` are names that others have, `groups` labels with what they stand for already.
    """
    listed = list(tasks)
    used = {*taken, *(name for name, _, base, kind in listed if base == kind)}
    own: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for name, labels, base, kind in listed:
        own[name] = name if base == kind else unused(_renamed(name, base, kind), used)
        used.add(own[name])
        for label in labels:
            members.setdefault(label, []).append(own[name])
    made = {**{label: tuple(found) for label, found in members.items()}, **groups}
    # An edge to a loop has its label escaped once more than the loop has.
    return Naming(own, {**made, **{escape(label): found for label, found in made.items()}}, outer)


def _renamed(name: str, base: str, kind: str) -> tuple[str, ...]:
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

"""What a turn of one loop calls the turn of another that writes what it reads.

`copy ${a}` writes `d/${a}`, and who reads `d/${b}` calls it `copy ${b}`. In: the statements that read and write. Out: names
in placeholder form that may fit. What is absent: whether they do, in each turn; see `data_edges`.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Final

from otterdsl.compiler.analysis.accesses import INPUT, INTO, OUTPUT, StepTasks
from otterdsl.compiler.analysis.scope import POISON
from otterdsl.compiler.analysis.structure import Site
from otterdsl.compiler.analysis.targets import pieces, renamed
from otterdsl.compiler.analysis.turns import filled
from otterdsl.compiler.values.value import Value, placeholders, to_text

_TEXTS: Final = 8  # so many paths of a field are looked at


def templates(site: Site, producer: Site, tasks: StepTasks) -> Iterator[str]:
    """Names by which the turns of `site` may call those of `producer`."""
    name = producer.name
    if name is None:
        return
    shared = len(producer.nest.variables)
    if site is not producer and producer.nest.fors == site.nest.fors[:shared]:
        yield name
    for written in islice(_texts(producer, tasks, OUTPUT, INTO), _TEXTS):
        for read in islice(_texts(site, tasks, INPUT), _TEXTS):
            variables = _variables(written, read)
            if variables is None:
                continue
            called = to_text(filled(name, partial(renamed, variables=variables)))
            if called != name or site.nest.variables == producer.nest.variables:
                yield called


def _texts(site: Site, tasks: StepTasks, *roles: int) -> Iterator[str]:
    for role in roles:
        for each in tasks.fields_of(site.type, role) if site.type else ():
            value = tasks.fields.result(site, each.name).value
            yield from (text for text in _flat(value) if any(placeholders(text))) if value is not POISON else ()


def _flat(value: Value) -> Iterator[str]:
    match value:
        case str():
            yield value
        case tuple():
            for each in value:
                yield from _flat(each)
        case _:
            return


def _variables(written: str, read: str) -> Mapping[str, str] | None:
    """What stands in a path that is read where the one that is written has its placeholders, as far as both go; None where they differ."""
    theirs, ours = pieces(_plain(written)), pieces(_plain(read))
    found: dict[str, str] = {}
    for index in range(0, min(len(theirs), len(ours)), 2):
        one, other = theirs[index], ours[index]
        ends = index + 1 >= len(theirs) or index + 1 >= len(ours)
        if one != other and not (ends and (other.startswith(one) or one.startswith(other))):
            return None
        if index + 1 < min(len(theirs), len(ours)) and found.setdefault(theirs[index + 1], ours[index + 1]) != ours[index + 1]:
            return None
    return found


def _plain(path: str) -> str:
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return path.rstrip("/")

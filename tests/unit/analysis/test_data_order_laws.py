"""Order that follows from data, held to what a reader of the definition would work out by hand, over pipelines made by hypothesis.

Every turn of every task is written out, and who reads what whom writes is found by comparing each with each. Of that: circles are reported and
nothing else is; what is needed is waited for; what waits for each other never closes a circle; nothing is waited for without need.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otterdsl.compiler.analysis.program import Program

ITEMS = ("a", "b", "c")
TURN = re.compile(r"\$\{e\}")


@dataclass(frozen=True)
class Statement:
    """A task: the loop that it stands in (None for none), what it reads and where it writes, both with `${e}` for the loop's item."""

    number: int
    loop: int | None
    source: str
    destination: str

    def text(self) -> str:
        label = f'"t{self.number} ${{e}}"' if self.loop is not None else f'"t{self.number}"'
        return f'copy {label} {{ source = "{self.source}" destination = "{self.destination}" }}'


@dataclass(frozen=True)
class Turn:
    """A task of a run."""

    name: str
    statement: int
    source: str
    destination: str


@st.composite
def steps(draw: st.DrawFn) -> tuple[list[Statement], list[bool]]:
    """Statements, some of them in loops, and which of the loops have a label."""
    loops = draw(st.integers(1, 3))
    count = draw(st.integers(2, 6))
    made = []
    for number in range(count):
        loop = draw(st.none() | st.integers(0, loops - 1))
        other = draw(st.integers(0, count - 1))
        reads = ["x", f"o{other}", f"o{other}/a", f"./o{other}/a", f"o{other}/*", f"o{other}/?", f"o{other}/b/in", f"o{other}/[ab]", "*/a"]
        writes = [f"o{number}/a", f"o{number}"]
        if loop is not None:
            reads += [f"o{other}/${{e}}"] * 4 + ["x/${e}", f"o{other}/${{e}}/in"]
            writes = [f"o{number}/${{e}}"]
        made.append(Statement(number, loop, draw(st.sampled_from(reads)), draw(st.sampled_from(writes))))
    return made, draw(st.lists(st.booleans(), min_size=loops, max_size=loops))


def written(statements: list[Statement], labels: list[bool]) -> str:
    parts = [each.text() for each in statements if each.loop is None]
    for number, label in enumerate(labels):
        inside = [each.text() for each in statements if each.loop == number]
        if inside:
            items = ", ".join(f'"{item}"' for item in ITEMS)
            parts.append(f"for e in [{items}]{f' as group{number}' if label else ''} {{ {' '.join(inside)} }}")
    return f"step s {{ {' '.join(parts)} }}"


def turns(statements: list[Statement]) -> list[Turn]:
    found = []
    for each in statements:
        for item in ITEMS if each.loop is not None else ("",):
            label = f"copy t{each.number} {item}".rstrip()
            found.append(Turn(label, each.number, TURN.sub(item, each.source), TURN.sub(item, each.destination)))
    return found


def reads_from(reader: Turn, writer: Turn) -> bool:
    """Whether what is read equals, lies under or holds what is written; of a glob, what it can match."""
    if reader is writer or reader.source.startswith("./"):
        return False
    read, path = reader.source.split("/"), writer.destination.split("/")
    return all(fnmatchcase(part, pattern) for part, pattern in zip(path, read, strict=False))


def closure(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    found = {name: set(after) for name, after in graph.items()}
    for through in graph:
        for after in found.values():
            if through in after:
                after |= found[through]
    return found


def is_circular(graph: dict[str, set[str]]) -> bool:
    return any(name in after for name, after in closure(graph).items())


def waited_for(program: Program, statements: list[Statement]) -> dict[str, set[str]]:
    """The turns that each turn waits for by the edges."""
    (step,) = program.steps
    known = {turn.name for turn in turns(statements)}
    groups: dict[str, set[str]] = {}
    for task in step.tasks:
        for label in task.groups:
            groups.setdefault(label, set()).update(TURN.sub(item, task.name) for item in ITEMS)
    found: dict[str, set[str]] = {}
    for task in step.tasks:
        for item in ITEMS if task.loops else ("",):
            after = found[TURN.sub(item, task.name)] = set[str]()
            for edge in task.after:
                target = TURN.sub(item, edge.target)
                assert edge.reason == "data"
                assert target in groups or target in known
                after |= groups.get(target, {target})
    return found


def needs(statements: list[Statement]) -> Iterator[tuple[Turn, Turn]]:
    every = turns(statements)
    return ((reader, writer) for reader in every for writer in every if reads_from(reader, writer))


@given(steps())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tasks_wait_for_what_they_read_and_for_nothing_else(analysed, made: tuple[list[Statement], list[bool]]) -> None:
    statements, labels = made
    pairs = list(needs(statements))
    exact: dict[str, set[str]] = {turn.name: set() for turn in turns(statements)}
    whole: dict[str, set[str]] = {str(each.number): set() for each in statements}
    for reader, writer in pairs:
        exact[reader.name].add(writer.name)
        whole[str(reader.statement)].add(str(writer.statement))
    checked = analysed(written(statements, labels))
    circles = [each for each in checked.diagnostics if each.code == "OT401"]
    assert bool(circles) == is_circular(exact)
    assert len(circles) == len(checked.diagnostics)
    if checked.value is None:
        return
    after = waited_for(checked.value, statements)
    assert not is_circular(after)
    owner = {turn.name: str(turn.statement) for turn in turns(statements)}
    if not is_circular(whole):
        reached = closure(after)
        missing = [(reader.name, writer.name) for reader, writer in pairs if writer.name not in reached[reader.name]]
        assert missing == []
    loops = {str(each.number): each.loop for each in statements}
    for name, targets in after.items():
        for target in targets:
            beside = {number for number, loop in loops.items() if loop is not None and loop == loops[owner[target]]} | {owner[target]}
            assert whole[owner[name]] & beside

"""Tasks of a configuration that use what another task stores and do not wait for it.

In a `.otter` file such a reference is an order by itself; in Otter's YAML only `requires` is, and without it the placeholder may be filled in before
there is a value. In: a Program that was lowered from YAML. Out: findings. Reports: OT501. What is absent: tasks within tasks, which are made late,
and keys whose tasks go by names that only a run knows.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from otterdsl.compiler.analysis.program import Edge, Program, ResolvedStep, ResolvedTask
from otterdsl.compiler.analysis.turns import filled, row_lookup
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic, Label
from otterdsl.compiler.values.value import to_text


def unordered(program: Program) -> tuple[Diagnostic, ...]:
    """What is used without being waited for, each place once."""
    return tuple(dict.fromkeys(found for step in program.steps for found in _in_step(step)))


def _in_step(step: ResolvedStep) -> Iterator[Diagnostic]:
    used = [(task, edge) for task in step.tasks for edge in task.after if edge.reason == "reference"]
    if not used:
        return
    named = {task.name: task for task in step.tasks}
    following = _following(step.tasks)
    for task, edge in used:
        storing = named.get(edge.target)
        if storing is not None and edge.target not in _before(task.name, following):
            yield _finding(task, edge, storing)


def _following(tasks: Sequence[ResolvedTask]) -> Mapping[str, Sequence[str]]:
    """For each task, turn and group what must be done before it. A group comes after its members, which is where its name leads."""
    found: dict[str, list[str]] = defaultdict(list)
    for task in tasks:
        before = [edge.target for edge in task.after if edge.reason == "requires"]
        found[task.name] += before
        variables = tuple(loop.variable for loop in task.loops)
        items = [loop.items for loop in task.loops if isinstance(loop.items, tuple)]  # those of a configuration always are
        for row in product(*items) if variables and before else ():
            lookup = row_lookup(variables, row)
            found[to_text(filled(task.name, lookup))] += (to_text(filled(each, lookup)) for each in before)
        for group in task.groups:
            found[group].append(task.name)
    return found


def _before(name: str, following: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """All that must be done before a task."""
    seen: set[str] = set()
    queue = list(following.get(name, ()))
    while queue:
        each = queue.pop()
        if each not in seen:
            seen.add(each)
            queue += following.get(each, ())
    return frozenset(seen)


def _finding(task: ResolvedTask, edge: Edge, storing: ResolvedTask) -> Diagnostic:
    message = f"`{task.name}` uses what `{storing.name}` stores, and does not wait for it"
    mend = f"write `{storing.name}` into its `requires`"
    related = (Label(storing.name_span, "stores it"),)
    return Diagnostic("OT501", CODES["OT501"].severity, message, edge.span, "may have no value yet", mend, related)

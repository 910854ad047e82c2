"""`otterdsl why`: why a task waits. In: a `.otter` file, a step and a task. Out: what it is, what it waits for and why, and who waits for it."""

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from otterdsl.cli.findings import refuse_other
from otterdsl.cli.options import FILE, no_import_option
from otterdsl.cli.terminal import color_option, note, result
from otterdsl.compiler.plan.graph import Graph, Link, Node, Row, StepGraph, turn_text
from otterdsl.compiler.plan.words import condition_text, loop_text
from otterdsl.compiler.source.snippet import visible
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.values.value import unescape

EPILOG = """\b
Examples:
  otterdsl why inputs.otter expression "copy atlas"
  otterdsl why inputs.otter target 'copy ${each} genes'
"""

_WHY = {"requires": "required", "reference": "referred to", "data": "writes what this reads"}


@click.command("why", epilog=EPILOG)
@click.argument("file", metavar="FILE", type=FILE)
@click.argument("step_name", metavar="STEP")
@click.argument("task_name", metavar="TASK")
@no_import_option
@color_option
@click.pass_context
def command(ctx: click.Context, file: Path, step_name: str, task_name: str, use_imports: bool) -> None:
    """Say why a task waits.

    What TASK of STEP is, in which loops and under which condition it stands, what it waits for, with the reason and the place where that is said, and
    which tasks wait for it. TASK is its whole name, a loop's as it is written or as it is in one turn.
    """
    refuse_other(file)
    from otterdsl.cli.graphs import graph_of, known_steps

    graph, texts = graph_of(file, use_imports)
    known_steps(file, graph, [step_name])
    step = next(each for each in graph.steps if each.name == step_name)
    found = _find(step, task_name)
    if found is None:
        near = difflib.get_close_matches(task_name, step.names, 1)
        note(f"error: step `{visible(step_name)}` has no task `{visible(task_name)}`" + (f"; did you mean `{visible(near[0])}`?" if near else ""))
        ctx.exit(1)
    number, row = found
    result("\n".join(_lines(graph, step, number, row, texts)))


def _find(step: StepGraph, name: str) -> tuple[int, Row | None] | None:
    """The statement of a name, and the turn that it is the name of; of a task within a task, the one around it."""
    plain = {unescape(each): of for each, of in step.names.items()}
    found = step.names.get(name) or plain.get(name)
    if found is not None:
        return found
    return next(((number, None) for number, node in enumerate(step.nodes) if name in node.inner), None)


def _lines(graph: Graph, step: StepGraph, number: int, row: Row | None, texts: Mapping[str, SourceText]) -> Iterator[str]:
    node = step.nodes[number]
    yield f"{click.style(visible(turn_text(node.name, node, row)), bold=True)}, in step {visible(step.name)}  {_place(node.span, texts)}"
    for loop in node.loops:
        yield f"  for {visible(loop_text(loop))}"
    if row is not None:
        values = ", ".join(f"{loop.variable} is {visible(str(value))}" for loop, value in zip(node.loops, row, strict=True))
        yield f"  here {values}"
    elif node.loops:
        yield f"  makes {'as many tasks as a run finds' if node.turns is None else f'{node.turns} task' + ('' if node.turns == 1 else 's')}"
    if node.when is not None:
        yield f"  only if {visible(condition_text(node.when))}"
    if node.groups:
        yield f"  part of {', '.join(visible(group) for group in node.groups)}"
    yield from _waits(step, node, row, texts)
    if step.requires:
        yield f"  its step comes after {', '.join(visible(name) for name in step.requires)}"
    yield from _waited_for(graph, step, number, texts)


def _waits(step: StepGraph, node: Node, row: Row | None, texts: Mapping[str, SourceText]) -> Iterator[str]:
    if not node.links:
        yield "  waits for no task"
        return
    yield "  waits for"
    for link in node.links:
        name = visible(turn_text(link.target, node, row))
        what = f"{name}, a loop of {_members(step, link)}" if unescape(link.target) in step.groups else name
        yield f"    {what}: {_WHY[link.reason]}  {_place(link.span, texts)}"


def _members(step: StepGraph, link: Link) -> str:
    return ", ".join(visible(unescape(step.nodes[each].name)) for each in link.nodes)


def _waited_for(graph: Graph, step: StepGraph, number: int, texts: Mapping[str, SourceText]) -> Iterator[str]:
    followers = {node.name: link for node, link in step.followers(number)}
    after = [each.name for each in graph.steps if step.name in each.requires]
    if not followers and not after:
        yield "  nothing waits for it"
    if followers:
        yield "  waited for by"
        for name, link in followers.items():
            yield f"    {visible(unescape(name))}  {_place(link.span, texts)}"
    if after:
        yield f"  its step is waited for by {', '.join(visible(name) for name in after)}"


def _place(span: Span, texts: Mapping[str, SourceText]) -> str:
    text = texts[span.file]
    position = text.position(span.start)
    return click.style(f"{visible(text.display)}:{position.line}:{position.column}", dim=True)

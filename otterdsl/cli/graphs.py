"""The graph of the pipeline in a file, for the commands that show it. In: a path. Out: a `Graph`, or the end of the command."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from otterdsl.cli.findings import count, show, stops
from otterdsl.cli.pipeline import refuse
from otterdsl.compiler.frontend import check
from otterdsl.compiler.plan.graph import Graph, build_graph
from otterdsl.compiler.source.text import SourceText
from otterdsl.runtime.util.errors import StepInvalidError, did_you_mean


def graph_of(file: Path, use_imports: bool) -> tuple[Graph, Mapping[str, SourceText]]:
    """The graph of a file's pipeline, and the texts that its spans point into. Says what is wrong and ends the command where there are errors."""
    checked = check(file, use_imports=use_imports)
    if stops(checked.diagnostics, strict=False) or checked.program is None:
        show(checked.diagnostics, checked.texts)
        count(checked.diagnostics)
        raise click.exceptions.Exit(1)
    return build_graph(checked.program), checked.texts


def known_steps(file: Path, graph: Graph, steps: Sequence[str]) -> None:
    """End the command where a step is named that the pipeline has not."""
    names = [step.name for step in graph.steps]
    for step in steps:
        if step not in names:
            refuse(file, StepInvalidError(f"no step `{step}`{did_you_mean(step, names)}"), "OT703")

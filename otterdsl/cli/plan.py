"""`otterdsl plan`: what a run would do. In: a `.otter` file or a compiled package. Out: steps and tasks in an order they could run in."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from otterdsl.cli.options import FILE, format_option, set_option
from otterdsl.cli.terminal import color_option, result, results_alone
from otterdsl.compiler.source.snippet import visible

if TYPE_CHECKING:
    from otterdsl.cli.pipeline import Opened
    from otterdsl.runtime.preview import StepPreview, TaskPreview

EPILOG = """\b
Examples:
  otterdsl plan inputs.otter
  otterdsl plan inputs.otter target --set release=116 --format json
"""


@click.command("plan", epilog=EPILOG)
@click.argument("file", metavar="FILE", type=FILE)
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@format_option
@set_option
@color_option
def command(file: Path, steps: tuple[str, ...], form: Literal["text", "json"], settings: tuple[tuple[str, str], ...]) -> None:
    """Show what a run would do.

    The tasks of all steps, or of those named, in an order in which they could run: what each waits for, and where it was written. Nothing is run.
    """
    from otterdsl.cli.pipeline import check_steps, open_pipeline, params_of, refuse
    from otterdsl.runtime.core import plan_pipeline
    from otterdsl.runtime.util.errors import OtterError

    with results_alone():
        opened = open_pipeline(file)
        check_steps(opened, steps)
        params = params_of(opened, settings, os.environ)
        try:
            planned = plan_pipeline(opened.loaded, params, steps or None)
        except OtterError as error:
            refuse(file, error)
    result(_as_json(opened, planned) if form == "json" else _as_text(opened, planned))


def _as_json(opened: "Opened", steps: Sequence["StepPreview"]) -> str:
    def of_task(task: "TaskPreview") -> Mapping[str, Any]:
        return {
            "name": task.name,
            "type": task.type,
            "after": list(task.after),
            "reasons": task.reasons,
            "fan_out": task.fan_out,
            "spec": task.spec,
            "file": str(opened.shown_from / task.file) if task.file else None,
            "line": task.line,
        }

    shown = [{"name": step.name, "requires": list(step.requires), "tasks": [of_task(task) for task in step.tasks]} for step in steps]
    return json.dumps({"version": 1, "pipeline": opened.loaded.name, "steps": shown}, indent=2, ensure_ascii=False)


def _makers(opened: "Opened") -> frozenset[str]:
    """The task types whose tasks may make others while they run: those with a field that holds tasks."""
    from otterdsl.runtime.task.fields import spec_fields
    from otterdsl.runtime.task.model import Spec

    specs: list[Spec] = [each.__dict__["spec"] for step in opened.loaded.steps for each in step.classes]
    return frozenset(spec.task_type for spec in specs if spec_fields(type(spec)).specs)


def _waited_for(task: "TaskPreview") -> list[str]:
    """What a task waits for, with the reason where it is known."""
    reasons = task.reasons or {}
    return [f"{visible(name)} ({reasons[name]})" if name in reasons else visible(name) for name in task.after]


def _as_text(opened: "Opened", steps: Sequence["StepPreview"]) -> str:
    """A block a step, a line a task: its name, its place, what it is made for as it runs, whether it makes tasks, what it waits for."""
    blocks = []
    makers = _makers(opened)
    for step in steps:
        after = f" after {', '.join(visible(name) for name in step.requires)}" if step.requires else ""
        lines = [f"step {click.style(visible(step.name), bold=True)}{after}"]
        width = max((len(visible(task.name)) for task in step.tasks), default=0)
        for task in step.tasks:
            place = click.style(visible(opened.place(task.file, task.line)), dim=True) if task.file and task.line else ""
            waits = f"  after {', '.join(_waited_for(task))}" if task.after else ""
            makes = "  makes tasks as it runs" if task.type in makers else ""
            if task.fan_out is not None:
                makes = f"  N = ? until {visible(task.fan_out)}{makes}"
            lines.append(f"  {visible(task.name):<{width}}  {place}{makes}{waits}")
        blocks.append("\n".join(lines if step.tasks else [*lines, "  nothing to do"]))
    tasks = sum(task.fan_out is None for step in steps for task in step.tasks)
    open_ended = any(task.type in makers or task.fan_out is not None for step in steps for task in step.tasks)
    more = ", and those made as it runs" if open_ended else ""
    return "\n\n".join([*blocks, f"{tasks} task{'' if tasks == 1 else 's'} in {len(steps)} step{'' if len(steps) == 1 else 's'}{more}"])

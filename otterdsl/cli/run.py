"""`otterdsl run`: a pipeline, brought to files and a manifest. In: a `.otter` file or a compiled package. Out: progress, and 1 where it fails."""

import contextlib
import gc
import logging
import os
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from otterdsl.cli.options import FILE, FOLDER, Pair, Uri, set_option
from otterdsl.cli.terminal import color_option, note, results_alone
from otterdsl.compiler.source.snippet import visible

if TYPE_CHECKING:
    from otterdsl.cli.pipeline import Opened
    from otterdsl.cli.progress import Form, PlaceOf
    from otterdsl.runtime.config.model import Config
    from otterdsl.runtime.core import RunResult
    from otterdsl.runtime.step.events import OnEvent

EPILOG = """\b
Examples:
  otterdsl run inputs.otter
  otterdsl run inputs.otter target --with-required --set release=116
  otterdsl run compiled/inputs --work-path /data/inputs --progress json
"""


@click.command("run", epilog=EPILOG)
@click.argument("file", metavar="FILE", type=FILE)
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@click.option("--with-required", is_flag=True, help="Run what the named steps require, too.")
@set_option
@click.option("--work-path", metavar="DIR", type=FOLDER, help="The folder for what the run makes.")
@click.option("--release-uri", metavar="URI", type=Uri(), help="Where results belong; without it, in the work path.")
@click.option("--pool-size", metavar="N", type=click.IntRange(min=1), help="How many tasks may run at once.")
@click.option(
    "--mirror",
    "mirrors",
    metavar="FROM=TO",
    multiple=True,
    type=Pair("FROM=TO"),
    help="Rewrite the beginning of source URIs; the longest match first.",
)
@click.option(
    "--progress", type=click.Choice(["rich", "plain", "json"]), help="How to show progress. Without it: rich on a terminal, plain elsewhere."
)
@color_option
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    steps: tuple[str, ...],
    with_required: bool,
    settings: tuple[tuple[str, str], ...],
    work_path: Path | None,
    release_uri: str | None,
    pool_size: int | None,
    mirrors: tuple[tuple[str, str], ...],
    progress: "Form | None",
) -> None:
    """Run a pipeline, or some of its steps.

    FILE is a .otter file, which is compiled in memory, or the folder of a compiled package. All steps run, each after those it requires; a STEP
    that is named runs alone. How it went stands in manifest.json, in the release (the work path, without --release-uri).
    """
    from otterdsl.cli.pipeline import check_steps, open_pipeline, params_of, refuse_to_run
    from otterdsl.cli.progress import form_of, watching
    from otterdsl.cli.settings import config_of
    from otterdsl.runtime.util.errors import OtterError

    form = form_of(progress)
    with results_alone(form == "json") as out:
        opened = open_pipeline(file)
        check_steps(opened, steps)
        params = params_of(opened, settings, os.environ)
        place_of = _place_of(opened, params)
        options = {"work_path": work_path, "release_uri": release_uri, "pool_size": pool_size}
        config = config_of(opened.loaded, options, mirrors, os.environ)
        began = time.monotonic()
        gc.enable()  # a run may last for days, and what tasks leave behind is theirs
        try:
            with watching(form, _known(opened, params, steps, with_required) if form == "rich" else {}, place_of, out) as listener:
                outcome = _run(opened, config, params, steps, with_required, listener)
        except OtterError as error:
            refuse_to_run(opened, error)
    # JSON has no room for reasons; any other form has said them where they came up.
    failure = outcome.failure_reason if form == "json" else _short(outcome, place_of) or outcome.failure_reason
    _sum_up(outcome, failure or "", config, time.monotonic() - began)
    if not outcome.ok:
        ctx.exit(1)


def _known(opened: "Opened", params: dict[str, Any], steps: tuple[str, ...], with_required: bool) -> dict[str, int]:
    """How many tasks each step that runs has, as far as is known before it does. Raises: OtterError."""
    from otterdsl.runtime.core import select_steps
    from otterdsl.runtime.task.spread import spread

    chosen = select_steps(opened.loaded, steps, with_required=with_required)
    return {step.name: len(spread(step.classes, params).entries) for step in chosen}


def _place_of(opened: "Opened", params: dict[str, Any]) -> "PlaceOf":
    """Says where a task of a step was written, as people see it; empty for one that another task made."""
    from otterdsl.runtime.task.spread import spread

    @cache
    def places(step: str) -> dict[str, str]:
        loaded, found = opened.loaded.step(step), {}
        for entry in spread(loaded.classes, params).entries:
            place = loaded.places.get(entry.task_class.__name__) if entry.task_class else None
            if place is not None:
                found[entry.name] = opened.place(place.file, place.line)
        return found

    return lambda step, task: places(step).get(task, "")


def _run(opened: "Opened", config: "Config", params: dict[str, Any], steps: tuple[str, ...], with_required: bool, listener: "OnEvent") -> "RunResult":
    """Run, and tell the listener. Raises: OtterError; whatever went wrong in the runtime's own bookkeeping."""
    import asyncio

    from otterdsl.runtime.core import run_pipeline

    with _logging() as console:
        coroutine = run_pipeline(opened.loaded, config=config, params=params, steps=steps or None, with_required=with_required, on_event=listener)
        outcome = asyncio.run(coroutine)
    if console.bug is not None:  # the step came to its end and the manifest is written, but it is no failure of the pipeline's
        raise console.bug
    return outcome


_COORDINATOR: Final = "otterdsl.runtime.step.coordinator"  # what it logs with an exception is a bug in its bookkeeping
_SHOWN_AS_PROGRESS: Final = ("otterdsl.runtime.step.", "otterdsl.runtime.task.task_reporter")


class _Console(logging.Handler):
    """Shows warnings of tasks and packages on standard error, and keeps the first bug of the runtime's own.

    How tasks come out is progress, and shown as such.
    """

    bug: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, or keep the bug. Mutates."""
        if record.name == _COORDINATOR and record.exc_info:
            self.bug = self.bug or record.exc_info[1]
        elif not record.name.startswith(_SHOWN_AS_PROGRESS):
            note(f"{record.levelname.lower()}: {visible(record.getMessage())}")


@contextlib.contextmanager
def _logging() -> Iterator[_Console]:
    """Show warnings while this lasts."""
    handler = _Console(logging.WARNING)
    logging.root.addHandler(handler)
    try:
        yield handler
    finally:
        logging.root.removeHandler(handler)


def _short(outcome: "RunResult", place_of: "PlaceOf") -> str:
    """Which task failed the run and where it was written, without the reason; empty where no task did."""
    for step in outcome.steps:
        reason = step.manifest.failure_reason
        if not reason or outcome.failure_reason != f"step `{step.name}` failed: {reason}":
            continue
        for task in step.manifest.tasks:
            for how in ("failed", "cannot be built", "was aborted"):
                if reason.endswith(f"task `{task.name}` {how}: {task.failure_reason}"):
                    place = place_of(step.name, task.name)
                    return f"step `{step.name}` failed: task `{task.name}`{f' ({place})' if place else ''}"
    return ""


def _sum_up(outcome: "RunResult", failure: str, config: "Config", seconds: float) -> None:
    """Say in a few lines how it went, and where to look."""
    tasks = sum(len(step.manifest.tasks) for step in outcome.steps)
    steps = len(outcome.steps)
    took = f"{tasks} task{'' if tasks == 1 else 's'} in {steps} step{'' if steps == 1 else 's'}, {seconds:.2f} s"
    if outcome.ok:
        note(f"{click.style('success', fg='green', bold=True)}: {took}")
    else:
        note(f"{click.style('failure', fg='red', bold=True)}: {visible(' '.join(failure.split()))}")
        note(f"{took}; see {visible(str(config.release_uri or config.work_path))}/manifest.json")
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()

"""`otterdsl run`: a pipeline, brought to files and a manifest. In: what has steps, in any of three forms. Out: progress, and 1 where it fails."""

import contextlib
import gc
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from otterdsl.cli.findings import is_configuration
from otterdsl.cli.options import FILE, FOLDER, Pair, Uri, schema_option, set_option, tasks_option
from otterdsl.cli.terminal import color_option, note, results_alone
from otterdsl.compiler.source.snippet import visible

if TYPE_CHECKING:
    from otterdsl.cli.progress import Form, PlaceOf
    from otterdsl.cli.runnable import Runnable
    from otterdsl.runtime.config.model import Config
    from otterdsl.runtime.core import RunResult
    from otterdsl.runtime.step.events import OnEvent

EPILOG = """\b
Examples:
  otterdsl run inputs.otter
  otterdsl run inputs.otter target --with-required --set release=116
  otterdsl run compiled/inputs --work-path /data/inputs --progress json
  otterdsl run config.yaml target --tasks pis.tasks
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
@tasks_option
@schema_option
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
    packages: tuple[str, ...],
    schemas: tuple[Path, ...],
) -> None:
    """Run a pipeline, or some of its steps.

    FILE is a .otter file, which is compiled in memory, the folder of a compiled package, or an Otter configuration (.yaml), which is checked first.
    All steps run, each after those it requires; a STEP that is named runs alone. How it went stands in manifest.json, in the release (the work
    path, without --release-uri).
    """
    from otterdsl.cli.progress import form_of, watching
    from otterdsl.runtime.util.errors import OtterError

    form = form_of(progress)
    options = {"work_path": work_path, "release_uri": release_uri, "pool_size": pool_size}
    with results_alone(form == "json") as out:
        if is_configuration(file):
            if settings:
                raise click.UsageError(f"--set gives a param a value, and {click.format_filename(file)}, an Otter configuration, has none")
            from otterdsl.cli.configuration import of_configuration

            runnable = of_configuration(file, steps, packages=packages, schemas=schemas, options=options, mirrors=mirrors)
        else:
            if packages or schemas:
                raise click.UsageError("--tasks and --schema are for Otter configurations: a .otter file has `use` and `import`")
            from otterdsl.cli.runnable import of_pipeline

            runnable = of_pipeline(file, steps, with_required=with_required, sets=settings, options=options, mirrors=mirrors)
        began = time.monotonic()
        gc.enable()  # a run may last for days, and what tasks leave behind is theirs
        try:
            with watching(form, runnable.counts() if form == "rich" else {}, runnable.place_of, out) as listener:
                outcome = _run(runnable, listener)
        except OtterError as error:
            runnable.refuse(error)
    # JSON has no room for reasons; any other form has said them where they came up.
    failure = outcome.failure_reason if form == "json" else _short(outcome, runnable.place_of) or outcome.failure_reason
    _sum_up(outcome, failure or "", runnable.config, time.monotonic() - began)
    if not outcome.ok:
        ctx.exit(1)


def _run(runnable: "Runnable", listener: "OnEvent") -> "RunResult":
    """Run, and tell the listener. Raises: OtterError; whatever went wrong in the runtime's own bookkeeping."""
    import asyncio

    from otterdsl.cli.console import warnings_shown

    with warnings_shown() as console:
        outcome = asyncio.run(runnable.run(listener))
    if console.bug is not None:  # the step came to its end and the manifest is written, but it is no failure of the pipeline's
        raise console.bug
    return outcome


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

"""A run's progress, as people or programs want it: drawn live, as plain lines, or as JSON. In: events of tasks. Out: text on a stream.

Plain lines and the drawing go to standard error; JSON is a result, and goes to standard output. A reader that goes away does not end the run.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TextIO, TypeAlias

import click

from otterdsl.cli.board import Board, StepBoard
from otterdsl.cli.terminal import colored, live, note
from otterdsl.compiler.source.snippet import visible
from otterdsl.runtime.step.events import OnEvent, TaskEvent

Form: TypeAlias = Literal["rich", "plain", "json"]
RUNNING_SHOWN = 5  # lines for tasks that run; a pool may be far larger than a screen
FRAMES = 8  # a second


PlaceOf: TypeAlias = Callable[[str, str], str]
"""Where a task of a step was written, by their names: `inputs.otter:12`; empty where that is not known."""


def form_of(asked: Form | None) -> Form:
    """What was asked for, else what suits standard error."""
    return asked or ("rich" if live() else "plain")


@contextlib.contextmanager
def watching(form: Form, tasks: Mapping[str, int], place_of: PlaceOf, out: TextIO) -> Iterator[OnEvent]:
    """A listener that shows a run while the context is open. `tasks` says how many tasks each step has, as far as is known; `out` takes JSON."""
    match form:
        case "json":
            yield quietly(lambda event: _json(event, out))
        case "plain":
            yield quietly(_lines(sys.stderr, place_of))
        case "rich":
            with _drawing(tasks, place_of) as listener:
                yield listener


def quietly(write: OnEvent) -> OnEvent:
    """The listener, until the stream that it writes to takes no more: then it does nothing. A run does not end for that."""
    closed = False

    def listen(event: TaskEvent) -> None:
        nonlocal closed
        if not closed:
            try:
                write(event)
            except (BrokenPipeError, ValueError):
                closed = True
            except OSError as error:
                closed = True
                with contextlib.suppress(OSError):
                    note(f"warning: progress is no longer written: {error.strerror}")

    return listen


def _lines(out: TextIO, place_of: PlaceOf) -> OnEvent:
    """A listener that writes plain lines. Whether to colour them is asked once: a run may have very many tasks."""
    shown = colored(out)

    def write(event: TaskEvent) -> None:
        out.write(line_of(event, place_of, color=shown) + "\n")
        out.flush()

    return write


def _json(event: TaskEvent, out: TextIO) -> None:
    out.write(json.dumps({"event": event.event, "step": event.step, "task": event.task, "time": event.time.isoformat()}) + "\n")
    out.flush()


COLORS: Mapping[str, str] = {
    "started": "bright_black",
    "finished": "green",
    "failed": "red",
    "retried": "yellow",
    "skipped": "yellow",
    "aborted": "yellow",
}


def line_of(event: TaskEvent, place_of: PlaceOf, *, color: bool) -> str:
    """An event as one line: what, which step, which task, why, and for a failure where the task was written."""
    head = f"{event.event:<8}"
    head = click.style(head, fg=COLORS.get(event.event)) if color else head
    place = place_of(event.step, event.task) if event.event == "failed" else ""
    why = f": {visible(' '.join(event.message.split()))}" if event.message else ""
    return f"{head} {visible(event.step)}: {visible(event.task)}{f' ({place})' if place else ''}{why}"


@contextlib.contextmanager
def _drawing(tasks: Mapping[str, int], place_of: PlaceOf) -> Iterator[OnEvent]:
    """A listener that keeps a board, drawn at the end of the terminal a few times a second; failures stay above it."""
    from rich.console import Console, Group, RenderableType
    from rich.live import Live
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    board = Board(tasks)
    shown = colored(sys.stderr)
    # rich takes no colour for no hues alone: without a colour system it writes no faint and no bold letters either.
    console = Console(stderr=True, no_color=not shown, color_system="auto" if shown else None, highlight=False)

    def draw() -> RenderableType:
        now = time.monotonic()
        rows = Table.grid(padding=(0, 1))
        for step in list(board.steps.values()):
            style = _style(step)
            bar = ProgressBar(max(step.total, 1), step.done, width=30, complete_style=style, finished_style=style)
            rows.add_row(Text(_mark(step), style=style), Text(visible(step.name)), bar, Text(_count(step)))
        running = [
            Text(f"  {visible(step.name)}: {visible(task)}  {now - since:.1f} s", style="dim")
            for step, task, since in board.longest_running(RUNNING_SHOWN)
        ]
        return Group(rows, *running)

    def listen(event: TaskEvent) -> None:
        board.take(event.event, event.step, event.task, time.monotonic())
        if event.event == "failed":
            console.print(Text.from_ansi(line_of(event, place_of, color=shown)))

    # What tasks print is shown above the drawing, but where standard output goes elsewhere it has to arrive there.
    with Live(get_renderable=draw, console=console, refresh_per_second=FRAMES, redirect_stdout=sys.stdout.isatty()):
        yield listen
    if not console.is_terminal:  # there, the only frame is the last one, and it ends without an end of line
        console.line()


def _mark(step: StepBoard) -> str:
    return "✗" if step.failed else "✓" if step.whole and step.total else "·"


def _style(step: StepBoard) -> str:
    return "red" if step.failed else "green" if step.whole and step.total else "cyan" if step.done or step.running else "dim"


def _count(step: StepBoard) -> str:
    return f"{step.done}/{step.total}{f', {step.failed} failed' if step.failed else ''}"

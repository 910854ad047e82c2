"""What `run` runs, whatever it was read from: a `.otter` file, a compiled package, or an Otter configuration.

In: a path and options. Out: a `Runnable`, or the end of the command, with what is wrong. What is absent: running it, and showing how that goes.
"""

import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from otterdsl.cli.pipeline import check_steps, open_pipeline, params_of, refuse_to_run
from otterdsl.cli.progress import PlaceOf
from otterdsl.cli.settings import config_of
from otterdsl.runtime.util.errors import OtterError

if TYPE_CHECKING:
    from otterdsl.cli.pipeline import Opened
    from otterdsl.runtime.config.model import Config
    from otterdsl.runtime.core import RunResult
    from otterdsl.runtime.step.events import OnEvent


@dataclass(frozen=True, slots=True)
class Runnable:
    """A run that could begin: its settings, where its tasks were written, how to run it, and how to say that it cannot be.

    `counts` gives how many tasks each step has, as far as is known; it may raise an OtterError, as `run` does, which is for `refuse`.
    """

    config: "Config"
    place_of: PlaceOf
    counts: Callable[[], Mapping[str, int]]
    run: Callable[["OnEvent"], Coroutine[Any, Any, "RunResult"]]
    refuse: Callable[[OtterError], NoReturn]


def of_pipeline(
    file: Path,
    steps: tuple[str, ...],
    *,
    with_required: bool,
    sets: Iterable[tuple[str, str]],
    options: Mapping[str, Any],
    mirrors: Iterable[tuple[str, str]],
) -> Runnable:
    """The run of a `.otter` file or of a compiled package."""
    from otterdsl.runtime.core import run_pipeline

    opened = open_pipeline(file)
    check_steps(opened, steps)
    params = params_of(opened, sets, os.environ)
    config = config_of(opened.loaded, options, mirrors, os.environ)
    return Runnable(
        config,
        _place_of(opened, params),
        lambda: _counts(opened, params, steps, with_required),
        lambda listener: run_pipeline(
            opened.loaded, config=config, params=params, steps=steps or None, with_required=with_required, on_event=listener
        ),
        lambda error: refuse_to_run(opened, error),
    )


def _counts(opened: "Opened", params: dict[str, Any], steps: tuple[str, ...], with_required: bool) -> dict[str, int]:
    """How many tasks each step that runs has, as far as is known before it does: those of open loops are not. Raises: OtterError."""
    from otterdsl.runtime.core import select_steps
    from otterdsl.runtime.task.spread import spread

    chosen = select_steps(opened.loaded, steps, with_required=with_required)
    return {step.name: sum(entry.loop is None for entry in spread(step.classes, params).entries) for step in chosen}


def _place_of(opened: "Opened", params: dict[str, Any]) -> PlaceOf:
    """Says where a task of a step was written, as people see it; empty for one that another task made.

    For one of a loop that only a run can spread it is the first statement whose name is of that form.
    """
    from otterdsl.runtime.scratchpad.placeholder import may_become
    from otterdsl.runtime.task.spread import spread

    @cache
    def places(step: str) -> tuple[dict[str, str], dict[str, str]]:
        loaded, found, open_loops = opened.loaded.step(step), dict[str, str](), dict[str, str]()
        for entry in spread(loaded.classes, params).entries:
            place = loaded.places.get(entry.task_class.__name__) if entry.task_class else None
            if place is not None:
                name, known = (entry.name, found) if entry.loop is None else (entry.loop.title, open_loops)
                known.setdefault(name, opened.place(place.file, place.line))
        return found, open_loops

    def place_of(step: str, task: str) -> str:
        found, open_loops = places(step)
        return found.get(task) or next((place for title, place in open_loops.items() if may_become(title, task)), "")

    return place_of

"""An Otter configuration, checked and ready to run. In: a YAML file, task packages, schemas, steps. Out: a `Runnable`, or the end of the command.

It is checked as `check` does it, but for the steps that will not run; then it is read once more, in the way of the runtime.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from otterdsl.cli.console import warnings_shown
from otterdsl.cli.findings import count, show, stops
from otterdsl.cli.pipeline import look_in, refuse
from otterdsl.cli.runnable import Runnable
from otterdsl.cli.settings import config_of_file
from otterdsl.convert.check import check_config
from otterdsl.runtime.configuration import open_configuration, run_configuration
from otterdsl.runtime.util.errors import ClasslessError, OtterError, StepInvalidError


def of_configuration(
    file: Path,
    steps: tuple[str, ...],
    *,
    packages: tuple[str, ...],
    schemas: tuple[Path, ...],
    options: Mapping[str, Any],
    mirrors: Iterable[tuple[str, str]],
) -> Runnable:
    """The run of an Otter configuration: of the steps that are named, of all where none is."""
    _check(file, steps, packages, schemas)
    look_in([file.resolve().parent, Path.cwd()])
    with _refused_with_a_log():
        try:
            config = config_of_file(file, options, mirrors, os.environ)
            opened = open_configuration(file, packages, steps)
        except StepInvalidError as error:
            refuse(file, error, "OT703")

    def place_of(step: str, task: str) -> str:
        place = opened.place_of(step, task)
        return "" if place is None else f"{file.parent / place.file}:{place.line}"

    return Runnable(
        config,
        place_of,
        lambda: {step.name: len(step.specs) for step in opened.steps},
        lambda listener: run_configuration(opened, config=config, on_event=listener),
        lambda error: _refuse(file, error),
    )


def _check(file: Path, steps: tuple[str, ...], packages: tuple[str, ...], schemas: tuple[Path, ...]) -> None:
    """Say what is wrong, and end the command where that keeps it from being run."""
    found = check_config(file, packages=packages, schemas=schemas, steps=steps or None)
    show(found.diagnostics, found.texts)
    if stops(found.diagnostics, strict=False):
        count(found.diagnostics)
        raise click.exceptions.Exit(1)


@contextmanager
def _refused_with_a_log() -> Iterator[None]:
    """Where Otter's own doors end the program, with the reason in the log, say that reason and end the command."""
    try:
        with warnings_shown():
            yield
    except SystemExit:
        raise click.exceptions.Exit(1) from None


def _refuse(file: Path, error: OtterError) -> NoReturn:
    """Say why a configuration that could be read is not run, and end the command."""
    if isinstance(error, ClasslessError):
        refuse(file if error.place is None else Path(f"{file}:{error.place[1]}"), error, "OT704")
    refuse(file, error)

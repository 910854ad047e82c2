"""Streams and colour. In: what people asked for, the environment, the streams. Out: whether to colour, whether to draw live.

Standard output takes results, standard error all else. Rich is absent on purpose: only the commands that draw import it.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, Literal, TextIO, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
Choice = Literal["auto", "always", "never"]


def _remember(ctx: click.Context, _parameter: click.Parameter, choice: Choice | None) -> None:
    # click.echo asks the innermost context, which inherits from the outer ones when it is made.
    if choice is not None:
        ctx.color = {"always": True, "never": False, "auto": None}[choice]
        ctx.meta["otterdsl.color"] = choice


def color_option(function: F) -> F:
    """The option `--color`, the same before and after the command's name. It wins over NO_COLOR."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        callback=_remember,
        expose_value=False,
        is_eager=True,
        help="Colour the output. Without it: on a terminal, unless NO_COLOR is set.",
    )(function)


def colored(stream: TextIO) -> bool:
    """Whether what is written to `stream` is to be coloured: `--color`, then NO_COLOR and TERM, then whether a person looks at it."""
    context = click.get_current_context(silent=True)
    choice: Choice = context.meta.get("otterdsl.color", "auto") if context else "auto"
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def live() -> bool:
    """Whether standard error can be drawn over: a terminal, and no CI that keeps every frame."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and os.environ.get("CI", "").lower() in ("", "0", "false")


@contextlib.contextmanager
def results_alone(alone: bool = True) -> Iterator[TextIO]:
    """Standard output for results; with `alone`, what packages and tasks print while this lasts goes to standard error."""
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr) if alone else contextlib.nullcontext():
        yield out


def result(text: str) -> None:
    """Write a result to standard output."""
    click.echo(text, color=colored(sys.stdout))


def note(text: str) -> None:
    """Write to standard error what is no result."""
    click.echo(text, err=True, color=colored(sys.stderr))

"""Options and arguments that several commands share, so that each is one thing everywhere. In: text. Out: typed values, or a usage error."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

# Whether it exists and can be read is a diagnostic of the frontend, with the same words for an entry file and an imported one.
FILE: Final = click.Path(path_type=Path)


class Pair(click.ParamType[tuple[str, str]]):
    """Text of the form `k=v`, split at its first `=`."""

    name = "k=v"

    def __init__(self, what: str) -> None:
        self.what = what

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The two sides; fails where there is no `=` or nothing before it."""
        left, equals, right = value.partition("=")
        if not equals or not left.strip():
            self.fail(f"{value!r} is not of the form {self.what}", param, ctx)
        return left.strip(), right


def set_option(function: F) -> F:
    """`--set NAME=VALUE`, many times."""
    return click.option(
        "--set",
        "settings",
        metavar="NAME=VALUE",
        multiple=True,
        type=Pair("NAME=VALUE"),
        help="Give a param a value: JSON where it is JSON, else text. May be given many times.",
    )(function)


def format_option(function: F) -> F:
    """`--format text|json`."""
    return click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="For people, or for programs.")(function)


def strict_option(function: F) -> F:
    """`--strict`."""
    return click.option("--strict", is_flag=True, help="Let warnings stop it too.")(function)


def no_import_option(function: F) -> F:
    """`--no-import`: on by default, the package of a `use` is imported (in a child process)."""
    return click.option(
        "--no-import", "use_imports", flag_value=False, default=True, help="Import no Python package: rely on `extern task` declarations alone."
    )(function)

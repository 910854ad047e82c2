"""Options and arguments that several commands share, so that each is one thing everywhere. In: text. Out: typed values, or a usage error."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


class Named(click.Path):
    """A path. Unlike click's own it is not empty: an empty text, which a variable without a value leaves, would be the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; fails for an empty one."""
        if value == "":
            self.fail("it is empty; name one, such as `.` for the current folder", param, ctx)
        return super().convert(value, param, ctx)


# Whether it exists and can be read is a diagnostic of the frontend, with the same words for an entry file and an imported one.
FILE: Final = Named(path_type=Path)
FOLDER: Final = Named(path_type=Path, file_okay=False)


class Filled(click.ParamType[str]):
    """A text that is not empty."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text itself; fails for an empty one."""
        return str(value) if value else self.fail("it is empty", param, ctx)


class Uri(click.ParamType[str]):
    """The URI of a release."""

    name = "URI"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The URI; fails for what is none."""
        from otterdsl.runtime.config.model import uri

        try:
            return uri(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


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


def tasks_option(function: F) -> F:
    """`--tasks PACKAGE`, many times: for an Otter configuration, which cannot name its task packages."""
    return click.option(
        "--tasks",
        "packages",
        metavar="PACKAGE",
        multiple=True,
        type=Filled(),
        help="For an Otter configuration: a Python package that has task types. May be given many times.",
    )(function)


def schema_option(function: F) -> F:
    """`--schema FILE.otter`, many times: task types of an Otter configuration as declarations."""
    return click.option(
        "--schema",
        "schemas",
        metavar="FILE",
        multiple=True,
        type=FILE,
        help="For an Otter configuration: a .otter file with `extern task` declarations. May be given many times.",
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

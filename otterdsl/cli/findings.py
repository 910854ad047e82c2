"""What a check found, for people and programs. In: diagnostics and texts. Out: lines on a stream, and whether to stop.

The words themselves are made by `compiler.source.render`; here is where they go.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import click

from otterdsl.cli.terminal import colored, note
from otterdsl.compiler.source.diagnostic import Diagnostic, Severity
from otterdsl.compiler.source.render import render_text, summary
from otterdsl.compiler.source.text import SourceText

YAML_ENDINGS = (".yaml", ".yml", ".json")  # JSON is YAML


def show(diagnostics: Sequence[Diagnostic], texts: Mapping[str, SourceText], stream: TextIO | None = None, explained: Iterable[str] = ()) -> None:
    """Write diagnostics as text to `stream`, standard error without one. Of the codes `explained` is not said again how to read more."""
    stream = stream or sys.stderr
    if diagnostics:
        color = colored(stream)
        click.echo(render_text(diagnostics, texts, color, explained).rstrip("\n") + "\n", file=stream, color=color)


def stops(diagnostics: Sequence[Diagnostic], strict: bool) -> bool:
    """Whether there is an error, or with `strict` a warning."""
    bad = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    return any(diagnostic.severity in bad for diagnostic in diagnostics)


def count(diagnostics: Sequence[Diagnostic]) -> None:
    """Say how many there are, as the last line of what stops a command."""
    if diagnostics:
        note(summary(diagnostics))


def is_configuration(path: Path) -> bool:
    """Whether a file is an Otter configuration, by its name."""
    return path.suffix.lower() in YAML_ENDINGS


def refuse_python(path: Path, expected: str = "a .otter file") -> None:
    """Raise a usage error for Python."""
    if path.suffix.lower() == ".py":
        raise click.UsageError(f"{click.format_filename(path)} is Python; {expected} is expected")


def refuse_other(path: Path, expected: str = "a .otter file") -> None:
    """Raise a usage error for Python, and for an Otter configuration, which most commands read only once it is converted."""
    refuse_python(path, expected)
    if is_configuration(path):
        new = click.format_filename(path.with_suffix(".otter"))
        raise click.UsageError(
            f"{click.format_filename(path)} is an Otter configuration; convert it first: otterdsl convert {click.format_filename(path)} -o {new}"
        )


def unreadable(error: OSError) -> click.ClickException:
    """What the system refuses, as an error that ends the command with 1."""
    return click.ClickException(f"{click.format_filename(error.filename or 'a file')}: {error.strerror or error}")

"""What a check found, for people and programs. In: diagnostics and texts. Out: lines on a stream, and whether to stop.

The words themselves are made by `compiler.source.render`; here is where they go.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

import click

from otterdsl.cli.terminal import colored, note
from otterdsl.compiler.source.diagnostic import Diagnostic, Severity
from otterdsl.compiler.source.render import render_text, summary
from otterdsl.compiler.source.text import SourceText

YAML_ENDINGS = (".yaml", ".yml")


def show(diagnostics: Sequence[Diagnostic], texts: Mapping[str, SourceText], stream: TextIO | None = None) -> None:
    """Write diagnostics as text to `stream`, standard error without one."""
    stream = stream or sys.stderr
    if diagnostics:
        color = colored(stream)
        click.echo(render_text(diagnostics, texts, color=color).rstrip("\n") + "\n", file=stream, color=color)


def stops(diagnostics: Sequence[Diagnostic], strict: bool) -> bool:
    """Whether there is an error, or with `strict` a warning."""
    bad = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    return any(diagnostic.severity in bad for diagnostic in diagnostics)


def count(diagnostics: Sequence[Diagnostic]) -> None:
    """Say how many there are, as the last line of what stops a command."""
    if diagnostics:
        note(summary(diagnostics))


def refuse_other(path: Path, expected: str = "a .otter file") -> None:
    """Raise a usage error for an Otter configuration, which no command reads yet, and for Python."""
    if path.suffix.lower() == ".py":
        raise click.UsageError(f"{click.format_filename(path)} is Python; {expected} is expected")
    if path.suffix.lower() in YAML_ENDINGS:
        raise click.UsageError(f"{click.format_filename(path)} is an Otter configuration; these are not supported yet, only .otter files are")


def unreadable(error: OSError) -> click.ClickException:
    """What the system refuses, as an error that ends the command with 1."""
    return click.ClickException(f"{click.format_filename(error.filename or 'a file')}: {error.strerror or error}")

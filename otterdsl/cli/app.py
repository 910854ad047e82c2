"""The program's commands and how it ends. In: arguments. Out: an exit code: 0 well, 1 errors found, 2 wrong usage, 70 our own bug.

Each command lives in a file of its own that is imported when it is named, so that one command does not pay for another's libraries.
"""

import errno
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import click

from otterdsl import __version__
from otterdsl.cli.terminal import color_option, note

INTERRUPTED: Final = 130  # 128 + SIGINT, as a shell says it
PIPE_CLOSED: Final = 141  # 128 + SIGPIPE

# In the order of their use; the words are the first line of each command's help, so that listing them imports none.
COMMANDS: Final[Mapping[str, str]] = {
    "init": "Make a new pipeline that runs.",
    "check": "Find every mistake in pipelines.",
    "fmt": "Write pipelines in their canonical form.",
    "explain": "Explain a diagnostic.",
    "convert": "Write an Otter configuration as a .otter file.",
    "compile": "Write a pipeline's Python package.",
    "plan": "Show what a run would do.",
    "run": "Run a pipeline, or some of its steps.",
    "tasks": "List the task types and their fields.",
    "why": "Say why a task waits.",
    "graph": "Write the graph of a pipeline.",
    "schema": "Write a package's task types as `extern task` declarations.",
    "export": "Write a pipeline for Otter.",
}

EPILOG: Final = """\b
Examples:
  otterdsl init my_pipeline
  otterdsl check my_pipeline/my_pipeline.otter
  otterdsl run my_pipeline/my_pipeline.otter

\b
Exit codes: 0 well, 1 errors found or a failed run, 2 wrong usage, 70 an internal error,
130 interrupted, 143 terminated (SIGTERM).

\b
Completion: put into your shell's start-up file
  bash  eval "$(_OTTERDSL_COMPLETE=bash_source otterdsl)"
  zsh   eval "$(_OTTERDSL_COMPLETE=zsh_source otterdsl)"
  fish  _OTTERDSL_COMPLETE=fish_source otterdsl | source
"""


class Commands(click.Group):
    """The group of commands, each imported from `otterdsl.cli.<name>` when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of their use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"otterdsl.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands' list without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` names; where there is none, a usage error with the nearest name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, 1)
            if not near:
                raise
            raise click.UsageError(f"No such command {args[0]!r}. Did you mean {near[0]!r}?", ctx) from error

    def invoke(self, ctx: click.Context) -> object:
        """Invoke the command; a reader of our output that has gone away ends it quietly."""
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _forget_output()
            ctx.exit(PIPE_CLOSED)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            _forget_output()
            raise click.ClickException(f"{error.filename or 'standard output'}: {error.strerror}") from error
        return value


def _forget_output() -> None:
    """Send what is left of standard output nowhere: Python flushes it once more at its end, and would complain there."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="otterdsl", message="%(prog)s %(version)s")
@color_option
def otterdsl() -> None:
    """Check, compile and run pipelines written in .otter files."""


def launch(arguments: Sequence[str]) -> int:
    """The exit code of the command that `arguments` name. What goes wrong is said on standard error, without a traceback."""
    try:
        code = otterdsl.main(list(arguments), prog_name="otterdsl", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.UsageError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        note(f"error: {error.format_message()}")
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever it is, people get one line and a report
        from otterdsl.cli.crash import report

        report(error, arguments)
        return os.EX_SOFTWARE

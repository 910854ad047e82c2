"""`otterdsl check`: every diagnostic of some files. In: paths. Out: diagnostics on standard output, and 1 where there are errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from otterdsl.cli.findings import is_configuration, refuse_python, show, stops, unreadable
from otterdsl.cli.options import FILE, no_import_option, schema_option, strict_option, tasks_option
from otterdsl.cli.terminal import color_option, note
from otterdsl.compiler.source.snippet import visible

if TYPE_CHECKING:
    from otterdsl.compiler.frontend import Frontend
    from otterdsl.compiler.source.located import Located

Form = Literal["text", "concise", "json", "sarif", "github"]
FORMS: Final[Sequence[Form]] = ("text", "concise", "json", "sarif", "github")

EPILOG = """\b
Examples:
  otterdsl check inputs.otter
  otterdsl check --format json pipelines/*.otter > diagnostics.json
  otterdsl check config.yaml --tasks my_package.tasks
"""


@click.command("check", epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default="text",
    help="For people, at length or a line each; for programs; for code scanners; for GitHub's workflows.",
)
@click.option("--fix", is_flag=True, help="Mend first what can be mended safely, in the files.")
@tasks_option
@schema_option
@strict_option
@no_import_option
@color_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    form: Form,
    fix: bool,
    packages: tuple[str, ...],
    schemas: tuple[Path, ...],
    strict: bool,
    use_imports: bool,
) -> None:
    """Find every mistake in pipelines.

    Says all that is wrong with each FILE and with what it imports, with places, in one go. Nothing is run, and without --fix nothing written. A FILE
    is a .otter file, or an Otter configuration (.yaml, .yml, .json), which is checked as it is: --tasks and --schema say where its task types are.
    """
    for file in files:
        refuse_python(file)
    if (packages or schemas) and not any(is_configuration(file) for file in files):
        raise click.UsageError("--tasks and --schema are for Otter configurations: a .otter file has `use` and `import`")
    # Plugins of pydantic watch models at work, and looking for them costs more than checking a small file.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from otterdsl.compiler.frontend import check

    def checked_file(file: Path) -> Frontend:
        if not is_configuration(file):
            return check(file, use_imports=use_imports)
        from otterdsl.convert.check import check_config

        return check_config(file, packages=packages, schemas=schemas, use_imports=use_imports)

    if fix and all(map(is_configuration, files)):
        raise click.UsageError("--fix mends .otter files; `otterdsl convert` makes one of an Otter configuration")
    if fix:
        mend([file for file in files if not is_configuration(file)], use_imports)
    checked = [checked_file(file) for file in files]
    write(form, checked)
    if any(stops(one.diagnostics, strict) for one in checked):
        ctx.exit(1)


def mend(files: Sequence[Path], use_imports: bool) -> None:
    """Apply the safe fixes of each file, and say on standard error what was done."""
    from otterdsl.compiler.fixing import fix_file

    for file in files:
        try:
            done = fix_file(file, use_imports=use_imports)
        except OSError as error:
            raise unreadable(error) from None
        for each in done:
            note(f"fixed {visible(each.display)}:{each.line}: {visible(each.title)} ({each.code})")


def write(form: Form, checked: Sequence[Frontend]) -> None:
    """Write what was found: the diagnostics on standard output, on standard error how many there are, unless a program asks."""
    from otterdsl.compiler.source.located import locate, merge
    from otterdsl.compiler.source.render import summary

    if form == "text":
        explained: set[str] = set()
        for one in checked:
            show(one.diagnostics, one.texts, sys.stdout, explained)
            explained |= {diagnostic.code for diagnostic in one.diagnostics}
    else:
        text = rendered(form, merge([locate(one.diagnostics, one.texts) for one in checked]))
        click.echo(text, nl=False)
    if form not in ("json", "sarif"):
        note(summary([diagnostic for one in checked for diagnostic in one.diagnostics]) or "no problems found")


def rendered(form: Form, found: Sequence[Located]) -> str:
    """The diagnostics in a form for programs, with the end of its last line."""
    match form:
        case "json":
            from otterdsl.compiler.source.render_json import render_json

            return render_json(found)
        case "sarif":
            from otterdsl.cli.pages import page
            from otterdsl.compiler.source.render_sarif import render_sarif

            return render_sarif(found, {each.code: page(each.code) for each in found})
        case "github":
            from otterdsl.compiler.source.render_lines import render_github

            return render_github(found)
        case _:
            from otterdsl.compiler.source.render_lines import render_concise

            return render_concise(found)

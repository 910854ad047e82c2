"""`otterdsl export`: a pipeline as a configuration of Otter. In: a `.otter` file. Out: YAML, on standard output or in a file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from otterdsl.cli.findings import count, refuse_other, show, stops
from otterdsl.cli.options import FILE, no_import_option, set_option, strict_option
from otterdsl.cli.terminal import color_option, note, result
from otterdsl.compiler.source.snippet import visible

if TYPE_CHECKING:
    from otterdsl.compiler.source.text import SourceText
    from otterdsl.convert.export_steps import Unsaid

EPILOG = """\b
Examples:
  otterdsl export inputs.otter --format otter-yaml -o config.yaml
  otterdsl export inputs.otter --format otter-yaml --set release=116
"""


@click.command("export", epilog=EPILOG)
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--format", "form", required=True, type=click.Choice(["otter-yaml"]), help="What it is exported to.")
@click.option("-o", "--output", "target", metavar="FILE", type=FILE, help="The file to write; standard output without it.")
@click.option("--force", is_flag=True, help="Overwrite a file that is no export.")
@set_option
@strict_option
@no_import_option
@color_option
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    form: str,
    target: Path | None,
    force: bool,
    settings: tuple[tuple[str, str], ...],
    strict: bool,
    use_imports: bool,
) -> None:
    """Write a pipeline for Otter.

    The result is a configuration, as YAML. Otter has no params: each has the value of --set, else its default. What came from `convert` goes back to
    what it was, be it right or not, and its errors are shown. What Otter cannot do is an error, what it leaves out a warning.
    """
    refuse_other(file)
    from otterdsl.convert.export import export_file
    from otterdsl.convert.export_target import write_export

    export = export_file(file, sets=dict(settings), use_imports=use_imports)
    show(export.diagnostics, export.texts)
    if export.text is None or (stops(export.diagnostics, strict) and (strict or not export.despite)):
        count(export.diagnostics)
        ctx.exit(1)
    if target is None:
        result(export.text.rstrip("\n"))
    else:
        problems = write_export(target, export.text, force=force)
        show(problems, export.texts)
        if problems:
            count([*export.diagnostics, *problems])
            ctx.exit(1)
        result(str(target))
    if export.despite:
        note("exported as it stands, with the errors above")
    _say(export.unsaid, export.texts)


def _say(unsaid: "Iterable[Unsaid]", texts: "Mapping[str, SourceText]") -> None:
    """List the order that only the checker knows."""
    for each in unsaid:
        text = texts[each.edge.span.file]
        place = f"{text.display}:{text.position(each.edge.span.start).line}"
        verbs = ("uses", "stores") if each.edge.reason == "reference" else ("reads", "writes")
        does = f"`{visible(each.task)}` {verbs[0]} what `{visible(each.edge.target)}` {verbs[1]} and does not require it"
        note(f"{visible(place)}: {does}: Otter will not wait")

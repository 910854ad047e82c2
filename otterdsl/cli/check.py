"""`otterdsl check`: every diagnostic of some files. In: paths. Out: diagnostics on standard output, and 1 where there are errors."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from otterdsl.cli.findings import is_configuration, refuse_python, show, stops
from otterdsl.cli.options import FILE, format_option, no_import_option, schema_option, strict_option, tasks_option
from otterdsl.cli.terminal import color_option, note, result

EPILOG = """\b
Examples:
  otterdsl check inputs.otter
  otterdsl check --format json pipelines/*.otter > diagnostics.json
  otterdsl check config.yaml --tasks my_package.tasks
"""


@click.command("check", epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@format_option
@tasks_option
@schema_option
@strict_option
@no_import_option
@color_option
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[Path, ...],
    form: Literal["text", "json"],
    packages: tuple[str, ...],
    schemas: tuple[Path, ...],
    strict: bool,
    use_imports: bool,
) -> None:
    """Find every mistake in pipelines.

    Says all that is wrong with each FILE and with what it imports, with places, in one go. Nothing is run and nothing written. A FILE is a .otter
    file, or an Otter configuration (.yaml, .yml, .json), which is checked as it is: --tasks and --schema say where its task types are.
    """
    for file in files:
        refuse_python(file)
    if (packages or schemas) and not any(is_configuration(file) for file in files):
        raise click.UsageError("--tasks and --schema are for Otter configurations: a .otter file has `use` and `import`")
    # Plugins of pydantic watch models at work, and looking for them costs more than checking a small file.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from otterdsl.compiler.frontend import Frontend, check
    from otterdsl.compiler.source.render import render_json, summary

    def checked_file(file: Path) -> Frontend:
        if not is_configuration(file):
            return check(file, use_imports=use_imports)
        from otterdsl.convert.check import check_config

        return check_config(file, packages=packages, schemas=schemas, use_imports=use_imports)

    checked = [checked_file(file) for file in files]
    if form == "json":
        result(merged([render_json(one.diagnostics, one.texts) for one in checked]))
    else:
        for one in checked:
            show(one.diagnostics, one.texts, sys.stdout)
        note(summary([diagnostic for one in checked for diagnostic in one.diagnostics]) or "no problems found")
    if any(stops(one.diagnostics, strict) for one in checked):
        ctx.exit(1)


def merged(objects: Sequence[str]) -> str:
    """The JSON of several entry files as one object: what two of them found in a file that both import counts once."""
    if len(objects) == 1:
        return objects[0].rstrip("\n")
    found = {json.dumps(diagnostic): diagnostic for text in objects for diagnostic in json.loads(text)["diagnostics"]}
    ordered = sorted(found.values(), key=lambda d: (d["file"] or "", d["line"] or 0, d["column"] or 0, d["code"]))
    return json.dumps({"version": 1, "diagnostics": ordered})

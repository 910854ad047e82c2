"""`otterdsl check`: every diagnostic of some files. In: paths. Out: diagnostics on standard output, and 1 where there are errors."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from otterdsl.cli.findings import refuse_other, show, stops
from otterdsl.cli.options import FILE, format_option, no_import_option, strict_option
from otterdsl.cli.terminal import color_option, note, result

EPILOG = """\b
Examples:
  otterdsl check inputs.otter
  otterdsl check --format json pipelines/*.otter > diagnostics.json
"""


@click.command("check", epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@format_option
@strict_option
@no_import_option
@color_option
@click.pass_context
def command(ctx: click.Context, files: tuple[Path, ...], form: Literal["text", "json"], strict: bool, use_imports: bool) -> None:
    """Find every mistake in .otter files.

    Says all that is wrong with each FILE and with what it imports, with places, in one go. Nothing is run and nothing written.
    """
    for file in files:
        refuse_other(file)
    # Plugins of pydantic watch models at work, and looking for them costs more than checking a small file.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from otterdsl.compiler.frontend import check
    from otterdsl.compiler.source.render import render_json, summary

    checked = [check(file, use_imports=use_imports) for file in files]
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

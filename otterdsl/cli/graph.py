"""`otterdsl graph`: the graph of a pipeline, for programs that draw. In: a `.otter` file. Out: Mermaid or DOT, on standard output or in a file."""

import os
from pathlib import Path
from typing import Literal

import click

from otterdsl.cli.findings import refuse_other, unreadable
from otterdsl.cli.options import FILE, no_import_option
from otterdsl.cli.terminal import color_option

EPILOG = """\b
Examples:
  otterdsl graph inputs.otter
  otterdsl graph inputs.otter target --format dot | dot -Tsvg -o target.svg
"""


@click.command("graph", epilog=EPILOG)
@click.argument("file", metavar="FILE", type=FILE)
@click.argument("steps", metavar="[STEP]...", nargs=-1)
@click.option("--format", "form", type=click.Choice(["mermaid", "dot"]), default="mermaid", help="What the drawing program reads.")
@click.option("-o", "--output", metavar="FILE", type=FILE, help="The file to write. Without it the text goes to standard output.")
@no_import_option
@color_option
def command(file: Path, steps: tuple[str, ...], form: Literal["mermaid", "dot"], output: Path | None, use_imports: bool) -> None:
    """Write the graph of a pipeline.

    A box for each step, or those named, with its tasks: a loop is one, with how many it makes. A solid edge is a `requires`, a thick one a reference,
    a dashed one data: one reads what the other writes.
    """
    refuse_other(file)
    if output is not None and output.is_dir():
        raise click.UsageError(f"{click.format_filename(output)} is a folder; name the file to write")
    from otterdsl.cli.graphs import graph_of, known_steps
    from otterdsl.compiler.plan.draw import dot, mermaid

    graph, _ = graph_of(file, use_imports)
    known_steps(file, graph, steps)
    text = (mermaid if form == "mermaid" else dot)(graph, steps)
    if output is None:
        click.echo(text, nl=False)
        return
    from otterdsl.compiler.writing import put_in_place

    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(Path(os.path.realpath(output)), text.encode())
    except OSError as error:
        raise unreadable(OSError(error.errno, error.strerror, str(output))) from None

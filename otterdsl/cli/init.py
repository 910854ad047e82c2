"""`otterdsl init`: a new pipeline that runs. In: a folder. Out: its files, none of which was there before; or none at all.

What is written stands in the folder `skeleton` beside this file, `@name@` in place of the pipeline's name.
"""

import keyword
import re
import shlex
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from otterdsl.cli.findings import show, unreadable
from otterdsl.cli.options import FOLDER
from otterdsl.cli.terminal import color_option, note, result

EPILOG = """\b
Examples:
  otterdsl init my_pipeline
  cd my_pipeline && otterdsl run my_pipeline.otter
"""

# Where each file of the skeleton goes. The `.txt` keeps tools from taking what is not yet Python for Python.
PLACES: Final[Mapping[str, str]] = {
    "@name@.otter": "pipeline.otter",
    "@name@_tasks/__init__.py": "package.py.txt",
    "@name@_tasks/count_words.py": "count_words.py.txt",
    "poems/sea.txt": "sea.txt",
    "poems/river.txt": "river.txt",
    "test_@name@.py": "test_pipeline.py.txt",
    "README.md": "README.md",
    ".gitignore": "gitignore.txt",
}


@click.command("init", epilog=EPILOG)
@click.argument("directory", metavar="[DIR]", default=".", type=FOLDER)
@color_option
@click.pass_context
def command(ctx: click.Context, directory: Path) -> None:
    """Make a new pipeline that runs.

    Writes a .otter file, a task package of its own, some input, the compiled package and a test that compares it (a snapshot) into DIR, the current
    folder without one. The pipeline is named after the folder. Nothing is overwritten.
    """
    name = pipeline_name(directory.resolve().name)
    if name is None:
        raise click.UsageError(f"no pipeline can be named after {click.format_filename(directory)}: start its name with a letter")
    texts = {place.replace("@name@", name): text for place, text in skeleton(name).items()}
    there = [place for place in [*texts, "compiled"] if (directory / place).exists() or (directory / place).is_symlink()]
    if there:
        raise click.UsageError(f"{click.format_filename(directory / there[0])} is there already: nothing was written")
    try:
        for place, text in texts.items():
            (directory / place).parent.mkdir(parents=True, exist_ok=True)
            (directory / place).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise unreadable(error) from None

    from otterdsl.compiler.compile import compile_file, write

    compilation = compile_file(directory / f"{name}.otter")
    problems = [*compilation.diagnostics, *write(compilation, directory / "compiled")]
    show(problems, compilation.texts)
    if problems:
        ctx.exit(1)
    for place in [*texts, f"compiled/{name}/"]:
        result(str(directory / place))
    if name != directory.resolve().name:
        note(f"\nThe pipeline is called {name}, after the folder, in letters that every name may have.")
    typed = click.format_filename(directory)
    where = "" if directory.resolve() == Path.cwd() else f"cd {shlex.quote(f'./{typed}' if typed.startswith('-') else typed)} && "
    note(f"\nNow: {where}otterdsl run {name}.otter")


def pipeline_name(folder: str) -> str | None:
    """The name of a pipeline in a folder of that name: ASCII words joined by `_`; None where none is left."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", folder).strip("_").lower()
    if not name or name[0].isdigit():
        return None
    return f"{name}_" if keyword.iskeyword(name) else name


def skeleton(name: str) -> dict[str, str]:
    """The text of each new file, by its place relative to the folder, for a pipeline of that name."""
    folder = files("otterdsl.cli") / "skeleton"
    return {place: (folder / source).read_text(encoding="utf-8").replace("@name@", name) for place, source in PLACES.items()}

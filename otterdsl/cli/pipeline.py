"""The pipeline that FILE names, loaded. In: a `.otter` file or the folder of a compiled package. Out: a `LoadedPipeline`, or the end of the command.

A `.otter` file is compiled in memory; nothing is written. Both ways end in the same classes, made from the same text.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import click

from otterdsl.cli.findings import count, refuse_other, show, stops
from otterdsl.cli.terminal import note
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.compiler.source.snippet import visible
from otterdsl.runtime.loader import LOCK, LoadedPipeline, load_package, load_sources
from otterdsl.runtime.params import PREFIX, resolve_params
from otterdsl.runtime.util.errors import ClasslessError, MendableError, OtterError, ParamError, PipelineLoadError, SecretError, StepInvalidError

FEW: Final = 5  # packages that a message names


@dataclass(frozen=True, slots=True)
class Opened:
    """A pipeline and what to show of its places: a source file's id is relative to `shown_from`, as typed."""

    path: Path
    loaded: LoadedPipeline
    shown_from: Path

    def place(self, file: str, line: int) -> str:
        """A line of a `.otter` file, as people see it."""
        return f"{self.shown_from / file}:{line}"


def open_pipeline(path: Path) -> Opened:
    """The pipeline at `path`. Says what is wrong with it and ends the command where there is any."""
    refuse_other(path, "a .otter file or the folder of a compiled package")
    if path.is_dir():
        if (path / LOCK).is_file():
            return _open_package(path)
        _refuse_folder(path)
    from otterdsl.compiler.compile import compile_file

    compilation = compile_file(path)
    show(compilation.diagnostics, compilation.texts)
    if stops(compilation.diagnostics, strict=False):
        count(compilation.diagnostics)
        raise click.exceptions.Exit(1)
    folder = path.resolve().parent
    look_in([folder, Path.cwd()])
    try:
        loaded = load_sources(compilation.files, name=compilation.name, source_root=folder)
    except OtterError as error:
        refuse(path, error)
    return Opened(path, loaded, path.parent)


def _open_package(path: Path) -> Opened:
    lock = path / LOCK
    try:
        json.loads(lock.read_text(encoding="utf-8"))
    except OSError as error:
        refuse(lock, PipelineLoadError(f"`{lock}` cannot be read: {error.strerror or error}"))
    except (ValueError, RecursionError) as error:
        refuse(lock, PipelineLoadError(f"`{lock}` is not JSON: {error}"), mend="compile the package again, with `--force`")
    root = _source_root(path)
    look_in([root, Path.cwd()] if root else [Path.cwd()])
    try:
        loaded = load_package(path)
    except OtterError as error:
        refuse(path, error)
    return Opened(path, loaded, _relative(root) if root else Path())


def _refuse_folder(path: Path) -> None:
    """End the command where a folder without a lock was once a package, or holds some; what is said of any other is the compiler's."""
    try:
        if "CompiledPipeline" in (path / "__init__.py").read_text(encoding="utf-8"):
            refuse(path, PipelineLoadError(f"`{path}` is no whole package: its `{LOCK}` is missing"), mend="compile it again")
    except (OSError, ValueError):
        pass
    try:
        packages = [f"`{inner}`" for inner in sorted(path.iterdir()) if (inner / LOCK).is_file()]
    except OSError:
        return
    if packages:
        more = f" and {len(packages) - FEW} more" if len(packages) > FEW else ""
        what = f"`{path}` is no compiled package itself, but holds {', '.join(packages[:FEW])}{more}"
        refuse(path, PipelineLoadError(what), mend=f"name one of them, like {packages[0]}")


def _source_root(package: Path) -> Path | None:
    """The folder of a package's sources, where its lock tells; what is wrong with the lock is for the loader to say."""
    try:
        root: str = json.loads((package / LOCK).read_text(encoding="utf-8"))["source_root"]
        return (package / root).resolve()
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _relative(folder: Path) -> Path:
    """A folder as seen from here, where it lies in here."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def look_in(folders: Iterable[Path]) -> None:
    """Look for task packages in these folders too, after everywhere else. Mutates the import path."""
    sys.path += [str(folder) for folder in dict.fromkeys(folders) if str(folder) not in sys.path]


def params_of(opened: Opened, pairs: Iterable[tuple[str, str]], environ: Mapping[str, str]) -> dict[str, object]:
    """The value of each param. Ends the command where one is unknown, missing or does not fit."""
    sets = dict(pairs)
    _warn_of_fixed(opened.loaded, environ)
    try:
        return resolve_params(opened.loaded, sets, environ)
    except ParamError as error:
        known = [param.name for param in opened.loaded.pipeline.params]
        if opened.path.is_file():
            from_environment = {name: environ[f"{PREFIX}{name.upper()}"] for name in known if f"{PREFIX}{name.upper()}" in environ}
            _show_where(opened.path, {**from_environment, **sets})
        refuse(opened.path, error, "OT702" if set(sets) <= set(known) else "OT701")


def _warn_of_fixed(loaded: LoadedPipeline, environ: Mapping[str, str]) -> None:
    """Say which variables of the environment are for params that the package does not have any more."""
    for name, value in loaded.fixed.items():
        variable = f"{PREFIX}{name.upper()}"
        fixed = json.dumps(value, ensure_ascii=False)
        if variable in environ and environ[variable] not in (fixed, value):
            what = f"`{variable}` is of no use: param `{name}` was fixed to {fixed} when the package was compiled"
            note(f"warning: {visible(what)}")


def _show_where(path: Path, sets: Mapping[str, str]) -> None:
    """What compiling with these values finds wrong, which has a place that the runtime does not know; ends the command if it finds anything."""
    from otterdsl.compiler.compile import compile_file

    compilation = compile_file(path, sets=sets)
    if stops(compilation.diagnostics, strict=False):
        show(compilation.diagnostics, compilation.texts)
        count(compilation.diagnostics)
        raise click.exceptions.Exit(1)


def check_steps(opened: Opened, steps: Iterable[str]) -> None:
    """End the command where a step is named that the pipeline has not."""
    try:
        for step in steps:
            opened.loaded.step(step)
    except StepInvalidError as error:
        refuse(opened.path, error, "OT703")


def refuse_to_run(opened: Opened, error: OtterError) -> NoReturn:
    """Say why a pipeline that could be loaded is not run, where that has a place there, and end the command."""
    if isinstance(error, ClasslessError | SecretError):
        code = "OT704" if isinstance(error, ClasslessError) else "OT706"
        refuse(opened.path if error.place is None else Path(opened.place(*error.place)), error, code)
    refuse(opened.path, error)


def refuse(path: Path, error: OtterError, code: str = "", mend: str = "") -> NoReturn:
    """Say what is wrong, as a diagnostic where it has a code, and end the command."""
    code = code or ("OT705" if isinstance(error, PipelineLoadError) else "")
    if isinstance(error, MendableError):
        mend = mend or error.mend
    message, asks, meant = (error.message if isinstance(error, MendableError) else str(error)).partition("; did you mean ")
    if code:
        diagnostic = Diagnostic(code, CODES[code].severity, message, None, help=f"did you mean {meant}" if asks else mend, file=str(path))
        show([diagnostic], {})
        count([diagnostic])
    else:
        note(f"error: {visible(str(error))}")
    raise click.exceptions.Exit(1)

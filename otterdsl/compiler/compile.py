"""Compile an entry file to the text of a Python package, write it, or compare it with what is there.

In: a path. Out: a `Compilation`: the Plan, the generated files, all diagnostics. Nothing is written before `write` is asked to, and nothing at
all where there are errors.
"""

from collections.abc import Mapping
from pathlib import Path

from otterdsl import __version__
from otterdsl.compiler.analysis.program import Program
from otterdsl.compiler.codegen.depth import depth_of_step
from otterdsl.compiler.codegen.generate import generate
from otterdsl.compiler.codegen.lock import Record
from otterdsl.compiler.codegen.names import folder_name
from otterdsl.compiler.compilation import Compilation
from otterdsl.compiler.drift import Drift, compare
from otterdsl.compiler.frontend import Frontend, check, import_path, no_collection
from otterdsl.compiler.plan.build import build_plan
from otterdsl.compiler.plan.fold import fold_params
from otterdsl.compiler.plan.model import Plan
from otterdsl.compiler.plan.param_values import param_values
from otterdsl.compiler.reuse import earlier, edition
from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Checked, Diagnostic, has_errors
from otterdsl.compiler.specs.reader import read
from otterdsl.compiler.values.value import Value, to_json
from otterdsl.compiler.writing import write

__all__ = ["Compilation", "Drift", "compare", "compile_file", "write"]

# Python gives up at 200 open brackets; a statement's own take a few.
DEEPEST = 150


@no_collection()
def compile_file(path: Path, *, use_imports: bool = True, sets: Mapping[str, object] | None = None, into: Path | None = None) -> Compilation:
    """What the file at `path` compiles to.

    `into` is the folder that the package will be written into: modules there that would come out the same are not generated again.

    `sets` are params to fold, with their values as JSON has them, or texts as typed: what they decide is decided now, and the package has none of
    them. Reports, besides all that checking does: OT701, a param to fold that is not there; OT702, a value of the wrong type; OT301, one that
    does not fit where it comes to stand; OT207, names that become the same; OT008, values that nest too deeply.
    """
    frontend = check(path, use_imports=use_imports)
    if frontend.program is None:
        return _failed(frontend, frontend.diagnostics)
    folded = _folded(frontend, frontend.program, sets or {}, use_imports)
    program, values = folded.value
    found = (*frontend.diagnostics, *folded.diagnostics)
    if has_errors(found):
        return _failed(frontend, found)
    plan = build_plan(program, frontend.texts)
    deep = _too_deep(plan)
    if deep:
        return _failed(frontend, (*found, *deep))
    record = Record(
        version=__version__,
        sources=frontend.sources,
        schemas=frontend.fingerprints,
        params={name: to_json(value) for name, value in sorted(values.items())},
        entry=frontend.entry,
        edition=edition(),
    )
    folder = folder_name(plan.pipeline)
    files = generate(plan, record, earlier(into / folder) if into is not None else {})
    return Compilation(plan, folder, files, record, found, frontend.texts, frontend.entry_folder)


def _folded(frontend: Frontend, program: Program, sets: Mapping[str, object], use_imports: bool) -> Checked[tuple[Program, Mapping[str, Value]]]:
    """The program with the params in `sets` folded, and the values they have."""
    if not sets:
        return Checked((program, {}))
    with read(program.packages, import_path=import_path(frontend.entry_folder), use_imports=use_imports) as specs:
        given = param_values(program, sets, specs.check_values)
        if given.has_errors:
            return Checked((program, {}), given.diagnostics)
        folded = fold_params(program, given.value, specs.check_values)
        return Checked((folded.value, given.value), folded.diagnostics)


def _failed(frontend: Frontend, diagnostics: tuple[Diagnostic, ...]) -> Compilation:
    return Compilation(None, "", {}, Record(__version__), diagnostics, frontend.texts, frontend.entry_folder)


def _too_deep(plan: Plan) -> tuple[Diagnostic, ...]:
    """OT008 for each step that no Python module can hold: folded constants can nest deeper than anything that is written."""
    message = "values nested too deeply for a Python module"
    return tuple(
        Diagnostic("OT008", CODES["OT008"].severity, f"{message}, in step `{step.name}`", None, help="fold less into one value", file=step.file)
        for step in plan.steps
        if depth_of_step(step) > DEEPEST
    )

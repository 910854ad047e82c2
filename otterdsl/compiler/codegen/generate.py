"""Generate the Python package of a Plan.

In: a `Plan`, and a `Record` of what it was made from. Out: text by file name, all of it in Black's form by construction: neither Black nor the
file system is asked. The same Plan gives the same bytes everywhere, whether or not an earlier compilation's modules are at hand.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from otterdsl.compiler.codegen.annotations import Annotations
from otterdsl.compiler.codegen.declarations import task_module
from otterdsl.compiler.codegen.environment import Templates, load_templates
from otterdsl.compiler.codegen.literals import bracketed, collection, docstring, literal, string
from otterdsl.compiler.codegen.lock import LOCK, Reasons, Record, lock_text
from otterdsl.compiler.codegen.names import class_name, module_name
from otterdsl.compiler.codegen.scope import RUNTIME, declared_classes, import_statement, scope_of
from otterdsl.compiler.codegen.seals import Sealed, inputs_of, seal
from otterdsl.compiler.codegen.statements import class_text, used_classes, used_names
from otterdsl.compiler.plan.model import Plan, PlannedClass, PlannedParam, PlannedStep

RUNTIME_LEVEL = 1
LineMap = Mapping[str, Mapping[str, tuple[str, int]]]

_CLASS: Final = re.compile(r"\nclass (\w+)")


@dataclass(frozen=True, slots=True)
class Generated:
    """The modules of a package by file name, for each of their classes the source and the line it comes from, and the seals of steps' modules."""

    modules: Mapping[str, str]
    lines: LineMap
    seals: Mapping[str, str] = field(default_factory=dict)
    reasons: Reasons = field(default_factory=dict)


def generate(plan: Plan, record: Record, earlier: Mapping[str, Sealed] | None = None) -> dict[str, str]:
    """The files of a package by name, its lock among them. Of `earlier` modules those are taken that would come out the same."""
    generated = generate_modules(plan, record.edition, earlier)
    return {**generated.modules, LOCK: lock_text(record, generated.modules, generated.lines, generated.seals, generated.reasons)}


def generate_modules(plan: Plan, edition: str = "", earlier: Mapping[str, Sealed] | None = None) -> Generated:
    """The modules of a package, without the lock; their seals where the generator has an `edition`."""
    templates = load_templates()
    own = declared_classes(plan)
    types = {**plan.classes, **own}
    modules: dict[str, str] = {}
    lines: dict[str, dict[str, tuple[str, int]]] = {}
    names = _step_modules(plan)
    modules["__init__.py"] = _package(plan, own, names, templates)
    if plan.types:
        modules["tasks.py"] = _tasks(plan, own, templates)
        lines["tasks.py"] = {own[each.name].class_name: (each.file, each.line) for each in plan.types}
    seals: dict[str, str] = {}
    earlier = earlier or {}
    for step in plan.steps:
        file = f"{names[step.name]}.py"
        inputs = inputs_of(step, types) if edition else None
        kept = _kept(step, edition, inputs, earlier.get(file))
        modules[file], lines[file] = kept or _step(step, types, templates)
        if inputs is not None:
            seals[file] = earlier[file].seal if kept else seal(edition, inputs, modules[file])
    reasons = {f"{names[step.name]}.py": found for step in plan.steps if (found := _reasons(step, lines[f"{names[step.name]}.py"]))}
    return Generated(modules, lines, seals, reasons)


def _reasons(step: PlannedStep, lines: Mapping[str, tuple[str, int]]) -> dict[str, dict[str, str]]:
    """For each class of a step's module, in the order of its statements, what it waits for without a `requires`, and why."""
    found: dict[str, dict[str, str]] = {}
    for name, task in zip(lines, step.tasks, strict=True):
        others: dict[str, str] = {edge.target: edge.reason for edge in task.after if edge.reason != "requires"}
        if others:
            found[name] = others
    return found


def _kept(step: PlannedStep, edition: str, inputs: str | None, found: Sealed | None) -> tuple[str, dict[str, tuple[str, int]]] | None:
    """What `_step` would give, where an earlier module is just that."""
    if inputs is None or found is None or seal(edition, inputs, found.text) != found.seal:
        return None
    # A class is a statement, in order. Only a comment above the step can put more lines that look so into its docstring.
    names = _CLASS.findall(found.text)
    if len(names) != len(step.tasks):
        return None
    return found.text, {name: (task.file, task.line) for name, task in zip(names, step.tasks, strict=True)}


def _step_modules(plan: Plan) -> dict[str, str]:
    names: dict[str, str] = {}
    taken: set[str] = set()
    for step in plan.steps:
        names[step.name] = module_name(step.name, taken)
        taken.add(names[step.name])
    return names


def _step(step: PlannedStep, types: Mapping[str, PlannedClass], templates: Templates) -> tuple[str, dict[str, tuple[str, int]]]:
    scope = scope_of(used_classes(step.tasks, types), used_names(step.tasks, types))
    taken = set(scope.taken)
    classes = []
    lines = {}
    for task in step.tasks:
        name = class_name(task.name, taken)
        taken.add(name)
        classes.append(class_text(task, name, scope, types))
        lines[name] = (task.file, task.line)
    title = docstring(f"The step `{step.name}`.", step.doc, _origin(step.file))
    return templates.step(docstring=title, imports=scope.statements(), classes=classes), lines


def _tasks(plan: Plan, own: Mapping[str, PlannedClass], templates: Templates) -> str:
    parts = task_module(plan, own)
    title = docstring(f"The task types of the pipeline `{plan.pipeline}`.", note=_origin(plan.file))
    return templates.tasks(docstring=title, imports=parts.imports, aliases=parts.aliases, classes=parts.classes)


def _package(plan: Plan, own: Mapping[str, PlannedClass], modules: Mapping[str, str], templates: Templates) -> str:
    annotations = Annotations()
    params = bracketed("[", [_param(param, annotations) for param in plan.params], "]", 1)
    types = {name: own[name].class_name for name in own}
    fields = {
        "settings": plan.settings and collection(plan.settings, 1),
        "params": plan.params and params,
        "packages": plan.packages and collection(plan.packages, 1),
        "types": types and collection(types, 1),
        "steps": plan.steps and bracketed("[", [_step_entry(step, modules[step.name]) for step in plan.steps], "]", 1),
    }
    used = {"CompiledParam": plan.params, "CompiledPipeline": True, "CompiledStep": plan.steps, "require_runtime": True}
    names = sorted({name for name, wanted in used.items() if wanted} | annotations.names)
    return templates.package(
        docstring=docstring(f"The pipeline `{plan.pipeline}`.", plan.doc, _origin(plan.file)),
        imports=import_statement(RUNTIME, names),
        level=RUNTIME_LEVEL,
        aliases=[f"{name} = {text}" for name, text in annotations.aliases.items()],
        fields=[f"name={string(plan.pipeline)}", *(f"{key}={text}" for key, text in fields.items() if text)],
    )


def _param(param: PlannedParam, annotations: Annotations) -> str:
    fields = [f"name={string(param.name)}", f"type={annotations.type(param.type)}"]
    if not param.required:
        fields.append(f"default={literal(param.default, 3)}")
    return bracketed("CompiledParam(", fields, ")", 2)


def _step_entry(step: PlannedStep, module: str) -> str:
    fields = [f"name={string(step.name)}", f"module={string(module)}"]
    if step.requires:
        fields.append(f"requires={collection(step.requires, 3)}")
    return bracketed("CompiledStep(", fields, ")", 2)


def _origin(file: str) -> str:
    return f"Generated by otterdsl from {file}: change that and compile again."

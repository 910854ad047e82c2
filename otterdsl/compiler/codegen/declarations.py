"""Declared task types as the classes of `tasks.py`.

In: the Plan's types. Out: for each its Spec and its Task class, as pieces of text in Black's form, with what the module imports and defines first.
What is absent: what stands in a class that says itself how its tasks run (`bodies`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from otterdsl.compiler.codegen.annotations import Annotations
from otterdsl.compiler.codegen.bodies import body_names, body_text, mixins
from otterdsl.compiler.codegen.literals import INDENT, docstring
from otterdsl.compiler.codegen.scope import Scope, imported_class, task_module_scope
from otterdsl.compiler.codegen.statements import class_bases
from otterdsl.compiler.plan.model import Plan, PlannedClass, PlannedType


@dataclass(frozen=True, slots=True)
class DeclaredText:
    """A class of `tasks.py` to render; `bodies` are what stands in it below its docstring, in blocks with an empty line before each."""

    name: str
    bases: str
    docstring: str
    bodies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskModule:
    """The parts of `tasks.py`: import blocks, aliases of long annotations, classes."""

    imports: list[str]
    aliases: list[str]
    classes: list[DeclaredText]


def task_module(plan: Plan, own: Mapping[str, PlannedClass]) -> TaskModule:
    """The parts of `tasks.py`; `own` are the classes that declared types become."""
    annotations = Annotations()
    scope = task_module_scope(plan, (), own)
    classes = [text for declared in plan.types for text in _classes(declared, plan, own, scope, annotations)]
    needed = annotations.names | set(_bases(plan)) | {name for declared in plan.types for name in body_names(declared, plan.types)}
    aliases = [f"{name} = {text}" for name, text in annotations.aliases.items()]
    return TaskModule(Scope(scope.classes, frozenset(needed)).statements(), aliases, classes)


def _classes(declared: PlannedType, plan: Plan, own: Mapping[str, PlannedClass], scope: Scope, annotations: Annotations) -> Iterator[DeclaredText]:
    names = own[declared.name]
    task_base, spec_base = _base_names(declared, plan, own, scope)
    spec_name = f"{names.class_name}Spec"
    lines = f"\n{INDENT}".join(annotations.field(field) for field in declared.fields)
    body = (lines,) if lines else ()
    yield DeclaredText(spec_name, class_bases(spec_name, spec_base), docstring(declared.name, _field_docs(declared), level=1), body)
    if imported_class(plan, declared) is None:
        title, _, rest = declared.doc.strip("\n").partition("\n")
        text = docstring(title, rest, level=1) if title.strip() else docstring(declared.name, level=1)
        bases = [*mixins(declared, plan.types), *([task_base] if task_base else [])]
        yield DeclaredText(names.class_name, class_bases(names.class_name, *bases), text, tuple(body_text(declared)))


def _base_names(declared: PlannedType, plan: Plan, own: Mapping[str, PlannedClass], scope: Scope) -> tuple[str, str]:
    """The classes that a type's Task and Spec extend; no Task where the type says itself how its tasks run."""
    if declared.base is None:
        return "ExternTask" if declared.body is None else "", "Spec"
    if declared.base in own:
        return own[declared.base].class_name, f"{own[declared.base].class_name}Spec"
    base = plan.classes[declared.base]
    return scope.task(base), scope.spec(base)


def _bases(plan: Plan) -> Iterator[str]:
    """The runtime's names that classes of `tasks.py` extend."""
    declared = {each.name for each in plan.types}
    for each in plan.types:
        if each.base is None:
            yield "Spec"
            if each.body is None and imported_class(plan, each) is None:
                yield "ExternTask"
        elif each.base not in declared and plan.classes[each.base].spec_class is None:
            yield "Spec"


def _field_docs(declared: PlannedType) -> str:
    """The comments above fields, a paragraph each."""
    return "\n\n".join(f"{field.name}: {field.doc}" for field in declared.fields if field.doc.strip())

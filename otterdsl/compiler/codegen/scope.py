"""What the names in a generated module stand for.

In: the Plan's task types. Out: for each module a `Scope`: which classes it imports from where, under which names, and which names are free.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from otterdsl.compiler.codegen.conditions import WIDTH
from otterdsl.compiler.codegen.literals import INDENT
from otterdsl.compiler.codegen.names import class_name, local_name
from otterdsl.compiler.plan.model import Plan, PlannedClass, PlannedType

RUNTIME = "otterdsl.runtime"
TASKS = ".tasks"


@dataclass(frozen=True, slots=True)
class Scope:
    """A module's imports: the local name of each class, by its module and name, and the runtime's names."""

    classes: Mapping[tuple[str, str], str]
    runtime: frozenset[str]

    @property
    def taken(self) -> frozenset[str]:
        """The names that no class of the module may take."""
        return frozenset(self.classes.values())

    def task(self, type_class: PlannedClass) -> str:
        """The local name of a type's class."""
        return self.classes[type_class.module, type_class.class_name]

    def spec(self, type_class: PlannedClass) -> str:
        """The local name of a type's Spec, the base Spec where it has none of its own."""
        return self.classes[type_class.module, type_class.spec_class] if type_class.spec_class else "Spec"

    def statements(self) -> list[str]:
        """The import statements in blocks of one section each: packages, then the package's own module."""
        by_module: dict[str, list[str]] = {RUNTIME: sorted(self.runtime)} if self.runtime else {}
        for (module, name), local in sorted(self.classes.items()):
            by_module.setdefault(module, []).append(name if name == local else f"{name} as {local}")
        packages = [import_statement(module, sorted(names)) for module, names in sorted(by_module.items()) if module != TASKS]
        own = [import_statement(TASKS, sorted(by_module[TASKS]))] if TASKS in by_module else []
        return ["\n".join(block) for block in (packages, own) if block]


def import_statement(module: str, names: Iterable[str]) -> str:
    """`from module import names`, over lines where one is too short."""
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"{INDENT}{name},\n" for name in names) + ")"


def scope_of(classes: Iterable[tuple[str, str]], runtime: Iterable[str]) -> Scope:
    """The scope of a module that uses these classes (module and name) and these names of the runtime."""
    local: dict[tuple[str, str], str] = {}
    taken: set[str] = set()
    for module, name in sorted(set(classes)):
        local[module, name] = local_name(name, f"{module}.{name}", taken)
        taken.add(local[module, name])
    return Scope(local, frozenset(runtime))


def declared_classes(plan: Plan) -> dict[str, PlannedClass]:
    """The classes in `tasks.py` of each declared type, by the type's name; the Spec's name is the class's with `Spec` behind it."""
    taken: set[str] = set()
    for local in _bases(plan).taken:
        _take(taken, local)
    found: dict[str, PlannedClass] = {}
    for declared in plan.types:
        origin = imported_class(plan, declared)
        name = local_name(origin.class_name, declared.name, taken) if origin else class_name(declared.name, taken)
        found[declared.name] = PlannedClass(TASKS, name, f"{name}Spec")
        _take(taken, name)
        _take(taken, f"{name}Spec")
    return found


def imported_class(plan: Plan, declared: PlannedType) -> PlannedClass | None:
    """The Python class of a declared type that has one: `extern … from`, or `extern` beside a package that defines it."""
    return declared.python or plan.classes.get(declared.name) if declared.kind == "extern" else None


def task_module_scope(plan: Plan, runtime: Iterable[str], own: Mapping[str, PlannedClass]) -> Scope:
    """The scope of `tasks.py`: the classes that declared types extend, and those that Python defines for `extern` ones."""
    classes = dict(_bases(plan).classes)
    for declared in plan.types:
        if (origin := imported_class(plan, declared)) is not None:
            classes[origin.module, origin.class_name] = own[declared.name].class_name
    return Scope(classes, frozenset(runtime))


def _bases(plan: Plan) -> Scope:
    declared = {each.name for each in plan.types}
    bases = {each.base for each in plan.types if each.base is not None} - declared
    return scope_of((pair for base in sorted(bases) for pair in class_and_spec(plan.classes[base])), ())


def _take(taken: set[str], name: str) -> None:
    """Mark a name as taken, and with `ASpec` also `A`: a class `A` would want that name for its Spec. Mutates `taken`."""
    taken.add(name)
    if name.endswith("Spec"):
        taken.add(name.removesuffix("Spec"))


def class_and_spec(type_class: PlannedClass) -> Iterable[tuple[str, str]]:
    """Where to import a type's class and, where it has one, its Spec."""
    yield type_class.module, type_class.class_name
    if type_class.spec_class is not None:
        yield type_class.module, type_class.spec_class

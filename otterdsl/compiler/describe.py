"""A Python package's task types as `extern task` declarations, so that checking needs no import.

In: what `specs` read of the package. Out: text in canonical form, which gives analysis the fields that `use` gives it, and what no declaration can
say. What is absent: the class's own code; `from` names its module, and a run imports it from there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from keyword import iskeyword
from typing import Final

from otterdsl.compiler.analysis.schemas import FieldSchema, TaskSchema
from otterdsl.compiler.format.literals import literal
from otterdsl.compiler.format.module import format_module
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax.parse import parse
from otterdsl.compiler.values.types import Type, TypeOption

_FILE: Final = "schema.otter"


@dataclass(frozen=True, slots=True)
class Described:
    """Declarations as text, and a line for each thing that they do not say."""

    text: str
    unsaid: tuple[str, ...]


def describe(tasks: Sequence[TaskSchema], reserved: frozenset[str], title: str) -> Described:
    """The declarations of some task types, by name, below a comment. `reserved` are the names that a field with a default may not have."""
    unsaid: list[str] = []
    blocks = [*_comment(title, ""), ""]
    for task in sorted(tasks, key=lambda each: each.name):
        blocks += [*_declaration(task, reserved, unsaid), ""]
    source = SourceText(_FILE, _FILE, "\n".join(blocks))
    parsed = parse(source)
    if parsed.diagnostics:
        raise ValueError(f"a declaration that cannot be read: {parsed.diagnostics[0].message}")
    return Described(format_module(parsed.value, source), tuple(unsaid))


def _declaration(task: TaskSchema, reserved: frozenset[str], unsaid: list[str]) -> Iterator[str]:
    """The lines of one declaration. Mutates: `unsaid`."""
    if task.open:
        unsaid.append(f"task type `{task.name}` takes any field, since its class has no Spec of its own: it is left out, `use` its package for it")
        return
    yield from _comment(task.doc, "")
    yield f"extern task {task.name} from {task.module} {{"
    for field in task.fields.values():
        if not (field.name.isascii() and field.name.isidentifier()):
            unsaid.append(f"field `{field.name}` of `{task.name}` cannot be declared, and may be given all the same: it is no name of the language")
            continue
        yield from _comment(field.doc, "  ")
        yield f"  {_field(field, task, reserved, unsaid)}"
    yield "}"


def _field(field: FieldSchema, task: TaskSchema, reserved: frozenset[str], unsaid: list[str]) -> str:
    """A field's declaration. Mutates: `unsaid`."""
    kind = field.type
    named = iskeyword(field.name) or field.name in reserved or field.name.startswith("_")
    has_default = not (field.required or kind.holds_specs or named) and (field.default is not None or kind.optional)
    if not field.required and not has_default and not kind.optional:
        kind = _nullable(kind)
        if not kind.holds_specs:
            unsaid.append(f"field `{field.name}` of `{task.name}` may be left out; its declaration says so with `?`, and takes null as well")
    names = [name for name in field.provides or () if name.isascii() and name.isidentifier()]
    if len(names) < len(field.provides or ()):
        unsaid.append(f"what `{task.name}` fills in `{field.name}` depends on other fields, which no declaration can say")
    provides = f" provides [{', '.join(names)}]" if names else ""
    return f"{field.name}: {kind}{provides}{f' = {literal(field.default)}' if has_default else ''}"


def _nullable(kind: Type) -> Type:
    *others, last = kind.options
    return Type((*others, TypeOption(last.name, last.argument, optional=True)))


def _comment(text: str, indent: str) -> Iterator[str]:
    for each in text.strip().splitlines():
        yield f"{indent}# {each}".rstrip()

"""`otterdsl tasks`: what task types there are. In: packages and files. Out: their fields, types and words, as text or JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from otterdsl.cli.findings import count, refuse_other, show, stops
from otterdsl.cli.options import Filled, format_option
from otterdsl.cli.terminal import color_option, note, result
from otterdsl.compiler.analysis.program import ResolvedType
from otterdsl.compiler.analysis.schemas import FieldSchema, TaskSchema
from otterdsl.compiler.source.snippet import visible
from otterdsl.compiler.values.value import Value, to_json

EPILOG = """\b
Examples:
  otterdsl tasks
  otterdsl tasks --tasks penguin_tasks --format json
  otterdsl tasks --tasks inputs.otter
"""


@dataclass(frozen=True, slots=True)
class Field:
    """What is shown of a field; `default` is None too where it is required.

    `provides` are the placeholders that the task fills in the tasks that the field holds: `${name}` is called as the field `name` says.
    """

    name: str
    type: str
    required: bool
    default: Value
    doc: str
    provides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskType:
    """What is shown of a task type; `origin` is the module or file that defines it."""

    name: str
    origin: str
    base: str | None
    doc: str
    fields: tuple[Field, ...]


@click.command("tasks", epilog=EPILOG)
@click.option(
    "--tasks", "sources", metavar="PACKAGE|FILE", multiple=True, type=Filled(), help="List these too: a package, or what a file uses and declares."
)
@click.option("--use", "earlier", multiple=True, type=Filled(), hidden=True)  # its first name
@format_option
@color_option
@click.pass_context
def command(ctx: click.Context, sources: tuple[str, ...], earlier: tuple[str, ...], form: Literal["text", "json"]) -> None:
    """List the task types and their fields.

    The built-in ones; with --tasks those of a Python package, or what a .otter file uses and declares. Every task also takes the fields of the base.
    """
    from otterdsl.compiler.specs.reader import read

    packages: list[str] = []
    declared: list[TaskType] = []
    folders: list[Path] = []
    for source in (*sources, *earlier):
        if not source.endswith(".otter") and "/" not in source:
            packages.append(source)
            continue
        refuse_other(Path(source))
        from otterdsl.compiler.frontend import check

        checked = check(Path(source))
        if stops(checked.diagnostics, strict=False) or checked.program is None:
            show(checked.diagnostics, checked.texts)
            count(checked.diagnostics)
            ctx.exit(1)
        packages.extend(checked.program.packages)
        folders.append(checked.entry_folder)
        declared.extend(_of_declared(declaration) for declaration in checked.program.types)
    where = [str(folder) for folder in dict.fromkeys([*folders, Path.cwd()])]
    with read(packages, import_path=where, docs=True) as specs:
        schemas = specs.schemas
    _say_unusable(schemas.failed, where)
    types = [*(_of_schema(schema) for schema in schemas.tasks.values()), *declared]
    # What a task waits for is a statement of its own, not a field.
    base = _fields([field for field in schemas.base_fields.values() if field.name != "requires"])
    result(_as_json(types, base) if form == "json" else _as_text(types, base))
    if schemas.failed:
        ctx.exit(1)


def _say_unusable(failed: Mapping[str, str], where: Sequence[str]) -> None:
    """Say why packages cannot be used, and what mends that; they are looked for in the folders `where`."""
    from otterdsl.compiler.specs.package_help import package_help

    for package, reason in failed.items():
        note(f"error: package `{visible(package)}` cannot be used: {visible(reason)}")
        if mend := package_help(package, reason, where):
            note(f"help: {visible(mend)}")


def _fields(fields: Sequence[FieldSchema]) -> tuple[Field, ...]:
    return tuple(Field(field.name, str(field.type), field.required, field.default, field.doc, field.provides or ()) for field in fields)


def _of_schema(schema: TaskSchema) -> TaskType:
    return TaskType(schema.name, schema.module, None, schema.doc, _fields(tuple(schema.fields.values())))


def _of_declared(declared: ResolvedType) -> TaskType:
    fields = tuple(Field(field.name, str(field.type), field.required, field.default, field.doc, field.provides) for field in declared.fields)
    return TaskType(declared.name, declared.span.file, declared.base, declared.doc, fields)


def _as_text(types: Sequence[TaskType], base: Sequence[Field]) -> str:
    """A block a type: its name and origin, its words, a line a field."""
    blocks = []
    for one in types:
        head = f"{click.style(one.name, bold=True)}{f' extends {one.base}' if one.base else ''}  {click.style(visible(one.origin), dim=True)}"
        blocks.append("\n".join([head, *_indented(one.doc), *_field_lines(one.fields)]))
    blocks.append("\n".join([click.style("every task also takes", bold=True) + " `requires [...]`, and", *_field_lines(base)]))
    return "\n\n".join(blocks)


def _field_lines(fields: Sequence[Field]) -> list[str]:
    left = [f"{field.name}: {field.type}{'' if field.required else f' = {_shown(field.default)}'}" for field in fields]
    width = max((len(text) for text in left), default=0)
    words = [" ".join([*field.doc.split(), _filled(field, fields)]) for field in fields]
    return [f"    {text:<{width}}  {visible(doc)}".rstrip() for text, doc in zip(left, words, strict=True)]


def _filled(field: Field, fields: Sequence[Field]) -> str:
    """The placeholders that a field's tasks may use; a name that another field gives is shown as it is without being given."""
    defaults = {f"${{{each.name}}}": each.default for each in fields}
    names = [f"${{{defaults.get(name, name)}}}" for name in field.provides]
    return f"It fills {', '.join(f'`{name}`' for name in names)}." if names else ""


def _shown(value: Value) -> str:
    return visible(json.dumps(to_json(value), ensure_ascii=False))


def _indented(doc: str) -> list[str]:
    return [f"  {visible(line)}".rstrip() for line in doc.strip().splitlines()[:1]]


def _as_json(types: Sequence[TaskType], base: Sequence[Field]) -> str:
    def of_field(field: Field) -> Mapping[str, object]:
        shared = {"doc": field.doc, "provides": list(field.provides)}
        return {"name": field.name, "type": field.type, "required": field.required, "default": to_json(field.default), **shared}

    def of_type(one: TaskType) -> Mapping[str, object]:
        fields = [of_field(field) for field in one.fields]
        return {"name": one.name, "origin": one.origin, "extends": one.base, "doc": one.doc, "fields": fields}

    found = {"version": 1, "tasks": [of_type(one) for one in types], "every_task": [of_field(field) for field in base]}
    return json.dumps(found, indent=2, ensure_ascii=False)

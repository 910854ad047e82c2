"""A converted file that is wrong, as the configuration that it came from: what is written comes back, whether or not it is right.

Otter looks for much less than the checker does, and loads a configuration that this finds wrong. In: the trees of the files, and what is wrong with
them. Out: settings, scratchpad and steps as Otter has them; None where a mistake leaves open what they are, or where the file says something that no
YAML does. What is absent: meaning. Nothing is looked up, nothing folded.
"""

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from otterdsl.compiler.analysis.constants import refs_of
from otterdsl.compiler.analysis.keys import task_uses
from otterdsl.compiler.source.diagnostic import Diagnostic, Severity
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import unescape
from otterdsl.convert.emit import Plain
from otterdsl.convert.export_written import Names, NotWrittenError, key_of, loop_labels, value_of, written


@dataclass(frozen=True, slots=True)
class Whole:
    """A configuration as it was written."""

    settings: Mapping[str, Plain]
    scratchpad: Mapping[str, Plain]
    steps: Mapping[str, list[dict[str, Plain]]]


def whole(modules: Sequence[ast.Module], found: Sequence[Diagnostic]) -> Whole | None:
    """The configuration that the files were, the entry last, though `found` is wrong with them."""
    places = list(_harmless(modules))
    wrong = [each for each in found if each.severity is Severity.ERROR]
    if any(module.partial for module in modules) or not all(each.span is not None and _within(each.span, places) for each in wrong):
        return None
    names = names_of(modules)
    try:
        settings = {unescape(key_of(each.key, names)): _read(each.value, names) for each in _settings(modules[-1])}
        pad = {unescape(key_of(each.key, names)): _said(each.value, names) for each in _entries(modules)}
        steps = {_name(step): _step(step, names) for module in modules for step in module.declarations if isinstance(step, ast.Step)}
    except NotWrittenError:
        return None
    return Whole(settings, pad, steps)


def _harmless(modules: Sequence[ast.Module]) -> Iterator[Span]:
    """The places in which a mistake changes nothing of what Otter would load."""
    for module in modules:
        for each in module.declarations:
            match each:
                case ast.Step():
                    yield each.block.span
                case ast.Pipeline():
                    yield from (attribute.value.span for attribute in each.attributes)
                case ast.Scratchpad():
                    yield from (entry.value.span for entry in each.entries)
                    # A circle of keys is told at the first of them.
                    yield from (entry.key.span for entry in each.entries if any(refs_of(entry.value)))
                case ast.ExternTask() | ast.Use():
                    yield each.span
                case _:
                    pass


def _within(span: Span, places: Sequence[Span]) -> bool:
    return any(place.file == span.file and place.start <= span.start and span.end <= place.end for place in places)


# ---------------------------------------------------------------- parts


def names_of(modules: Sequence[ast.Module], types: Collection[str] = ()) -> Names:
    """What names of the files stand for; `types` are task types that they do not declare."""
    declared = [each for module in modules for each in module.declarations]
    uses = (use for each in declared if isinstance(each, ast.Step) for use in task_uses(each.block))
    own = frozenset(each.name.text for each in declared if isinstance(each, ast.TaskType))
    params = frozenset(each.name.text for each in declared if isinstance(each, ast.Param))
    pads = (each for each in declared if isinstance(each, ast.Scratchpad))
    keys = frozenset(text for pad in pads for entry in pad.entries if (text := _plain_key(entry.key)) is not None)
    return Names(keys, frozenset((*types, *own, *(use.type.text for use in uses))), own, params)


def _plain_key(key: ast.Name | ast.StringExpr) -> str | None:
    return key.text if isinstance(key, ast.Name) else key.plain


def _settings(module: ast.Module) -> Iterator[ast.Attribute]:
    for each in module.declarations:
        if isinstance(each, ast.Pipeline):
            yield from each.attributes


def _entries(modules: Sequence[ast.Module]) -> Iterator[ast.MapEntry]:
    for module in modules:
        for each in module.declarations:
            if isinstance(each, ast.Scratchpad):
                yield from each.entries


def speaking(modules: Sequence[ast.Module], names: Names) -> Iterator[tuple[str, Plain]]:
    """The values of the scratchpad that speak of its other keys, as they did."""
    for entry in _entries(modules):
        if any(refs_of(entry.value)):
            with contextlib.suppress(NotWrittenError):
                yield unescape(key_of(entry.key, names)), value_of(entry.value, names)


def _said(expr: ast.Expr, names: Names) -> Plain:
    """The value of a scratchpad's key: a template where it speaks of other keys, else what it is. Raises: NotWrittenError."""
    return value_of(expr, names) if any(refs_of(expr)) else _read(expr, names)


def _read(expr: ast.Expr, names: Names) -> Plain:
    """The value of an expression as a run has it. Raises: NotWrittenError, for one that speaks of something."""
    if any(refs_of(expr)):
        raise NotWrittenError
    return _unescaped(value_of(expr, names))


def _unescaped(value: Plain) -> Plain:
    match value:
        case str():
            return unescape(value)
        case Mapping():
            return {unescape(key): _unescaped(inner) for key, inner in value.items()}
        case Sequence():
            return [_unescaped(item) for item in value]
        case _:
            return value


def _name(step: ast.Step) -> str:
    text = step.name.text if isinstance(step.name, ast.Name) else step.name.plain
    if text is None:
        raise NotWrittenError
    return text


def _step(step: ast.Step, names: Names) -> list[dict[str, Plain]]:
    """The entries of a step. Raises: NotWrittenError."""
    of_step = Names(names.keys, names.types, names.declared, names.params, frozenset(loop_labels(step.block)))
    made = []
    for item in step.block.items:
        entry = written(item, of_step) if isinstance(item, ast.TaskUse | ast.For) else None
        if entry is None:
            raise NotWrittenError
        made.append(entry)
    return made

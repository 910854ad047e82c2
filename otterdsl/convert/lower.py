"""A whole configuration as a module. In: its document, and what is known of task types. Out: `Lowered`: the tree, and what is wrong with the YAML.

The tree is what a `.otter` file would give, with places in the YAML. What is absent: comments, and the declarations of task types.
"""

import re
from collections.abc import Collection, Set
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.compiler.source.nearest import nearest
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.source.text import SourceText
from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import placeholders
from otterdsl.convert.known import Known
from otterdsl.convert.loops import loop, loops, made
from otterdsl.convert.nodes import Entry, Mapping, Node, Scalar, Sequence
from otterdsl.convert.read import Document
from otterdsl.convert.strings import key, plain
from otterdsl.convert.tasks import Around, Findings, Named, named, stored, task
from otterdsl.convert.values import constant, setting_value, text_key, value

SCRATCHPAD: Final = "scratchpad"
STEPS: Final = "steps"
NO_STEPS: Final = "this configuration has no `steps`"

_FORM: Final = "write `NAME:` for each step, and below it a list of tasks"


@dataclass(frozen=True, slots=True)
class Lowered:
    """The tree; what is wrong; the places in the text of what is no part of the tree; each step's loops, as of `Findings`."""

    module: ast.Module
    diagnostics: tuple[Diagnostic, ...]
    lost: tuple[Span, ...]
    groups: MappingOf[str, MappingOf[str, str]]


def lower(document: Document, source: SourceText, known: Known, name: str, steps: Collection[str] | None = None) -> Lowered:
    """The module of a configuration, its pipeline called `name`. With `steps` only these are looked at.

    Reports: OT101 for a configuration that is none, OT216, OT217, OT218, OT301.
    """
    found, root = Findings(), document.root
    start = Span(source.file, 0, 0)
    if not isinstance(root, Mapping):
        if root is None or (isinstance(root, Scalar) and root.value is None):
            found.add("OT101", start, "this configuration is empty", "a map was expected", "a configuration has `steps:`, a map of lists of tasks")
        else:
            found.add("OT101", root.span, "a configuration is a map", "no map", "a configuration has `steps:`, a map of lists of tasks")
            found.lost.append(root.span)
        return Lowered(ast.Module(Span(source.file, 0, len(source.text)), (), ()), tuple(found.diagnostics), tuple(found.lost), {})
    declarations: list[ast.Declaration] = []
    pad = root.get(SCRATCHPAD)
    constants = frozenset(entry.key.text for entry in pad.value.entries) if pad is not None and isinstance(pad.value, Mapping) else frozenset()
    attributes: list[ast.Attribute] = []
    for entry in root.entries:
        match entry.key.text:
            case "scratchpad":
                declarations += _scratchpad(entry, constants, found)
            case "steps":
                declarations += _steps(entry, Around(known, constants, {}), found, steps)
            case setting if setting in known.settings:
                given = setting_value(entry.value, known.settings[setting], found.diagnostics)
                attributes += () if given is None else (ast.Attribute(entry.span, key(entry.key), given),)
            case other if not any(entry.value.span.start <= span.start < entry.value.span.end for span in document.meant):
                _unread(other, entry, root, known, found)
            case _:
                pass  # what aliases stand for has its place there
    if root.get(STEPS) is None and not any(each.code == "OT101" for each in found.diagnostics):
        found.add("OT101", start, NO_STEPS, "a map of steps was expected", "write `steps:`, and below it the steps")
    declarations.insert(0, _pipeline(attributes, name, root, start))
    module = ast.Module(Span(source.file, 0, len(source.text)), tuple(declarations), ())
    return Lowered(module, tuple(found.diagnostics), tuple(sorted(found.lost)), found.groups)


def pipeline_name(stem: str) -> str:
    """A NAME made of the stem of a file's name."""
    word = re.sub(r"[^A-Za-z0-9_]+", "_", stem).strip("_")
    return f"_{word}" if word[:1].isdigit() else word or "pipeline"


def _pipeline(attributes: list[ast.Attribute], name: str, root: Mapping, start: Span) -> ast.Pipeline:
    """The settings, as far as they stand together; what stands apart keeps its own place."""
    if not attributes:
        return ast.Pipeline(start, ast.Name(start, name), ())
    at = attributes[0].key.span
    span = attributes[0].span
    keys = [entry.key.span for entry in root.entries]
    for before, after in pairwise(attributes):
        if keys.index(after.key.span) != keys.index(before.key.span) + 1:
            break
        span = span.to(after.span)
    return ast.Pipeline(span, ast.Name(Span(at.file, at.start, at.start), name), tuple(attributes))


def _unread(name: str, entry: Entry, root: Mapping, known: Known, found: Findings) -> None:
    """Mutates: `found`. Reports: OT216; OT101 for what is nearly `steps`, without which there is nothing to run."""
    absent = [each for each in (SCRATCHPAD, STEPS, *sorted(known.settings)) if root.get(each) is None]
    near = nearest(name, absent)
    shown = (name if len(name) <= 60 else f"{name[:60]}…").replace("\n", "\\n")
    mend = f"did you mean `{near}`?" if near else "take it away, or make it a comment"
    if near == STEPS:
        found.add("OT101", entry.key.span, NO_STEPS, f"Otter does not read `{shown}`", mend)
    else:
        found.add("OT216", entry.key.span, f"Otter does not read `{shown}`", "not read", mend)
    found.lost.append(entry.span)


def _scratchpad(entry: Entry, names: Set[str], found: Findings) -> list[ast.Declaration]:
    """The scratchpad, whose values may speak of its other keys, `names`. Mutates: `found`. Reports: OT217, for one that is no map."""
    if not isinstance(entry.value, Mapping):
        if not (isinstance(entry.value, Scalar) and entry.value.value is None):
            found.add("OT217", entry.value.span, "`scratchpad` is a map of names and values", "no map")
            found.lost.append(entry.span)
        return []
    entries = []
    for each in entry.value.entries:
        text_key(each.key, found.diagnostics)
        # A value that speaks of no key is taken as it is, `$${` too.
        made = value(each.value, names, found.diagnostics) if _speaks(each.value) else constant(each.value, found.diagnostics)
        entries.append(ast.MapEntry(each.span, key(each.key, dotted=True), made))
    return [ast.Scratchpad(entry.span, tuple(entries))]


def _speaks(node: Node) -> bool:
    """Whether a placeholder stands in a value, its keys included. No deeper than the reader nests."""
    match node:
        case Scalar(value=str()):
            return any(placeholders(node.text))
        case Scalar():
            return False
        case Sequence():
            return any(map(_speaks, node.items))
        case Mapping():
            return any(_speaks(entry.key) or _speaks(entry.value) for entry in node.entries)


def _steps(entry: Entry, around: Around, found: Findings, wanted: Collection[str] | None) -> list[ast.Declaration]:
    """Mutates: `found`. Reports: OT217, and OT101 where there is none."""
    if not isinstance(entry.value, Mapping):
        span = entry.value.span if entry.value.span.start < entry.value.span.end else entry.key.span
        found.add("OT217", span, "`steps` is a map of steps", "no map", _FORM)
        found.lost.append(entry.span)
        return []
    if not entry.value.entries:
        found.add("OT101", entry.value.span, "this configuration has no steps", "nothing is here", _FORM)
    declarations: list[ast.Declaration] = []
    for step in entry.value.entries:
        if wanted is not None and step.key.text not in wanted:
            continue
        text_key(step.key, found.diagnostics)
        if isinstance(step.value, Sequence):
            block = ast.Block(step.value.span, _statements(step.key.text, step.value, around, found))
            name = ast.Name(step.key.span, step.key.text) if isinstance(key(step.key), ast.Name) else plain(step.key)
            declarations.append(ast.Step(step.span, name, block))
            continue
        shown = step.key.text if len(step.key.text) <= 60 else f"{step.key.text[:60]}…"
        what = "empty" if isinstance(step.value, Scalar) and step.value.value is None else "no list"
        found.add("OT217", step.key.span, f"step `{shown}` is no list of tasks".replace("\n", "\\n"), what, "write each task after `- `")
        found.lost.append(step.span)
    return declarations


def _statements(step: str, tasks: Sequence, around: Around, found: Findings) -> tuple[ast.Statement, ...]:
    """The tasks and loops of a step. Mutates: `found`."""
    entries = list(named(tasks.items, found))
    groups = loops(entries, around.names, frozenset(stored(entries, around.known)), around.known)
    found.groups[step] = {label: full for full, label in groups.items()}
    spread: list[Named] = [*entries, *(each for explode in entries if explode.full in groups for each in made(explode))]
    inner = Around(around.known, around.names | frozenset(stored(spread, around.known)), groups)
    return tuple(loop(each, inner, found) if each.full in groups else task(each, inner, found) for each in entries)

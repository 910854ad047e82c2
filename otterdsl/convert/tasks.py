"""Entries of a step as tasks. In: the maps of a list, and what is known around them. Out: task statements, at their places in the YAML.

Reports: OT217 for what is no task, OT301 for a `requires` that is no list of names, and what values report. What is absent: which explode becomes a
loop (`loops`), types and fields, which are analysis'.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, replace
from typing import Final

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic
from otterdsl.compiler.source.span import Span
from otterdsl.compiler.syntax import ast
from otterdsl.convert.known import Known
from otterdsl.convert.nodes import Entry, Mapping, Node, Scalar, Sequence
from otterdsl.convert.strings import is_name, key, label, part, template, whole
from otterdsl.convert.values import text_key, value

# Words that begin something else where a task may begin.
RESERVED: Final = frozenset({"pipeline", "use", "import", "param", "scratchpad", "task", "extern", "step", "requires", "for", "if"})


@dataclass(slots=True)
class Findings:
    """What lowering finds. Mutated by all of it: diagnostics, the places of what is left out of the tree, and the loops.

    `groups` are for each step the labels of its loops with the full names of the explodes that they are.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    lost: list[Span] = field(default_factory=list)
    groups: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, code: str, span: Span, message: str, label: str, mend: str = "") -> None:
        """Mutates: adds a diagnostic."""
        self.diagnostics.append(Diagnostic(code, CODES[code].severity, message, span, label, mend))


@dataclass(frozen=True, slots=True)
class Around:
    """What is known where a task stands: names that surely have a value, and the labels of loops by the full name of their explode."""

    known: Known
    names: frozenset[str]
    groups: MappingOf[str, str]


@dataclass(frozen=True, slots=True)
class Named:
    """An entry that is a task: its map, its full name as it is written, its type and label."""

    node: Mapping
    full: str
    type: ast.Name
    label: ast.Label


def named(nodes: Iterable[Node], found: Findings) -> Iterator[Named]:
    """The entries that are tasks. Mutates: `found` gets the others. Reports: OT217."""
    for node in nodes:
        why = _no_task(node)
        entry = node.get("name") if isinstance(node, Mapping) else None
        if why is None and isinstance(node, Mapping) and entry is not None and isinstance(entry.value, Scalar):
            yield _named(node, entry.value)
        elif why is not None:
            found.add("OT217", *why)
            found.lost.append(node.span)


def _named(node: Mapping, name: Scalar) -> Named:
    word, blank, _ = name.text.partition(" ")
    span = name.span if name.start is None else Span(name.span.file, name.start, name.start + len(word))
    empty = ast.StringExpr(span, ())
    return Named(node, name.text, ast.Name(span, word), label(name, len(word) + 1) if blank and len(word) + 1 < len(name.text) else empty)


def _no_task(node: Node) -> tuple[Span, str, str, str] | None:
    """Why an entry is no task: the place, a message, a label, a mend; None for one that is."""
    if not isinstance(node, Mapping):
        return node.span, "a task is a map with a `name`", "no map", "write `- name: TYPE LABEL`, and its fields below"
    entry = node.get("name")
    if entry is None:
        first = node.entries[0].key.span if node.entries else node.span
        return first, "this task has no `name`", "in this entry", "write `name: TYPE LABEL`"
    name = entry.value
    if not isinstance(name, Scalar) or not isinstance(name.value, str):
        return name.span, "the name of a task is text", "no text", "write `name: TYPE LABEL`"
    word = name.text.partition(" ")[0]
    if not word:
        return name.span, "the name of a task begins with its type", "no type", "write `name: TYPE LABEL`"
    shown = (word if len(word) <= 60 else f"{word[:60]}…").replace("\n", "\\n")
    if not is_name(word):
        return name.span, f"`{shown}` cannot be a task type", "begins with no type", "a type is made of letters, digits and `_`"
    if word in RESERVED:
        return name.span, f"`{word}` is a word of the language, and no task type can be called so", "begins with no type", "call the type otherwise"
    return None


def listed(named_tasks: Iterable[Named], around: Around, found: Findings) -> tuple[ast.TaskUse, ...]:
    """The tasks of a list. Mutates: `found`."""
    return tuple(task(each, around, found) for each in named_tasks)


def task(named_task: Named, around: Around, found: Findings) -> ast.TaskUse:
    """The statement of an entry. Mutates: `found`."""
    node, kind = named_task.node, named_task.type.text
    lists = around.known.lists(kind)
    body: list[ast.Attribute | ast.Requires | ast.TaskList] = []
    for entry in node.entries:
        name = entry.key.text
        if name == "name":
            continue
        if name == "requires":
            body += requires(entry, around, found)
        elif name in lists and isinstance(entry.value, Sequence) and is_name(name) and _holds_tasks(kind, entry.value, around):
            inner = provided(lists[name], node, kind, around)
            block = ast.Block(entry.value.span, listed(named(entry.value.items, found), inner, found))
            body.append(ast.TaskList(entry.span, ast.Name(entry.key.span, name), block))
        else:
            text_key(entry.key, found.diagnostics)
            body.append(ast.Attribute(entry.span, key(entry.key), value(entry.value, around.names, found.diagnostics)))
    return ast.TaskUse(node.span, named_task.type, named_task.label, tuple(body))


def _holds_tasks(kind: str, items: Sequence, around: Around) -> bool:
    """Whether a list is one of tasks: always in a field that is known to hold some, else if all of it looks so."""
    return kind in around.known.types or (bool(items.items) and all(_no_task(item) is None for item in items.items))


def provided(fills: tuple[str, ...] | None, node: Mapping, kind: str, around: Around) -> Around:
    """What is known in a field of tasks: besides what is known around it, the names that its task fills in, and the keys that its tasks store."""
    names = set(around.names)
    for fill in fills or ():
        if (name := filled(fill, node, kind, around.known)) is not None:
            names.add(name)
    return replace(around, names=frozenset(names)) if fills else around


def filled(fill: str, node: Mapping, kind: str, known: Known) -> str | None:
    """The name that a task fills in: that which another field of it holds, where `fill` is a placeholder. None where that is not plain text."""
    other = whole(fill)
    if other is None:
        return fill
    entry = node.get(other)
    if entry is None:
        return known.types[kind].defaults.get(other) if kind in known.types else None
    given = entry.value
    return given.text if isinstance(given, Scalar) and isinstance(given.value, str) and "{" not in given.text else None


def stored(tasks: Iterable[Named], known: Known) -> Iterator[str]:
    """The keys that tasks store, as far as plain text says."""
    for each in tasks:
        kind = known.types.get(each.type.text)
        for name in kind.keys if kind else ():
            entry = each.node.get(name)
            if entry is not None and isinstance(entry.value, Scalar) and isinstance(entry.value.value, str) and "${" not in entry.value.text:
                yield entry.value.text


# ---------------------------------------------------------------- requires


def requires(entry: Entry, around: Around, found: Findings) -> Iterator[ast.Requires]:
    """The `requires` of an entry, none where it is no list of names. Mutates: `found`. Reports: OT301."""
    if not isinstance(entry.value, Sequence):
        found.add(
            "OT301",
            entry.value.span if entry.value.span.start < entry.value.span.end else entry.key.span,
            "`requires` is a list of the names of tasks",
            "no list",
            "write each name on a line of its own, after `- `",
        )
        if not (isinstance(entry.value, Scalar) and entry.value.value is None):  # null says nothing that could get lost
            found.lost.append(entry.span)
        return
    targets = []
    for item in entry.value.items:
        if isinstance(item, Scalar) and isinstance(item.value, str):
            targets.append(_target(item, around, found))
        else:
            found.add("OT301", item.span, "`requires` is a list of the names of tasks", "no name", "write the full name of a task")
            found.lost.append(item.span)
    yield ast.Requires(entry.span, entry.key.span, tuple(targets))


def _target(item: Scalar, around: Around, found: Findings) -> ast.RefExpr | ast.StringExpr:
    """What a name in `requires` means: the loop that its explode has become, else a task."""
    group = around.groups.get(item.text)
    if group is not None:
        return ast.RefExpr(item.span, ast.Name(item.span, group)) if is_name(group) else ast.StringExpr(item.span, (group,))
    word, blank, rest = item.text.partition(" ")
    if item.text in around.groups.values():
        full = next(name for name, label in around.groups.items() if label == item.text)
        found.add("OT203", item.span, f"no task `{item.text}` in this step", "nothing here is called so", f"did you mean `{full}`?")
    if not is_name(word) or (blank and not rest):
        return template(item)
    _, span = part(item, 0)
    head = ast.Name(span if item.start is None else Span(span.file, span.start, span.start + len(word)), word)
    return ast.RefExpr(item.span, head, (label(item, len(word) + 1),) if blank else ())

"""Which `explode` of a step becomes a `for`, and how. In: the tasks of a step. Out: labels of loops by their explode's full name, and loops.

An explode becomes a loop where that says the same: its items are written out, nothing else is set but what a loop has, and neither its variable nor
its label would mean something else. What is absent: explodes within tasks, which stay.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from typing import Final

from otterdsl.compiler.syntax import ast
from otterdsl.compiler.values.value import placeholders
from otterdsl.convert.known import DO, EXPLODE, Known
from otterdsl.convert.nodes import Entry, Mapping, Node, Scalar, Sequence
from otterdsl.convert.strings import is_name, is_reference, label
from otterdsl.convert.tasks import Around, Findings, Named, filled, listed, named, requires
from otterdsl.convert.values import value

EACH: Final = "each"
_FIELDS: Final = frozenset({"name", "requires", "foreach", DO, "each_placeholder"})


def loops(tasks: Iterable[Named], constants: Set[str], kept: Set[str], known: Known) -> dict[str, str]:
    """The labels of the explodes that become loops, by their full names. A variable may hide neither constants nor the keys that are `kept`."""
    entries = list(tasks)
    found: dict[str, str] = {}
    names = Counter(each.full for each in entries)
    for each in entries:
        text = each.full.partition(" ")[2]
        if each.type.text != EXPLODE or not text or "${" in text or text in names:
            continue
        # Of two with one name neither does: that they have one is for analysis to say, of tasks.
        if names[each.full] == 1 and _says_the_same(each.node, text, constants, kept, known):
            found[each.full] = text
    return found


def loop(explode: Named, around: Around, found: Findings) -> ast.For:
    """The loop that an explode is. Mutates: `found`."""
    node = explode.node
    foreach, do, given = _entry(node, "foreach"), _entry(node, DO), node.get("each_placeholder")
    variable = ast.Name((given.value if given else foreach.key).span, _variable(node))
    items: list[ast.Requires | ast.Statement] = []
    if (before := node.get("requires")) is not None:
        items += requires(before, around, found)
    inner = replace(around, names=around.names | {variable.text})
    tasks = do.value.items if isinstance(do.value, Sequence) else ()
    items += listed(named(tasks, found), inner, found)
    name = _entry(node, "name").value
    group = label(name, len(EXPLODE) + 1) if isinstance(name, Scalar) else explode.label
    return ast.For(node.span, variable, value(foreach.value, around.names, found.diagnostics), group, ast.Block(do.value.span, tuple(items)))


def made(explode: Named) -> Iterator[Named]:
    """The tasks of an explode that becomes a loop."""
    do = _entry(explode.node, DO).value
    return named(do.items if isinstance(do, Sequence) else (), Findings())


def _entry(node: Mapping, key: str) -> Entry:
    """An entry that is surely there."""
    return next(entry for entry in node.entries if entry.key.text == key)


def _variable(node: Mapping) -> str:
    given = node.get("each_placeholder")
    return given.value.text if given is not None and isinstance(given.value, Scalar) else EACH


def _says_the_same(node: Mapping, text: str, constants: Set[str], kept: Set[str], known: Known) -> bool:
    if any(entry.key.text not in _FIELDS for entry in node.entries):
        return False
    foreach, do, before, given = (node.get(key) for key in ("foreach", DO, "requires", "each_placeholder"))
    if foreach is None or do is None or not isinstance(foreach.value, Sequence) or not isinstance(do.value, Sequence):
        return False
    # One that says what is so anyhow stays as it is: a loop could not say that it did.
    if given is not None and not (isinstance(given.value, Scalar) and isinstance(given.value.value, str) and given.value.text != EACH):
        return False
    if before is not None and not _names(before.value):
        return False
    variable = _variable(node)
    if not is_name(variable) or not is_reference(variable) or variable in known.types:
        return False
    inside = Findings()
    tasks = list(named(do.value.items, inside))
    if not tasks or inside.lost or _hidden(tasks, variable, known) or variable in {name.partition(".")[0] for name in constants | kept}:
        return False
    if not foreach.value.items or foreach.value.odd or not all(_constant(item, constants) for item in foreach.value.items):
        return False
    items = [item.text for item in foreach.value.items if isinstance(item, Scalar)]
    return not any(each.full.replace(f"${{{variable}}}", item) == text for each in tasks for item in items)


def _names(node: Node) -> bool:
    """Whether something is a list of texts."""
    return isinstance(node, Sequence) and all(isinstance(item, Scalar) and isinstance(item.value, str) for item in node.items)


def _constant(item: Node, constants: Set[str]) -> bool:
    """Whether an item is known when a pipeline is compiled."""
    return isinstance(item, Scalar) and not item.odd and all(name in constants for name in placeholders(item.text))


def _hidden(tasks: Iterable[Named], variable: str, known: Known) -> bool:
    """Whether a task within these, at any depth, fills in a placeholder of that name itself."""
    left = list(tasks)
    while left:
        each = left.pop()
        kind = each.type.text
        for field, fills in known.lists(kind).items():
            entry = each.node.get(field)
            if entry is None or not isinstance(entry.value, Sequence):
                continue
            if fills is None or any(filled(fill, each.node, kind, known) in (variable, None) for fill in fills):
                return True
            left += named(entry.value.items, Findings())
    return False

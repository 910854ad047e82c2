"""Maps of YAML: keys and values that stand in turn, put together as PyYAML's safe loader does it.

In: the nodes of a map. Out: a `Mapping` with each key once, merge keys merged. Reports: OT009 for keys that are lists or maps, OT206 for a key that
comes twice. What is absent: what the keys mean.
"""

from collections.abc import Iterator
from itertools import pairwise

from otterdsl.compiler.source.codes import CODES
from otterdsl.compiler.source.diagnostic import Diagnostic, Label
from otterdsl.compiler.source.span import Span
from otterdsl.convert.nodes import Entry, Mapping, Node, Scalar, Sequence


def mapping(span: Span, nodes: list[Node], odd: str, found: list[Diagnostic]) -> Mapping:
    """The map of `nodes`, key and value in turn. Mutates: `found`."""
    own: dict[object, Entry] = {}
    merged: list[Mapping] = []
    for key, value in list(pairwise(nodes))[::2]:
        if not isinstance(key, Scalar):
            found.append(_refused(key.span, "a key is text; this is a list or a map", "this cannot be a key"))
        elif key.value == "<<" and key.start == key.span.start:  # without quotes
            merged += _merged(value, found)
        elif key.value in own:
            first = own[key.value]
            found.append(_twice(key, first))
            own[key.value] = Entry(key, value)
        else:
            own[key.value] = Entry(key, value)
    for each in merged:
        for entry in each.entries:
            own.setdefault(entry.key.value, entry)
    return Mapping(span, tuple(own.values()), odd)


def _merged(value: Node, found: list[Diagnostic]) -> Iterator[Mapping]:
    """The maps that a merge key names, those first that win. Mutates: `found`."""
    for each in value.items if isinstance(value, Sequence) else (value,):
        if isinstance(each, Mapping):
            yield each
        else:
            found.append(_refused(each.span, "a merge key, `<<`, takes a map or a list of maps", "no map"))


def _refused(span: Span, message: str, label: str) -> Diagnostic:
    return Diagnostic("OT009", CODES["OT009"].severity, message, span, label)


def _twice(key: Scalar, first: Entry) -> Diagnostic:
    shown = key.text if len(key.text) <= 60 else f"{key.text[:60]}…"
    related = (Label(first.key.span, "first given here"),)
    message = f"key `{shown}` is given twice: YAML keeps the last alone".replace("\n", "\\n")
    return Diagnostic("OT206", CODES["OT206"].severity, message, key.span, "given again here", "take one of them away", related)

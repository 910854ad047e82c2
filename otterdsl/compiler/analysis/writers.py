"""Who writes what a task reads: the paths that tasks write, as a tree of their parts.

In: what the tasks of a step write, and a path that one of them reads, which may be a glob. Out: the writers of what equals that path, lies under it
or contains it; of a glob, of what it can match. Those of one place are one object, whoever asks: many may read what many write. What is absent: who
may wait for whom. A placeholder is text like any other, but where a wildcard could match it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from typing import Final, TypeAlias

from otterdsl.compiler.analysis.accesses import Access
from otterdsl.compiler.analysis.paths import normal, parts_of

Writers: TypeAlias = tuple[Access, ...]
_WILD: Final = re.compile(r"[*?\[]")
_PLACEHOLDER: Final = re.compile(r"\$\{[^{}\n]+\}")
_MANY: Final = 8
_LAST: Final = "\U0010ffff"


@dataclass(slots=True, eq=False)
class _Node:
    """A part of paths. Mutated while the tree is made: `here` are those who write this very path, `below` the parts that follow."""

    here: list[Access] = field(default_factory=list)
    below: dict[str, "_Node"] = field(default_factory=dict)
    at: Writers | None = None
    under: Writers | None = None
    forwards: list[str] | None = None
    backwards: list[str] | None = None


class WriterTree:
    """The paths that tasks write."""

    def __init__(self, written: Sequence[Access]) -> None:
        self._written = written
        self._first: dict[str, set[str]] = {}
        for path in {each.path for each in written}:
            if "://" in path or path.startswith("/"):
                root, parts = parts_of(path)
                self._first.setdefault(root, set()).add(parts[0])
            else:
                self._first.setdefault("", set()).add(path.partition("/")[0])
        self._roots: dict[str, _Node] = {}
        self._globs: dict[str, tuple[Writers, ...]] = {}

    def reaches(self, path: str) -> bool:
        """Whether a path begins as one that is written; cheap, and enough to leave most aside."""
        if path.startswith(("./", "../")):
            return False  # relative to the source, where no task writes
        if "://" in path or path.startswith("/"):
            root, parts = parts_of(normal(path))
            first = parts[0] if parts else ""
        else:
            root, first = "", path.partition("/")[0]
        known = self._first.get(root)
        return known is not None and (first in known or first in ("", ".") or _is_wild(first))

    def of(self, path: str) -> tuple[Writers, ...]:
        """The writers of what is read at a path, each place's together."""
        if not self._roots:
            self._grow()
        root, parts = parts_of(normal(path))
        node = self._roots.get(root)
        if node is None:
            return ()
        if any(_is_wild(part) for part in parts) and not (root.startswith("http") and "*" not in path):
            found = self._globs.get(path)
            if found is None:
                found = self._globs[path] = _places(_matched(node, parts))
            return found
        places: list[Writers] = []
        for part in parts:
            if node.here:
                places.append(_at(node))
            following = node.below.get(part)
            if following is None:
                return tuple(places)
            node = following
        below = _under(node)
        return (*places, below) if below else tuple(places)

    def _grow(self) -> None:
        """Mutates: makes the tree, for the first who asks; in most steps nobody does."""
        for each in self._written:
            root, parts = parts_of(each.path)
            node = self._roots.setdefault(root, _Node())
            for part in parts:
                following = node.below.get(part)
                if following is None:
                    following = node.below[part] = _Node()
                node = following
            node.here.append(each)


def _at(node: _Node) -> Writers:
    """Those who write this very path. Mutates: remembers them."""
    if node.at is None:
        node.at = tuple(node.here)
    return node.at


def _under(node: _Node) -> Writers:
    """Those who write this path, or one that lies under it. Mutates: remembers them."""
    if node.under is None:
        found: list[Access] = []
        left = [node]
        while left:
            at = left.pop()
            found += at.here
            left += reversed(at.below.values())
        node.under = tuple(found)
    return node.under


# ---------------------------------------------------------------- globs


def _is_wild(part: str) -> bool:
    return _WILD.search(_PLACEHOLDER.sub("", part)) is not None


def _places(nodes: Iterator[_Node]) -> tuple[Writers, ...]:
    """The writers at some nodes: where there are many, those of a node stay one object for all who ask."""
    places: list[Writers] = []
    few: list[Access] = []
    for node in {id(node): node for node in nodes}.values():
        if len(node.here) > _MANY:
            places.append(_at(node))
        else:
            few += node.here
    return (*places, tuple(few)) if few else tuple(places)


def _matched(root: _Node, pattern: list[str]) -> Iterator[_Node]:
    """The paths that a pattern can match, and those of the folders that files it matches may lie in."""
    parts = [part for index, part in enumerate(pattern) if part != "**" or pattern[index - 1 : index] != ["**"]]
    left = [(root, 0)]
    seen: set[tuple[int, int]] = set()
    while left:
        node, index = left.pop()
        if (id(node), index) in seen:
            continue
        seen.add((id(node), index))
        yield node
        if index == len(parts):
            continue
        part = parts[index]
        if part == "**":
            left.append((node, index + 1))
            left += ((below, index) for name, below in node.below.items() if not name.startswith("."))
            if index + 1 == len(parts):
                left += ((below, index + 1) for below in node.below.values())
        elif _is_wild(part):
            left += ((node.below[name], index + 1) for name in _named(node, part))
        elif part in node.below:
            left.append((node.below[part], index + 1))


def _named(node: _Node, part: str) -> Iterator[str]:
    """The parts below a node that a part with wildcards can match."""
    if node.forwards is None or node.backwards is None:
        plain = [name for name in node.below if "${" not in name]
        node.forwards, node.backwards = sorted(plain), sorted(name[::-1] for name in plain)
    ends = list(_WILD.finditer(part))
    head, tail = part[: ends[0].start()], part[part.rindex("]") + 1 if "[" in part and "]" in part else ends[-1].end() :]
    if len(head) >= len(tail):
        near = node.forwards[bisect_left(node.forwards, head) : bisect_left(node.forwards, head + _LAST)]
    else:
        turned = tail[::-1]
        near = [name[::-1] for name in node.backwards[bisect_left(node.backwards, turned) : bisect_left(node.backwards, turned + _LAST)]]
    fits = re.compile(translate(part)).match
    hidden = part.startswith(".")
    for name in near:
        if name.startswith(".") == hidden and fits(name):
            yield name
    if len(node.forwards) < len(node.below):
        yield from (name for name in node.below if "${" in name and _may_be(name, head, tail))


def _may_be(name: str, head: str, tail: str) -> bool:
    """Whether a name with a placeholder in it can come to begin and end so."""
    first, last = name[: name.index("${")], name[name.rindex("}") + 1 :]
    return (first.startswith(head) or head.startswith(first)) and (last.endswith(tail) or tail.endswith(last))

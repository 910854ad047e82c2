"""Text in placeholder form as Otter's YAML has it.

In: a value in placeholder form, and where it comes to stand. Out: the value from which Otter makes what is meant: `$$` for each `$` of the text, once
for each time that Otter fills the text in. Raises `Unsayable` for what has no such form. What is absent: which names have a value there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from otterdsl.compiler.analysis.scope import ABSENT
from otterdsl.compiler.analysis.secrets import is_secret
from otterdsl.compiler.analysis.turns import filled
from otterdsl.compiler.values.value import PLACEHOLDER, Value, placeholders, unescape
from otterdsl.convert.emit import Plain

# What Otter takes for a name within `${…}`; of one letter it takes none.
NAME: Final = re.compile(r"[_a-z][._a-z0-9\s]*[_a-z0-9]", re.ASCII | re.IGNORECASE)


class Unsayable(Exception):  # noqa: N818 (no error: an answer that never leaves `convert`)
    """Raised for what Otter's YAML cannot say: a message, and a mend."""

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands. `depth`: in so many lists of tasks that tasks make. `filled`: what those tasks fill in, by the depth at which they do.

    Otter fills a task in as it is built, and a task within `do` once more as that is made: the text at depth 1 is gone over three times.
    """

    depth: int = 0
    filled: Mapping[str, int] = field(default_factory=dict)

    def within(self, names: Mapping[str, bool]) -> "Place":
        """The place of the tasks in a list whose task fills `names` in."""
        return Place(self.depth + 1, {**self.filled, **dict.fromkeys(names, self.depth + 1)})

    def level(self, name: str) -> int:
        """The depth at which a name is filled in, 0 for what the scratchpad has."""
        return self.filled.get(name) or self.filled.get(name.partition(".")[0], 0)


def otter_text(text: str, place: Place) -> str:
    """The text as Otter's YAML has it."""
    if "$" not in text:
        return text
    dollar = "$" * (2 << 2 * place.depth)
    pieces: list[str] = []
    end = 0
    for found in PLACEHOLDER.finditer(text):
        pieces.append(text[end : found.start()].replace("$", dollar))
        pieces.append(dollar + "{" if found.group(1) is None else _placeholder(found.group(1), place))
        end = found.end()
    return "".join((*pieces, text[end:].replace("$", dollar)))


def _placeholder(name: str, place: Place) -> str:
    if is_secret(name):
        raise Unsayable(f"Otter has no secrets, and `${{{name}}}` is one", "let the task ask for it itself")
    if not NAME.fullmatch(name):
        short = len(name) == 1
        mend = "give it a longer name" if short else "make the name of letters, digits, `_`, dots and blanks, and begin with a letter"
        raise Unsayable(f"Otter takes `${{{name}}}` for no placeholder", mend)
    level = place.level(name)
    dollars = "$" * (1 << 2 * max(level - 1, 0))
    return f"{dollars}{{{name}}}"


def otter_value(value: Value, place: Place, kept: Mapping[str, str]) -> Plain:
    """The value as Otter's YAML has it. Otter fills in no keys of maps: those of the scratchpad in `kept` are put in here."""
    match value:
        case str():
            return otter_text(value, place)
        case tuple():
            return [otter_value(item, place, kept) for item in value]
        case Mapping():
            return {_map_key(key, kept): otter_value(item, place, kept) for key, item in value.items()}
        case _:
            return value


def _map_key(key: str, kept: Mapping[str, str]) -> str:
    text = str(settled(f" {key}", kept))[1:]
    for name in placeholders(text):
        raise Unsayable(f"Otter fills in no keys of maps, and `${{{name}}}` stands in one", "make it a constant, or a loop over constants")
    return unescape(text)


def settled(value: Value, kept: Mapping[str, str]) -> Value:
    """The value with the scratchpad's texts in it."""
    return filled(value, lambda name: kept.get(name, ABSENT)) if kept else value


def otter_name(name: str) -> str:
    """A task's name as Otter has it. One with a `$` would be another once it is filled in, and Otter would wait for it without end."""
    plain = unescape(name)
    if "$" in PLACEHOLDER.sub(lambda found: "" if found.group(1) else "$", name):
        raise Unsayable(f"the name `{plain}` holds a `$`, which Otter would take for a placeholder's", "leave the `$` out of the label")
    if not plain.partition(" ")[2]:
        raise Unsayable(f"Otter has no tasks without a label, and `{plain}` has none", "give it one")
    return name


def texts(value: Value) -> Iterator[str]:
    """The texts in a value, keys of maps left aside."""
    match value:
        case str():
            yield value
        case tuple():
            for item in value:
                yield from texts(item)
        case Mapping():
            for item in value.values():
                yield from texts(item)
        case _:
            return

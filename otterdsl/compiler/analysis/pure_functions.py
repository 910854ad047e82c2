"""The pure functions of the language: what each takes, and what it gives.

In: plain values, of the kinds that `Parameter.takes` says. Out: a plain value; or `Wrong`, which argument does not fit and why; or `TooLarge`, found
out before anything large is made. What is absent: expressions, placeholders and places (see `functions`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from otterdsl.compiler.analysis import locations
from otterdsl.compiler.analysis.limits import CHARACTERS, ITEMS, LINE
from otterdsl.compiler.values.value import Value, to_text

Takes: TypeAlias = Literal["text", "int", "list", "texts", "map"]


@dataclass(frozen=True, slots=True)
class Wrong:
    """An argument, by its name, that does not fit, and why: completes "… is `x`, and …"."""

    argument: str
    why: str


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The result would be larger than values may be: `what` says how large."""

    what: Literal["text", "items"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a function takes under a name."""

    name: str
    takes: Takes
    required: bool = True


@dataclass(frozen=True, slots=True)
class Function:
    """A function. `give` is called with the arguments that were given, by name.

    `many`: it takes as many as are given, all of the kind of its one parameter, at least `least`: they are called `1`, `2`, …; with `named` also
    all by names of the caller's choice.
    """

    name: str
    parameters: tuple[Parameter, ...]
    give: Callable[[Mapping[str, Any]], Value | Wrong | TooLarge]
    many: bool = False
    named: bool = False
    least: int = 0

    @property
    def form(self) -> str:
        """How it is called: `join(list, separator)`."""
        shown = [each.name if each.required else f"[{each.name}]" for each in self.parameters]
        return f"{self.name}({', '.join([*shown, '…'] if self.many else shown)})"


def weight(value: Value) -> int:
    """How much of what values may be a plain value takes up, in items: see `limits`."""
    match value:
        case str():
            return 1 + len(value) // LINE
        case tuple():
            return 1 + sum(map(weight, value))
        case Mapping():
            return 1 + sum(map(weight, value.values()))
        case _:
            return 1


# ---------------------------------------------------------------- texts


def _join(given: Mapping[str, Any]) -> Value | Wrong | TooLarge:
    texts, separator = [to_text(item) for item in given["list"]], given["separator"]
    if sum(map(len, texts)) + len(separator) * max(len(texts) - 1, 0) > CHARACTERS:
        return TooLarge("text")
    return str(separator.join(texts))


def _split(given: Mapping[str, Any]) -> Value | Wrong | TooLarge:
    text, separator = given["text"], given["separator"]
    if not separator:
        return Wrong("separator", "an empty text parts nothing")
    parts = text.count(separator) + 1
    return TooLarge("items") if parts + len(text) // LINE > ITEMS else tuple(text.split(separator))


def _replace(given: Mapping[str, Any]) -> Value | Wrong | TooLarge:
    text, old, new = given["text"], given["old"], given["new"]
    if not old:
        return Wrong("old", "an empty text stands everywhere and nowhere")
    if len(text) + text.count(old) * (len(new) - len(old)) > CHARACTERS:
        return TooLarge("text")
    return str(text.replace(old, new))


def _of_text(name: str, parameter: str, change: Callable[[str], str]) -> Function:
    """A function of one text, whose result is little longer than that, if at all."""

    def give(given: Mapping[str, Any]) -> Value | Wrong | TooLarge:
        made = change(given[parameter])
        return TooLarge("text") if len(made) > CHARACTERS else made

    return Function(name, (Parameter(parameter, "text"),), give)


# ---------------------------------------------------------------- lists and maps


def _range(given: Mapping[str, Any]) -> Value | Wrong | TooLarge:
    start, stop, step = given.get("start", 0), given["stop"], given.get("step", 1)
    if step == 0:
        return Wrong("step", "it would never come to an end")
    across = stop - start if step > 0 else start - stop
    return TooLarge("items") if across > ITEMS * abs(step) else tuple(range(start, stop, step))


def _concat(given: Mapping[str, Any]) -> Value | Wrong | TooLarge:
    lists: Sequence[tuple[Value, ...]] = list(given.values())
    if sum(map(weight, lists)) - len(lists) > ITEMS:
        return TooLarge("items")
    return tuple(item for each in lists for item in each)


def _zip(given: Mapping[str, Any]) -> Value | Wrong | TooLarge:
    lists: Mapping[str, tuple[Value, ...]] = given
    first, length = next((name, len(each)) for name, each in lists.items())
    for name, each in lists.items():
        if len(each) != length:
            return Wrong(name, f"it has {_items(len(each))}, `{first}` has {_items(length)}" if not name.isdecimal() else _uneven(each, length))
    if sum(map(weight, lists.values())) + length > ITEMS:
        return TooLarge("items")
    rows = zip(*lists.values(), strict=True)
    return tuple(rows) if first.isdecimal() else tuple(dict(zip(lists, row, strict=True)) for row in rows)


def _uneven(other: tuple[Value, ...], length: int) -> str:
    return f"it has {_items(len(other))}, the first {_items(length)}"


def _items(number: int) -> str:
    return f"{number:,} item{'' if number == 1 else 's'}"


def _keys(given: Mapping[str, Any]) -> Value | Wrong | TooLarge:
    found = tuple(given["map"])
    return TooLarge("items") if weight(found) > ITEMS else found


FUNCTIONS: Final[Mapping[str, Function]] = {
    each.name: each
    for each in (
        Function("join", (Parameter("list", "texts"), Parameter("separator", "text")), _join),
        Function("split", (Parameter("text", "text"), Parameter("separator", "text")), _split),
        _of_text("lower", "text", str.lower),
        _of_text("upper", "text", str.upper),
        Function("replace", (Parameter("text", "text"), Parameter("old", "text"), Parameter("new", "text")), _replace),
        _of_text("basename", "path", locations.basename),
        _of_text("stem", "path", locations.stem),
        _of_text("ext", "path", locations.ext),
        _of_text("dirname", "path", locations.dirname),
        Function("range", (Parameter("start", "int", False), Parameter("stop", "int"), Parameter("step", "int", False)), _range),
        Function("concat", (Parameter("list", "list"),), _concat, many=True, least=1),
        Function("zip", (Parameter("list", "list"),), _zip, many=True, named=True, least=2),
        Function("keys", (Parameter("map", "map"),), _keys),
    )
}

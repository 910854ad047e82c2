"""What exploding tasks share: new specs from those in `do`, with the placeholders that the task provides filled in.

A spec stays in placeholder form: what is put in is escaped, what is not ours to fill stays for the task that the new spec becomes. So an
exploding task within an exploding task works, and a file called `${x}` is data.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from otterdsl.runtime.scratchpad.model import Scratchpad
from otterdsl.runtime.scratchpad.placeholder import to_text
from otterdsl.runtime.task.bind import Spread, with_values, written
from otterdsl.runtime.task.fields import provided
from otterdsl.runtime.task.model import Spec

EACH_PLACEHOLDER: Final = "${each_placeholder}"
"""In `Provides`: the name is the value of that field."""


def subtasks(do: Sequence[Spec], values: Mapping[str, Any], empty: Mapping[str, str] | None = None) -> list[Spec]:
    """The specs of `do` with `values` in place of their placeholders.

    `empty` says what the text around a placeholder is taken out for: `{"${match_path}/": "match_path"}` where that name's value is empty.
    """
    return [_filled(spec, dict(values), dict(empty or {})) for spec in do]


def _filled(spec: Spec, values: dict[str, Any], empty: dict[str, str]) -> Spec:
    given = written(spec)
    changed: dict[str, Any] = {}
    for name, value in given.items():
        hidden = _hidden(spec, name, given)
        changed[name] = _changed(
            value,
            {key: each for key, each in values.items() if not hidden & {key, key.partition(".")[0]}},
            {text: key for text, key in empty.items() if key not in hidden},
        )
    # Tasks are found by these, before anything is checked: they are text, whatever was put in.
    changed["name"] = to_text(changed["name"])
    changed["requires"] = [to_text(each) for each in changed.get("requires", ())]
    return with_values(spec, changed)


def _hidden(spec: Spec, name: str, given: Mapping[str, Any]) -> frozenset[str]:
    """The placeholders that the task of this spec, or a loop in `do`, fills itself in this field: there they hide ours of the same name."""
    if isinstance(spec, Spread):
        return frozenset(spec.for_each) if name == "spec" else frozenset()
    return provided(type(spec), name, given)


def _changed(value: Any, values: dict[str, Any], empty: dict[str, str]) -> Any:
    match value:
        case Spec():
            return _filled(value, values, empty)
        case str():
            for text in empty:
                value = _without(value, text)
            return Scratchpad(values).fold(value)
        case list():
            return [_changed(each, values, empty) for each in value]
        case tuple():
            return tuple(_changed(each, values, empty) for each in value)
        case dict():
            return {_changed_key(key, values, empty): _changed(each, values, empty) for key, each in value.items()}
        case Path():
            return Path(to_text(_changed(str(value), values, empty)))
        case _:
            return value


def _changed_key(key: Any, values: dict[str, Any], empty: dict[str, str]) -> Any:
    return to_text(_changed(key, values, empty)) if isinstance(key, str) else key


def _without(text: str, part: str) -> str:
    # `$${name}` is no placeholder, but the text `${name}`: it stays.
    mark = "\0"
    return text.replace("$${", mark).replace(part, "").replace(mark, "$${") if mark not in text else text

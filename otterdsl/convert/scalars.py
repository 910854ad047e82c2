"""What YAML makes of a scalar: text, a number, a truth value, null, or something that the language has no value for.

In: a scalar's text, and its tag where one is written. Out: a value, or why Otter could not load it. The rules are those of PyYAML's safe loader,
which Otter uses. What is absent: places.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

TAG: Final = "tag:yaml.org,2002:"
_DIGITS: Final = 400  # as many as the language reads in one number
_ODD: Final = {"timestamp": "a date", "binary": "binary data"}


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that Otter's loader refuses, as the end of a sentence, and the mend."""

    reason: str
    mend: str = "put it into quotes, if it is text"


@dataclass(frozen=True, slots=True)
class Read:
    """A value; `odd` says what it is where the language has no such value, and `value` is its text then."""

    value: str | int | float | bool | None
    odd: str = ""


def shown_tag(tag: str) -> str:
    """A tag as people write it."""
    return f"!!{tag.removeprefix(TAG)}" if tag.startswith(TAG) else tag


@dataclass(slots=True)
class Scalars:
    """Reads scalars. Mutates itself alone: what plain text was read as is kept, since most of it comes many times."""

    _plain: dict[str, Read | Refused] = field(default_factory=dict)
    _resolvers: dict[str, list[tuple[str, Any]]] = field(default_factory=lambda: yaml.SafeLoader.yaml_implicit_resolvers)
    _constructor: Any = field(default_factory=yaml.constructor.SafeConstructor)

    def plain(self, text: str) -> Read | Refused:
        """What text without quotes is."""
        resolvers = self._resolvers.get(text[:1])
        if resolvers is None:
            return Read(text)
        found = self._plain.get(text)
        if found is None:
            tag = next((tag for tag, pattern in resolvers if pattern.match(text)), f"{TAG}str")
            found = self._plain[text] = self.tagged(text, tag)
        return found

    def tagged(self, text: str, tag: str) -> Read | Refused:
        """What text with a tag is."""
        kind = tag.removeprefix(TAG)
        if kind == "str" or tag == "!":
            return Read(text)
        if kind == "merge":
            return Read(text)  # it merges as a key, and is refused elsewhere by who reads maps
        makers: dict[str, Callable[[Any], Any]] = {
            "null": self._constructor.construct_yaml_null,
            "bool": self._constructor.construct_yaml_bool,
            "int": self._constructor.construct_yaml_int,
            "float": self._constructor.construct_yaml_float,
            "timestamp": self._constructor.construct_yaml_timestamp,
            "binary": self._constructor.construct_yaml_binary,
        }
        if kind not in makers or not tag.startswith(TAG):
            if kind == "value":
                return Refused("a `=` alone is a mark of YAML that Otter's loader does not know")
            return Refused(f"Otter's loader does not know the tag `{shown_tag(tag)}`", "take the tag away")
        try:
            value = makers[kind](yaml.ScalarNode(tag, text))
        except (ValueError, KeyError, TypeError, OverflowError, AttributeError, yaml.YAMLError):
            return Refused(f"it cannot be read as {'a date' if kind == 'timestamp' else f'`{kind}`'}")
        if kind in _ODD:
            return Read(text, _ODD[kind])
        if isinstance(value, float) and not math.isfinite(value):
            return Read(text, "no finite number")
        if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > _DIGITS * 3:
            return Read(text, f"a number of more than {_DIGITS} digits")
        return Read(value)

"""The scratchpad: values by name, and specs filled in with them.

What a task stores in its own view (`view`) is not seen by others until the coordinator merges it. What is absent: the syntax of placeholders, which
is `scratchpad.placeholder`'s.
"""

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final, cast

from otterdsl.runtime.scratchpad.placeholder import MISSING, escape, fill, fold
from otterdsl.runtime.util.errors import ScratchpadError, did_you_mean

if TYPE_CHECKING:
    from otterdsl.runtime.secrets import Secrets

_KEPT: Final = frozenset({"task_type", "scratchpad_ignore_missing"})


class Scratchpad:
    """Values by name. A name may hold dots and spaces; a value may be text, a path, a list, a map or a plain scalar.

    >>> scratchpad = Scratchpad({"person.name": "Alice"})
    >>> scratchpad.replace_dict({"greeting": "hello, ${person.name}"})
    {'greeting': 'hello, Alice'}
    """

    __slots__ = ("_secrets", "sentinel_dict")

    def __init__(self, sentinel_dict: MutableMapping[str, Any] | None = None, secrets: "Secrets | None" = None) -> None:
        self.sentinel_dict: MutableMapping[str, Any] = {} if sentinel_dict is None else sentinel_dict
        self._secrets = secrets

    def store(self, key: str, value: Any) -> None:
        """Keep a value under a name, in place of the one that was there. Mutates."""
        self.sentinel_dict[key] = value

    def merge(self, other: "Scratchpad") -> None:
        """Take over what `other` holds under names that have no value yet. Mutates."""
        for key, value in list(other.sentinel_dict.items()):
            self.sentinel_dict.setdefault(key, value)

    def replace_dict(self, d: dict[str, Any], *, ignore_missing: bool = False) -> dict[str, Any]:
        """The map with each placeholder filled in, keys and nested values too, and escapes undone.

        A string that is exactly one placeholder becomes the value with its type. Raises: ScratchpadError, for a name without a value, unless
        `ignore_missing` leaves those as they are.
        """
        lookup = self.lookup if ignore_missing else self.require
        replaced: dict[str, Any] = {}
        for key, value in d.items():
            if key in _KEPT:
                replaced[key] = value
            else:
                replaced.update(cast("dict[str, Any]", fill({key: value}, lookup)))
        return replaced

    def replace(self, value: Any, *, ignore_missing: bool = False) -> Any:
        """As `replace_dict`, for any value."""
        return fill(value, self.lookup if ignore_missing else self.require)

    def fold(self, value: Any) -> Any:
        """The value with the placeholders that are known filled in, but for secrets; it is in placeholder form still, so escapes stay."""
        return fold(value, lambda name: escape(self.sentinel_dict.get(name, MISSING)))

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same values: a view is equal to what it reads from while nothing was stored in it."""
        return isinstance(other, Scratchpad) and dict(self.sentinel_dict) == dict(other.sentinel_dict)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def lookup(self, name: str) -> Any:
        """The value of a name, or MISSING."""
        value = self.sentinel_dict.get(name, MISSING)
        return self._secret(name) if value is MISSING else value

    def require(self, name: str) -> Any:
        """The value of a name. Raises: ScratchpadError, where there is none."""
        value = self.lookup(name)
        if value is MISSING:
            raise ScratchpadError(f"nothing gives `${{{name}}}` a value{did_you_mean(name, self.sentinel_dict)}")
        return value

    def view(self, secrets: "Secrets | None" = None) -> "Scratchpad":
        """A scratchpad that reads from this one and keeps to itself what is stored in it; with `secrets` it gives these too, by `secret(name)`."""
        return Scratchpad(ChainMap({}, self.sentinel_dict), secrets)

    def _secret(self, name: str) -> Any:
        return MISSING if self._secrets is None else self._secrets.behind(lambda name: MISSING)(name)

    @property
    def stored(self) -> Mapping[str, Any]:
        """What was stored in this view since it was made (all there is, for one that is no view)."""
        values = self.sentinel_dict
        return values.maps[0] if isinstance(values, ChainMap) else values

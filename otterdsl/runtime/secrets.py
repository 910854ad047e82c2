"""Secrets: `${secret(name)}` in a spec, filled in for the one task that has it, from the environment or from a file.

In: the setting `secrets_path`, the environment. Out: values, each kept out of what is written from then on (see `masking`). A secret is looked up
when the task that needs it is built, and once before as a run begins, so that none is missed when the run is hours old. What is absent: any secret
that no task asks for.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from otterdsl.runtime.masking import MASK, keep_secret, mask
from otterdsl.runtime.scratchpad.placeholder import Lookup, names_in
from otterdsl.runtime.util.errors import SecretError

PREFIX: Final = "OTTERDSL_SECRET_"
_FORM: Final = re.compile(r"secret\(([A-Za-z_][A-Za-z0-9_]*)\)")
_MARK: Final = "${secret("


class SecretText(str):
    """A text that holds a secret: like any other, but for its `repr`, which is what errors and debuggers show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)


class Secrets:
    """The secrets of a run: each is read once. Sent to another process, it takes none along."""

    __slots__ = ("_found", "path")

    def __init__(self, path: Path | None = None) -> None:
        self.path = None if path is None else Path(path).absolute()
        self._found: dict[str, SecretText] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return Secrets, (self.path,)

    def get(self, name: str) -> SecretText:
        """The value of a secret. Raises: SecretError, where there is none."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = SecretText(_read(name, self.path))
            keep_secret(str(found))
        return found

    def behind(self, lookup: Lookup) -> Lookup:
        """A lookup that knows the secrets besides."""

        def look(name: str) -> Any:
            secret = secret_name(name)
            return lookup(name) if secret is None else self.get(secret)

        return look


def secret_name(placeholder: str) -> str | None:
    """The secret that the name of a placeholder stands for: `token` for `secret(token)`; None where it is another name."""
    if not placeholder.startswith("secret("):
        return None
    found = _FORM.fullmatch(placeholder)
    return None if found is None else found.group(1)


def secrets_in(values: Iterable[Any], inner: Callable[[Any], Iterable[Any] | None] = lambda value: None) -> Iterator[str]:
    """The names of the secrets that values ask for; `inner` gives the values within what is neither text, list nor map."""
    for value in values:
        if isinstance(value, str):
            if _MARK in value:
                yield from (secret for name in names_in(value) if (secret := secret_name(name)) is not None)
        elif isinstance(value, list | tuple):
            yield from secrets_in(value, inner)
        elif isinstance(value, Mapping):
            yield from secrets_in([*value, *value.values()], inner)
        elif (more := inner(value)) is not None:
            yield from secrets_in(more, inner)


def shielded(value: Any) -> Any:
    """A value of a spec with each text that holds a secret as one that does not show it; all else as it is. Mutates lists and maps."""
    if type(value) is str:
        return SecretText(value) if mask(value) != value else value
    if type(value) is list:
        value[:] = [shielded(each) for each in value]
    elif type(value) is tuple:
        return tuple(shielded(each) for each in value)
    elif type(value) is dict:
        value.update({key: shielded(each) for key, each in value.items()})
    return value


def _read(name: str, folder: Path | None) -> str:
    variable = f"{PREFIX}{name.upper()}"
    value = os.environ.get(variable, "")
    if value:
        return value
    where = f"set the environment variable `{variable}`"
    if variable in os.environ:
        where = f"`{variable}` is empty: give it the secret"
    if folder is None:
        mend = f"{where}, or put it into a file `{name}` of the folder that the setting `secrets_path` names"
        raise SecretError(f"the secret `{name}` is not there", mend)
    file = folder / name
    try:
        if not file.exists():
            raise SecretError(f"the secret `{name}` is not there", f"{where}, or put it into the file `{file}`")
        if not file.is_file():
            raise SecretError(f"the secret `{name}` cannot be read: `{file}` is no file", where)
        text = file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8"
        raise SecretError(f"the secret `{name}` cannot be read from `{file}`: {reason}", where) from None
    text = text.removesuffix("\r\n") if text.endswith("\r\n") else text.removesuffix("\n")
    if not text:
        raise SecretError(f"the secret `{name}` is empty, in `{file}`", where)
    return text

"""An http(s) URL as it goes over the wire: what is escaped in it stays as it is, what cannot be sent is escaped, and what is none is refused."""

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.util.errors import StorageError

if TYPE_CHECKING:
    from yarl import URL

_PRINTABLE: Final = "".join(chr(code) for code in range(0x21, 0x7F))


def encoded(url: str) -> "URL":
    """The URL for a request, without its fragment. Raises: StorageError, for text that is no URL, with the reason."""
    from yarl import URL

    try:
        # Looked for first: urlsplit takes newlines and tabs out without a word.
        if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in url):
            raise ValueError("it holds a control character")
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError("it names no host")
        _ = parts.port
        netloc = parts.netloc if parts.netloc.isascii() else _ascii_netloc(parts.netloc, parts.hostname)
        if " " in netloc:
            raise ValueError("its host holds a space")
        path, query = (quote(part, safe=_PRINTABLE) for part in (parts.path, parts.query))
        return URL(f"{parts.scheme}://{netloc}{path or '/'}{'?' if query else ''}{query}", encoded=True)
    except ValueError as error:
        raise StorageError(f"`{shown(url)}` is no URL: {shown(str(error)[:1].lower() + str(error)[1:])}") from error


def _ascii_netloc(netloc: str, host: str) -> str:
    # A name in another script goes by its IDNA form.
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError("its host cannot be a name") from error
    user, at, rest = netloc.rpartition("@")
    port = rest.rpartition(":")[2] if ":" in rest else ""
    return f"{quote(user, safe=_PRINTABLE)}{at}{name}{':' + port if port else ''}"

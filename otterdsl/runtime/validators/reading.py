"""Files as validators read them: in constant memory, decompressed where the name says so, each problem with the file and the line it is in.

In: a location. Out: bytes or lines; every failure is a TaskValidationError. `twin` makes of a check that waits one for an event loop, which stops
reading when it is cancelled. What is absent: what a file should hold.
"""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from threading import Event
from typing import IO, TYPE_CHECKING, Any, Final, ParamSpec, TypeAlias, cast

from otterdsl.runtime.storage import StorageHandle
from otterdsl.runtime.storage.model import shown
from otterdsl.runtime.storage.place import file_name
from otterdsl.runtime.storage.threads import stoppable
from otterdsl.runtime.util.errors import OtterError, TaskAbortedError, TaskValidationError

if TYPE_CHECKING:
    from otterdsl.runtime.config.model import Config

P = ParamSpec("P")
Location: TypeAlias = str | Path

LONGEST_LINE: Final = 16 * 1024 * 1024
"""How many bytes a line may have."""

_CHUNK: Final = 1024 * 1024
_BOM: Final = b"\xef\xbb\xbf"
_COMPRESSED: Final[dict[str, tuple[str, Callable[[IO[bytes]], Any]]]] = {
    ".gz": ("gzip", lambda file: gzip.GzipFile(fileobj=file, mode="rb")),
    ".bz2": ("bzip2", bz2.BZ2File),
    ".xz": ("xz", lzma.LZMAFile),
}
_STOP: Final[ContextVar[Event | None]] = ContextVar("otterdsl_validator_stop", default=None)


class Source:
    """A file to check."""

    __slots__ = ("_handle", "name")

    def __init__(self, location: Location, config: "Config | None", force_local: bool) -> None:
        try:
            self._handle = StorageHandle(location, config, force_local)
        except OtterError as error:
            raise TaskValidationError(str(error)) from error
        self.name = shown(self._handle.absolute)

    @property
    def kind(self) -> str:
        """What the file's name says it holds, compressed or not: `.csv`, `.json`; empty where it says nothing."""
        return self._suffixes[0]

    @property
    def _suffixes(self) -> tuple[str, str]:
        path = Path(file_name(self._handle.absolute).lower())
        compressed = path.suffix if path.suffix in _COMPRESSED else ""
        return Path(path.stem).suffix if compressed else path.suffix, compressed

    def wrong(self, what: str, line: int | None = None) -> TaskValidationError:
        """That something is not as it should be, in a line where that is known."""
        return TaskValidationError(f"`{self.name}`{'' if line is None else f', line {line}'}: {what}")

    @contextmanager
    def opened(self, *, raw: bool = False) -> Iterator[IO[bytes]]:
        """The file, open; decompressed but for `raw`. Raises: TaskValidationError, also for what goes wrong while it is read."""
        compression = "" if raw else self._suffixes[1]
        name, open_compressed = _COMPRESSED.get(compression, ("", None))
        try:
            with cast(IO[bytes], self._handle.open("rb")) as file:
                if open_compressed is None:
                    yield file
                else:
                    with open_compressed(file) as content:
                        yield content
        except TaskValidationError:
            raise
        except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
            raise self.wrong(f"its {name} data is broken: {_first_small(error)}") from error
        except OSError as error:
            what = f"its {name} data is broken" if name and error.errno is None else "it cannot be read"
            raise self.wrong(f"{what}: {_first_small(error)}") from error
        except TaskAbortedError:
            raise
        except OtterError as error:
            raise TaskValidationError(str(error)) from error

    def chunks(self, *, raw: bool = False) -> Iterator[bytes]:
        """The bytes, in parts."""
        with self.opened(raw=raw) as file:
            while part := file.read(_CHUNK):
                _see_stop()
                yield part

    def lines(self) -> Iterator[str]:
        """The lines of the text, each with what ends it, without a byte-order mark."""
        with self.opened() as file:
            buffered = io.BufferedReader(cast(Any, file), _CHUNK) if isinstance(file, io.RawIOBase) else file
            number = 0
            while line := buffered.readline(LONGEST_LINE + 1):
                number += 1
                if number % 1024 == 1:
                    _see_stop()
                if len(line) > LONGEST_LINE:
                    raise self.wrong(f"the line is longer than {LONGEST_LINE // 1024**2} MiB", number)
                yield self.decoded(line.removeprefix(_BOM) if number == 1 else line, number)

    def text(self, most: int, who: str) -> str:
        """The whole text. Raises: TaskValidationError, for one of more than `most` bytes; `who` wants it."""
        held = io.BytesIO()
        for part in self.chunks():
            held.write(part)
            if held.tell() > most:
                raise self.wrong(f"it holds more than {most // 1024**2} MiB, and `{who}` needs a text as a whole")
        return self.decoded(held.getvalue().removeprefix(_BOM))

    def decoded(self, data: bytes, line: int | None = None) -> str:
        """The bytes as UTF-8. Raises: TaskValidationError, with the line where that is not known to begin with."""
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            number = line if line is not None else data.count(b"\n", 0, error.start) + 1
            column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
            raise self.wrong(f"it is no UTF-8 text: byte {column} of the line is 0x{data[error.start]:02x}", number) from error


def twin(check: Callable[P, None]) -> Callable[P, Awaitable[None]]:
    """A check for an event loop: it runs in a thread, and stops reading when whoever waits for it is cancelled."""

    @wraps(check)
    async def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        stop = Event()

        def stopping() -> None:
            _STOP.set(stop)
            check(*args, **kwargs)

        await stoppable(stop.set, stopping)

    return checked


def _see_stop() -> None:
    stop = _STOP.get()
    if stop is not None and stop.is_set():
        raise TaskAbortedError("the check was stopped")


def _first_small(error: BaseException) -> str:
    text = str(getattr(error, "strerror", None) or error) or type(error).__name__
    return text[:1].lower() + text[1:]

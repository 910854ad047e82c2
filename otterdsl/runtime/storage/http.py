"""http(s), read: metadata, content, and a download that is put in place whole, in constant memory. Bytes are kept as they are served.

One session an event loop, closed with it. Each failure comes out as one line that names the URL and the reason. What is absent: writing,
listing, and a second try. aiohttp and asyncio take long to import, so they are first touched by the first request.
"""

import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

import otterdsl
from otterdsl.runtime.storage.model import Revision, StatResult, shown
from otterdsl.runtime.storage.staged import Stage, Target
from otterdsl.runtime.storage.threads import in_thread
from otterdsl.runtime.storage.urls import encoded
from otterdsl.runtime.util.errors import NotFoundError, OtterError, StorageError

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from aiohttp import ClientResponse, ClientSession

CONNECT_SECONDS = 30.0
"""How long a connection may take to come about."""

IDLE_SECONDS = 120.0
"""How long a server may send nothing. There is no limit to the whole."""

CHUNK: Final = 1024 * 1024
_REDIRECTS: Final = 10
_LONGEST_HEADER: Final = 64 * 1024  # signed addresses, which redirects lead to, are long
_NO_HEAD: Final = frozenset({400, 401, 403, 405, 501})  # what servers answer that only know GET, or only signed it
_GONE: Final = frozenset({404, 410})
_WHOLE: Final = frozenset({200, 203})

Take = Callable[[list[bytes]], Awaitable[None]]


async def stat(url: str) -> StatResult:
    """What the server says of the resource, by HEAD, or by GET where it knows no HEAD. Raises: NotFoundError, StorageError."""
    async with _answer("HEAD", url) as response:
        if response.status not in _NO_HEAD:
            return _metadata(url, response)
    async with _answer("GET", url) as response:
        response.close()  # only the headers are wanted
        return _metadata(url, response)


async def read(url: str) -> tuple[bytes, Revision]:
    """The body and its revision. Raises: NotFoundError, StorageError."""
    parts: list[bytes] = []

    async def take(some: list[bytes]) -> None:
        parts.extend(some)

    async with _answer("GET", url) as response:
        revision = _metadata(url, response).revision
        await _stream(url, response, take)
    return b"".join(parts), revision


async def save(url: str, file: IO[bytes]) -> None:
    """Write the body to an open file. Raises: NotFoundError, StorageError."""

    async def take(some: list[bytes]) -> None:
        await in_thread(file.writelines, some)

    async with _answer("GET", url) as response:
        _metadata(url, response)
        await _stream(url, response, take)


async def download(url: str, target: Target) -> Revision:
    """Put the body in place as a file; the file's revision. A failure or a cancellation leaves nothing. Raises: NotFoundError, StorageError."""
    stage = Stage(target)

    async def take(some: list[bytes]) -> None:
        await in_thread(stage.write, some)

    async with _answer("GET", url) as response:
        _metadata(url, response)
        try:
            await in_thread(stage.open)
            await _stream(url, response, take)
            return await in_thread(stage.commit)
        finally:
            stage.discard()


async def _stream(url: str, response: "ClientResponse", take: Take) -> None:
    from aiohttp import ClientConnectionError, ClientPayloadError, ServerTimeoutError

    expected = response.content_length
    pending: list[bytes] = []
    received = held = 0
    try:
        async for part in response.content.iter_any():
            pending.append(part)
            received += len(part)
            held += len(part)
            if held >= CHUNK:
                await take(pending)
                pending, held = [], 0
    except ServerTimeoutError:
        raise
    except (ClientPayloadError, ClientConnectionError) as error:
        # What came may not have been handed out before the end did.
        raise _cut(url, max(received, response.content.total_bytes), expected) from error
    if expected is not None and received != expected:
        raise _cut(url, received, expected)
    if pending:
        await take(pending)


def _cut(url: str, received: int, expected: int | None) -> StorageError:
    whole = "" if expected is None else f" of {expected}"
    return StorageError(f"`{shown(url)}` cannot be read: the body was cut off after {received}{whole} bytes")


def _metadata(url: str, response: "ClientResponse") -> StatResult:
    if response.status not in _WHOLE:
        answer = shown(f"{response.status} {response.reason or ''}".strip())
        if 400 <= response.status < 500:
            answer += f" ({response.status} Client Error)"  # what tasks written for Otter look for in the message
        if response.status in _GONE:
            raise NotFoundError(f"`{shown(url)}` does not exist: the server answered {answer}")
        raise StorageError(f"`{shown(url)}` cannot be read: the server answered {answer}")
    modified = response.headers.get("Last-Modified")
    return StatResult(
        is_dir=False,
        is_reg=True,
        size=response.content_length,
        revision=response.headers.get("ETag") or modified,
        mtime=None if modified is None else _time(modified),
    )


def _time(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


@asynccontextmanager
async def _answer(method: str, url: str) -> AsyncIterator["ClientResponse"]:
    address = encoded(url)
    session = await _session()
    from aiohttp import ClientTimeout

    timeout = ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=IDLE_SECONDS)
    with _reported(url):
        async with session.request(method, address, allow_redirects=True, max_redirects=_REDIRECTS, timeout=timeout) as response:
            yield response


@contextmanager
def _reported(url: str) -> Iterator[None]:
    from aiohttp import ClientError

    try:
        yield
    except OtterError:
        raise
    except (ClientError, OSError, ValueError) as error:
        raise StorageError(f"`{shown(url)}` cannot be read: {shown(_reason(error))}") from error


def _reason(error: Exception) -> str:
    import aiohttp

    match error:
        case aiohttp.ConnectionTimeoutError():
            return f"no connection came about within {CONNECT_SECONDS:g} s"
        case TimeoutError():
            return f"the server sent nothing for {IDLE_SECONDS:g} s"
        case aiohttp.ClientConnectorDNSError():
            return f"the host `{error.host}` was not found"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return f"no secure connection to `{error.host}`: {_tls_reason(error)}"
        case aiohttp.ClientConnectorError():
            return f"no connection to `{error.host}:{error.port}`: {_os_reason(error.os_error)}"
        case aiohttp.TooManyRedirects():
            return f"it is redirected more than {_REDIRECTS} times"
        case aiohttp.RedirectClientError():
            return f"it is redirected to what is no http(s) address: `{str(error).partition(' - ')[0]}`"
        case UnicodeError():
            return "it is redirected to an address that cannot be sent"
        case aiohttp.ServerDisconnectedError():
            return "the server closed the connection without an answer"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy answered {error.status} {error.message}"
        case aiohttp.ClientResponseError():
            return f"the server's answer is not HTTP: {' '.join(error.message.split())}"
        case aiohttp.ClientOSError() | OSError():
            return _os_reason(error)
        case _:
            return str(error) or type(error).__name__


def _tls_reason(error: Exception) -> str:
    import ssl

    from aiohttp import ClientConnectorCertificateError, ClientSSLError

    cause: object = error
    if isinstance(error, ClientConnectorCertificateError):
        cause = error.certificate_error
    elif isinstance(error, ClientSSLError):
        cause = error.os_error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message or str(cause)
    return (cause.reason or str(cause)).replace("_", " ").lower() if isinstance(cause, ssl.SSLError) else str(cause)


def _os_reason(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno and error.errno > 0 else str(error)


_sessions: "Final[dict[AbstractEventLoop, tuple[AsyncGenerator[ClientSession, None], ClientSession]]]" = {}


async def _session() -> "ClientSession":
    from asyncio import get_running_loop

    loop = get_running_loop()
    if loop not in _sessions:
        holder = _held_session(loop)
        _sessions[loop] = holder, await anext(holder)
    return _sessions[loop][1]


async def _held_session(loop: "AbstractEventLoop") -> AsyncGenerator["ClientSession", None]:
    # A generator that is never run to its end: `asyncio.run` closes those before their loop, and so the session with its connections.
    from aiohttp import ClientSession, DummyCookieJar

    settings: dict[str, Any] = {
        "headers": {"User-Agent": f"otterdsl/{otterdsl.__version__}"},
        # Neither asked for nor undone: what is saved is what the server holds, as curl does it.
        "skip_auto_headers": ["Accept-Encoding"],
        "auto_decompress": False,
        "cookie_jar": DummyCookieJar(),  # tasks share the session, and must not share what a server knows them by
        "requote_redirect_url": False,  # a signed address must arrive as it was signed
        "trust_env": True,  # proxies
        "read_bufsize": CHUNK,
        "max_line_size": _LONGEST_HEADER,
        "max_field_size": _LONGEST_HEADER,
    }
    try:
        async with ClientSession(**settings) as session:
            yield session
    finally:
        _sessions.pop(loop, None)

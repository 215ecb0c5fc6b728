"""Sources at `http:` and `https:`: allow-listed hosts at public addresses, asked for the plain bytes of a file.

Promises: every hop of a redirect passes all that the first URI passed; no proxy, credential or cookie of ours is used;
what is read is a whole representation (RFC 9110) whose end was announced, not an error page in its place.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus

import aiohttp
from aiohttp.http import HttpProcessingError
from yarl import URL

from services.contracts.reading import Failure, Read
from services.runtime.opening import UnreadableError
from services.runtime.remote.addresses import PrivateAddressError, is_public
from services.runtime.remote.connecting import checked_connector
from services.runtime.remote.source import Body, Scheme, SourceError, State, host_trouble
from services.runtime.settings import Settings

CONNECT_SECONDS_MAX = 3.0  # below the ordinary budget, so that a host that is away is told from a slow file
REDIRECTS_MAX = 5
# With as much again in the kernel, this is what a read holds besides its buffer.
READ_BUFFER_BYTES = 128 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHANGED = frozenset({HTTPStatus.PRECONDITION_FAILED, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE})
_NOT_FOUND = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_TROUBLE = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
# What error pages are sent as, and what is a file only if it was declared as that. Not text/plain, which is many
# servers' default.
_PAGES = frozenset({"text/html", "application/xhtml+xml", "application/json", "application/problem+json"})
_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)")
_VISIBLE = re.compile(r"[!-~]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Web:
    """The one client for all hosts. To be made and closed on the event loop that uses it."""

    def __init__(self, settings: Settings, may: Callable[[str], bool] = is_public) -> None:
        """`may` tells to which addresses one may connect, unless settings allow all."""
        self._hosts = frozenset(settings.http_hosts)
        self._session = aiohttp.ClientSession(
            connector=checked_connector(None if settings.http_private else may),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS_MAX),
            headers={"Accept-Encoding": "identity", "User-Agent": "staydown"},
            auto_decompress=False,
            trust_env=False,
            read_bufsize=READ_BUFFER_BYTES,
        )

    def host_of(self, uri: str) -> str:
        """Return the allow-listed host that the URI is about, or raise UnreadableError."""
        return _host(self._allowed(_parse(uri)))

    @asynccontextmanager
    async def open(self, job: Read, at: int, before: State | None) -> AsyncIterator[Body]:
        """Ask for a file; see `Source`."""
        headers = {}
        if at and before is not None and before.version is not None:
            headers = {"Range": f"bytes={at}-", "If-Range": before.version}
        with _understood():
            response = await self._follow(_parse(job.uri), headers)
        try:
            with _understood():
                body = _body(response, job, at)
            yield body
        finally:
            response.close()

    async def close(self) -> None:
        """Close what is open."""
        await self._session.close()

    async def _follow(self, url: URL, headers: dict[str, str]) -> aiohttp.ClientResponse:
        """Return the answer behind all redirects; its body is not read yet."""
        for _ in range(REDIRECTS_MAX + 1):
            response = await self._session.get(self._allowed(url), headers=headers, allow_redirects=False)
            if response.status not in _REDIRECTS:
                return response
            location = response.headers.get("Location", "")
            response.close()
            target = url.join(_parse(location)) if location else None
            if target is None or (url.scheme, target.scheme) == (Scheme.HTTPS, Scheme.HTTP):
                break
            url = target
        raise UnreadableError(Failure.UNREACHABLE)

    def _allowed(self, url: URL) -> URL:
        """Return the URL if it may be asked for, or raise UnreadableError. The address is checked when connecting."""
        if url.scheme not in (Scheme.HTTP, Scheme.HTTPS) or url.user is not None or url.password is not None:
            raise UnreadableError(Failure.NOT_ALLOWED)
        if _host(url) not in self._hosts:
            raise UnreadableError(Failure.NOT_ALLOWED)
        return url


def _parse(text: str) -> URL:
    """Return a URL as it was written, since a signature may cover every character; raise UnreadableError."""
    if _CONTROL.search(text):
        raise UnreadableError(Failure.NOT_ALLOWED)  # parsers differ in what they make of them
    try:
        url = URL(text, encoded=_VISIBLE.fullmatch(text) is not None)
        _ = url.port  # not looked at before
        return url.with_fragment(None) if url.raw_fragment else url
    except Exception as error:  # the parser raises an IndexError for `]@`, and who knows what else
        raise UnreadableError(Failure.NOT_ALLOWED) from error


def _host(url: URL) -> str:
    """Return the host as the allow-list writes it: with the port unless that is the scheme's own."""
    host = (url.host_subcomponent or "").lower()
    return host if url.is_default_port() else f"{host}:{url.port}"


def _body(response: aiohttp.ClientResponse, job: Read, at: int) -> Body:
    """Return the bytes that come, if they are those of the file; raise UnreadableError or SourceError."""
    _refuse_status(response)
    headers = response.headers
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnreadableError(Failure.UNREACHABLE)  # these bytes are not the file's
    if response.content_type in _PAGES and response.content_type != _essence(job.media_type):
        raise UnreadableError(Failure.UNREACHABLE)
    start, size = _extent(response, at)
    if size is None and job.size_bytes:
        size = job.size_bytes
    if size is None and not response.headers.get("Transfer-Encoding"):
        raise UnreadableError(
            Failure.UNREACHABLE
        )  # it ends when the connection does, so nobody can tell if it is whole
    if job.size_bytes and size != job.size_bytes:
        raise UnreadableError(Failure.CHANGED)
    tag = headers.get("ETag")
    strong = tag if tag is not None and tag.startswith('"') else None
    return Body(State(strong, size, (tag, headers.get("Last-Modified"))), start, _chunks(response))


def _essence(media_type: str) -> str:
    """Return a media type without its parameters, in lower case as the client gives what was answered."""
    return media_type.partition(";")[0].strip().lower()


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Yield what comes. A server that is seen to send on after the end that it announced is not believed."""
    protocol = None if response.connection is None else response.connection.protocol
    with _understood():
        async for chunk in response.content.iter_any():
            yield chunk
    if protocol is not None and isinstance(protocol.exception(), HttpProcessingError):
        raise UnreadableError(Failure.UNREACHABLE)


@contextmanager
def _understood() -> Iterator[None]:
    """Turn what the client raises into what it means to a read.

    Whatever else it raises is taken for the server's trouble as well: it reads what strangers write, and none of them
    shall be able to end the process by finding an error that nobody knew.
    """
    try:
        yield
    except (UnreadableError, SourceError):
        raise
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, PrivateAddressError):
            raise UnreadableError(Failure.NOT_ALLOWED) from error
        raise host_trouble(error.os_error) from error
    except OSError as error:
        raise host_trouble(error) from error
    except aiohttp.InvalidURL as error:
        raise UnreadableError(Failure.NOT_ALLOWED) from error
    except Exception as error:
        raise SourceError(str(error)) from error


def _refuse_status(response: aiohttp.ClientResponse) -> None:
    """Raise what an answer means that brings no file.

    Forbidden is what may be cured, by whoever signs anew or sets a permission, and so UNREACHABLE as with files.
    """
    status = response.status
    if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TROUBLE:
        raise SourceError(f"the answer is {status}")
    if status in _CHANGED:
        raise UnreadableError(Failure.CHANGED)
    if status in (HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT):
        raise UnreadableError(Failure.EMPTY)
    raise UnreadableError(Failure.NOT_FOUND if status in _NOT_FOUND else Failure.UNREACHABLE)


def _extent(response: aiohttp.ClientResponse, at: int) -> tuple[int, int | None]:
    """Return where the bytes begin, and the size of the whole if it is said."""
    if response.status == HTTPStatus.OK:
        return 0, response.content_length
    said = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if said is None or not at or int(said[1]) != at:
        raise SourceError("the range is not the one asked for")
    return at, None if said[3] == "*" else int(said[3])

"""Looking up hosts' names, each on a thread of its own.

A name whose servers are away holds its thread for half a minute. A pool would make other names wait for it, and the
process's end too; so these are daemons, and one for each lookup, of which the client makes one at a time per host.
"""

import asyncio
import socket
import threading

from aiohttp.abc import AbstractResolver, ResolveResult

Found = list[ResolveResult]


class Resolver(AbstractResolver):
    """Asks the system."""

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> Found:
        """Return the host's addresses, or raise OSError."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()

        def look_up() -> None:
            try:
                found = _look_up(host, port, family)
            except (OSError, UnicodeError) as error:  # the latter for a name that can be none
                _post(loop, answer, error if isinstance(error, OSError) else OSError(str(error)))
            else:
                _post(loop, answer, found)

        threading.Thread(target=look_up, name="remote-naming", daemon=True).start()
        return await answer

    async def close(self) -> None:
        """Nothing is kept."""


def _look_up(host: str, port: int, family: socket.AddressFamily) -> Found:
    found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]),
            port=port,
            family=kind,
            proto=protocol,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for kind, _, protocol, _, address in found
        if kind in (socket.AF_INET, socket.AF_INET6)
    ]


def _post(loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[Found]", found: Found | OSError) -> None:
    """Hand over what was found; a loop that is closed wants nothing any more."""

    def settle() -> None:
        if answer.done():
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        if not loop.is_closed():
            raise

"""Connections to hosts that strangers name: each address is checked as its socket is made."""

import ssl
from collections.abc import Callable

import aiohttp

from services.runtime.remote.addresses import is_public, sockets_to
from services.runtime.remote.resolver import Resolver


def checked_connector(may: Callable[[str], bool] | None = is_public) -> aiohttp.TCPConnector:
    """Return what makes connections to addresses that one may connect to; None: to all of them."""
    return aiohttp.TCPConnector(
        ssl=ssl.create_default_context(),
        resolver=Resolver(),
        limit=0,  # who uses it bounds what is in flight
        # What a host sends beyond the length it announced must not be taken for the next answer.
        force_close=True,
        socket_factory=None if may is None else sockets_to(may),
    )

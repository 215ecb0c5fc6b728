"""Which addresses a stranger's URI may lead to: those of the public Internet.

Promises: the address that is checked is the one that is connected to, so that no name can mean one thing to the check
and another to the connection; a host's name, a number in any notation and each redirect's target pass the same check.
"""

import ipaddress
import socket
from collections.abc import Callable

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that IANA has given out for hosts
_6TO4 = ipaddress.IPv6Network("2002::/16")  # RFC 3056: leads to any IPv4 address, and nobody needs it any more
# Both look public to Python: the host of every machine in Azure, and RFC 6890's own, with Oracle's metadata in it.
_METADATA = (ipaddress.IPv4Network("168.63.129.16/32"), ipaddress.IPv4Network("192.0.0.0/24"))

AddressInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[object, ...]]


class PrivateAddressError(OSError):
    """The host's address is none of the public Internet. One text for all, or the client would not pass it on."""

    def __init__(self) -> None:
        super().__init__("the address is not public")


def is_public(text: str) -> bool:
    """Tell whether an address is one of the public Internet: neither private, local, metadata nor multicast."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is None:
            return address in _GLOBAL_UNICAST and address not in _6TO4 and address.is_global
        address = inner
    reserved = address.is_multicast or address.is_reserved or any(address in each for each in _METADATA)
    return address.is_global and not reserved


def sockets_to(may: Callable[[str], bool]) -> Callable[[AddressInfo], socket.socket]:
    """Return what makes a socket for an address about to be connected to; it raises PrivateAddressError."""

    def make(info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if not may(str(address[0])):
            raise PrivateAddressError
        return socket.socket(family, kind, protocol)

    return make


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None

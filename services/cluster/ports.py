"""Ports on loopback for what is started here."""

import asyncio
import random
import socket
import time

from services.cluster.errors import ClusterError

LOOPBACK = "127.0.0.1"
# Below the ports that systems hand out to outgoing connections (Linux: from 32768). A client that keeps trying a dead
# broker's port within that range can be handed that very port, connect to itself, and keep the broker from coming back.
PORTS = range(20_000, 32_000)
TRIES_MAX = 200
# A broker that was killed a moment ago still holds its port for some milliseconds.
FREE_SECONDS_MAX = 3.0
PAUSE_SECONDS = 0.05


def free_ports(count: int) -> tuple[int, ...]:
    """Return as many different ports on which nobody listens, and that nobody else is given while this process runs."""
    found: list[int] = []
    for port in random.sample(PORTS, TRIES_MAX):
        if len(found) == count:
            break
        if is_free(port) and _take(port):
            found.append(port)
    if len(found) < count:
        raise ClusterError(f"No {count} free ports were found between {PORTS[0]} and {PORTS[-1]}.")
    return tuple(found)


async def wait_until_free(port: int) -> None:
    """Return when one could listen on the port, or raise ClusterError if it stays taken."""
    deadline = time.monotonic() + FREE_SECONDS_MAX
    while not is_free(port):
        if time.monotonic() > deadline:
            raise ClusterError(f"Port {port} on {LOOPBACK} is taken.")
        await asyncio.sleep(PAUSE_SECONDS)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port now, as Java would: connections that linger are no obstacle."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _take(port: int) -> bool:
    """Tell others of ours who look for ports that this one has gone, as long as this process runs, or say that it has.

    It takes seconds until the program that gets the port listens, and again after each of its ends. The sign is the UDP
    port of that number, which nothing of ours uses, and which goes when the process goes.
    """
    sign = socket.socket(type=socket.SOCK_DGRAM)
    try:
        sign.bind((LOOPBACK, port))
    except OSError:
        sign.close()
        return False
    sign.detach()
    return True

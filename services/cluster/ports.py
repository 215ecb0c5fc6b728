"""Ports on loopback for what is started here."""

import random
import socket

from services.cluster.errors import ClusterError

LOOPBACK = "127.0.0.1"
# Below the ports that systems hand out to outgoing connections (Linux: from 32768). A client that keeps trying a dead
# broker's port within that range can be handed that very port, connect to itself, and keep the broker from coming back.
PORTS = range(20_000, 32_000)
TRIES_MAX = 200


def free_ports(count: int) -> tuple[int, ...]:
    """Return as many different ports on which nobody listens."""
    found: list[int] = []
    for port in random.sample(PORTS, TRIES_MAX):
        if len(found) == count:
            break
        if is_free(port):
            found.append(port)
    if len(found) < count:
        raise ClusterError(f"No {count} free ports were found between {PORTS.start} and {PORTS.stop}.")
    return tuple(found)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on the port now, as Java would: connections that linger are no obstacle."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((LOOPBACK, port))
        except OSError:
            return False
    return True

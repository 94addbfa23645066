"""Closes the network for tests: sockets reach this computer and nothing else."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

LOOPBACK_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost"})
CONNECT, CONNECT_EX, SENDTO = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
LOOK_UP = socket.getaddrinfo


class NetworkRefusedError(OSError):
    """A test tried to reach another computer."""


def is_here(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def judge(sock: socket.socket, address: Any) -> None:
    if sock.family in (socket.AF_INET, socket.AF_INET6) and not is_here(address[0]):
        raise NetworkRefusedError(f"tests may not reach {address[0]}")


def connect(self: socket.socket, address: Any) -> None:
    judge(self, address)
    CONNECT(self, address)


def connect_ex(self: socket.socket, address: Any) -> int:
    judge(self, address)
    return CONNECT_EX(self, address)


def sendto(self: socket.socket, data: Any, *rest: Any) -> int:
    judge(self, rest[-1])
    return SENDTO(self, data, *rest)


def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
    """Names are not looked up either: the question itself would leave this computer."""
    if not is_here(host):
        raise NetworkRefusedError(f"tests may not look up {host}")
    return LOOK_UP(host, *rest, **named)


def close() -> None:
    """From here on, in this process."""
    socket.socket.connect = connect  # type: ignore[method-assign, assignment]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign, assignment]
    socket.socket.sendto = sendto  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = getaddrinfo

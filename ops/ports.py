"""Choose ports on the loopback interface, and say who holds a taken one."""

from __future__ import annotations

import random
import socket

import psutil

from ops.errors import OpsError

_TRIES = 20
# Below the kernel's ports for outgoing connections, of which any may be taken in the next moment.
_QUIET = (20_000, 32_000)
_given: set[int] = set()


class NoFreePortError(OpsError):
    """Every port that may be used is taken."""


def is_free(port: int) -> bool:
    """Say whether a server could listen on 127.0.0.1 at this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port(wanted: int) -> int:
    """Take the wanted port, else the next free one.

    Args:
        wanted: Where to begin.

    Raises:
        NoFreePortError: None of the next 20 is free.
    """
    for port in range(wanted, wanted + _TRIES):
        if is_free(port):
            return port
    raise NoFreePortError(
        f"Ports {wanted} to {wanted + _TRIES - 1} of 127.0.0.1 are all taken ({wanted} by {holder(wanted)})",
        "Stop what holds them, or choose another one with PORT=…",
    )


def any_port() -> int:
    """Take a free port, each once, that no outgoing connection takes before its server listens.

    Raises:
        NoFreePortError: None of many is free.
    """
    for _ in range(_TRIES):
        port = random.randrange(*_QUIET)  # noqa: S311 - no secret
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise NoFreePortError(
        f"No port of 127.0.0.1 between {_QUIET[0]} and {_QUIET[1]} seems to be free", "Stop what holds them"
    )


def holder(port: int) -> str:
    """Name the process that listens on a port (`process 1234, nginx`), as far as this user may see it."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return "another user's process"
    for connection in connections:
        if connection.laddr and connection.laddr.port == port and connection.pid:
            return f"process {connection.pid}, {_program(connection.pid)}"
    return "another user's process"


def _program(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.NoSuchProcess:
        return "which has just ended"

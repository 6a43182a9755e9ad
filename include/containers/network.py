"""The network of trainings that may reach the internet: a bridge of the installation's own, and shut off."""

from __future__ import annotations

import hashlib
import re

from docker.errors import APIError, NotFound

import docker
from include.containers.errors import FirewallError
from include.containers.firewall import shut_off
from include.containers.naming import STACK

NONE, INTERNET = "none", "internet"
_LOCAL = "http+docker://"  # what the Docker SDK makes of a socket
_CONFLICT = 409
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_.-]")


def network_of(wanted: str, stack: str) -> str:
    """Return the Docker network that an operator's setting means.

    Args:
        wanted: ``none``, ``internet``, or the name of a network of the operator's own.
        stack: Name of the installation.
    """
    return internet_name(stack) if wanted == INTERNET else wanted


def internet_name(stack: str) -> str:
    """Return the name of an installation's own network."""
    return f"cnn-{_NOT_IN_NAMES.sub('_', stack)}-internet"


def bridge_name(stack: str) -> str:
    """Return the name of its interface on the host, which has at most 15 characters."""
    return f"cnn{hashlib.sha256(stack.encode()).hexdigest()[:8]}"


def ensure_network(client: docker.DockerClient, name: str, stack: str) -> None:
    """Make an installation's own network, and shut it off before anything is in it; others are left alone.

    Args:
        client: The engine.
        name: The network that a container is to be in.
        stack: Name of the installation.

    Raises:
        FirewallError: It can't be shut off; then it is not used.
    """
    if name != internet_name(stack):
        return
    if not client.api.base_url.startswith(_LOCAL):
        raise FirewallError("…", f"the engine is on another machine, {client.api.base_url}")
    shut_off(bridge_name(stack))
    try:
        client.networks.get(name)
    except NotFound:
        _make(client, name, stack)


def _make(client: docker.DockerClient, name: str, stack: str) -> None:
    options = {
        "com.docker.network.bridge.name": bridge_name(stack),
        "com.docker.network.bridge.enable_icc": "false",  # trainings do not see each other
    }
    try:
        client.networks.create(
            name, driver="bridge", options=options, labels={STACK: stack}, check_duplicate=True
        )
    except APIError as error:
        if error.status_code != _CONFLICT:  # another process has just made it
            raise

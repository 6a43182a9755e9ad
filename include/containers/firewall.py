"""Rules of the host's firewall that keep a bridge away from the host's services and from its neighbours.

Docker gives each bridge an address of the host, and forwards what is not meant for it: to the internet, but
also to the machines beside the host and to the cloud's metadata service. Only the host's firewall tells them
apart.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path

import psutil

from include.containers.errors import FirewallError

Rule = tuple[str, ...]

# RFC 6890: private, shared, loop-back, link-local (where metadata services are), multicast, reserved.
_NEVER = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
)
_DNS = ("-p", "udp", "--dport", "53")


def shut_off(bridge: str) -> None:
    """Let what comes from a bridge reach the internet and the host's name servers, and nothing else.

    Args:
        bridge: Name of the bridge's interface, which need not exist yet.

    Raises:
        FirewallError: This process may not set the rules, or there is no `iptables`.
    """
    if not _holds(_jump(bridge)):
        chain = _chain(bridge)
        _iptables("-N", chain, missing_is_fine=True)
        _iptables("-F", chain)
        for rule in forwarding(name_servers(), attached_networks()):
            _iptables("-A", chain, *rule)
        _iptables("-I", *_jump(bridge))
    if not _holds(_no_input(bridge)):
        _iptables("-I", *_no_input(bridge))


def open_again(bridge: str) -> None:
    """Remove the rules of a bridge that is gone, where there are any and this process may."""
    if os.getuid() != 0 or shutil.which("iptables") is None:
        return
    for rule in (_jump(bridge), _no_input(bridge)):
        while _holds(rule):
            _iptables("-D", *rule)
    for action in ("-F", "-X"):
        _iptables(action, _chain(bridge), missing_is_fine=True)


def forwarding(servers: Iterable[str], attached: Iterable[str]) -> list[Rule]:
    """Return the rules for what a bridge sends to other machines, in their order.

    Args:
        servers: Addresses of name servers.
        attached: Networks that the host is part of, in the form 192.0.2.0/24.
    """
    allowed = [("-d", server, *_DNS, "-j", "RETURN") for server in servers]
    return [*allowed, *(("-d", network, "-j", "DROP") for network in (*_NEVER, *attached))]


def name_servers(path: Path = Path("/etc/resolv.conf")) -> list[str]:
    """Return the IPv4 name servers of this host but those on it, which the engine asks for the containers."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    named = [words[1] for line in lines if (words := line.split())[:1] == ["nameserver"] and len(words) > 1]
    return [name for name in named if _is_ipv4(name) and not ipaddress.ip_address(name).is_loopback]


def attached_networks() -> list[str]:
    """Return the networks in which this host has an IPv4 address."""
    found = (address for addresses in psutil.net_if_addrs().values() for address in addresses)
    networks = {
        str(ipaddress.ip_network(f"{address.address}/{address.netmask}", strict=False))
        for address in found
        if address.family is socket.AF_INET and address.netmask
    }
    return sorted(networks)


def _is_ipv4(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 4
    except ValueError:
        return False


def _chain(bridge: str) -> str:
    return f"{bridge}-out"


def _jump(bridge: str) -> Rule:
    return ("DOCKER-USER", "-i", bridge, "-j", _chain(bridge))


def _no_input(bridge: str) -> Rule:
    return ("INPUT", "-i", bridge, "-j", "DROP")


def _holds(rule: Rule) -> bool:
    return _run("-C", *rule).returncode == 0


def _iptables(*arguments: str, missing_is_fine: bool = False) -> None:
    answer = _run(*arguments)
    if answer.returncode != 0 and not missing_is_fine:
        raise FirewallError(" ".join(arguments), answer.stderr.strip())


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ("iptables", "-w", "10", *arguments)
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30)
    except FileNotFoundError as error:
        raise FirewallError(" ".join(arguments), "there is no program iptables") from error

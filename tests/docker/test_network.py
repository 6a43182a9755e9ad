"""The network `internet`: out of the machine, but neither to the host nor to what is beside it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import docker
from include.containers import ContainersError, EndingKind, Engine, TrainingWatch, begin_training
from include.containers.errors import FirewallError
from include.containers.firewall import forwarding, name_servers
from include.containers.network import bridge_name, ensure_network, internet_name, network_of
from ops.janitor import remove_containers
from tests.docker.hostile import FINISHED, INTRUDER, SMALL
from tests.include.containers.support import MakeTrial, Trial, engine, make_trial

__all__ = ["engine", "make_trial"]

needs_root = pytest.mark.skipif(
    os.getuid() != 0 or shutil.which("iptables") is None, reason="only root can set rules of the firewall"
)
METADATA = "169.254.169.254"


@pytest.fixture
def service() -> Iterator[int]:
    """Give the port of a service of the host that listens on all its addresses."""
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - that is what is tested
        yield server.getsockname()[1]


@pytest.fixture
def metadata() -> Iterator[None]:
    """Have a metadata service on this machine, on an address of the loop-back interface."""
    address = f"{METADATA}/32"
    subprocess.run(["ip", "address", "add", address, "dev", "lo"], check=True)
    try:
        with socket.create_server((METADATA, 80)):
            yield
    finally:
        subprocess.run(["ip", "address", "del", address, "dev", "lo"], check=True)


def told(engine: Engine, make_trial: MakeTrial, network: str, hosts: list[str], port: int) -> str:
    """What an intruder in a network comes to."""
    trial: Trial = make_trial("exec python3 /mlops/program.py", limits=SMALL).changed(network=network)
    given = f"HOSTS, PORT, PATHS = {hosts}, {port}, []\n"
    show = "print(open('/proc/net/route').read(), open('/proc/net/if_inet6').read())\n"
    (trial.folder / "work" / "program.py").write_text(given + INTRUDER + show + FINISHED)
    begin_training(engine, trial.request)
    watch = TrainingWatch(engine, trial.folder)
    while (outcome := watch.look(time.time())) is None:
        time.sleep(0.1)
    watch.finish(outcome)
    watch.clean()
    log = (trial.folder / "log.txt").read_text()
    assert outcome.ending is EndingKind.FINISHED, log
    return log


def addresses() -> list[str]:
    found = (address for of_one in psutil.net_if_addrs().values() for address in of_one)
    own = {address.address for address in found if address.family is socket.AF_INET}
    return sorted(address for address in own if not address.startswith("127."))


@pytest.mark.docker
@needs_root
def test_neither_the_host_nor_a_metadata_service_is_reached(
    engine: Engine, make_trial: MakeTrial, service: int, metadata: None, tmp_path: Path
) -> None:
    network = internet_name(engine.stack)
    told(engine, make_trial, network, [], service)  # makes the bridge, whose own address comes into play
    try:
        log = told(engine, make_trial, network, addresses(), service)
        assert "eth0" in log, "it has a network"
        assert "REACHED" not in log
        assert "fe80" not in log
        bridge = told(engine, make_trial, "bridge", addresses(), service)
        assert f"REACHED {addresses()[0]}" in bridge, "Docker's own network would have led to it"
        assert "REACHED metadata" in bridge
    finally:
        remove_containers(engine.stack, tmp_path)
    rules = subprocess.run(["iptables", "-S"], capture_output=True, text=True, check=True).stdout
    assert bridge_name(engine.stack) not in rules
    assert not engine.client.networks.list(names=[network])


SERVE = """
import socket, sys
with socket.create_server(("0.0.0.0", 8000)) as server:
    print("ready", flush=True)
    while True:
        server.accept()[0].close()
"""
NEIGHBOUR, FAR_AWAY = "203.0.113.2", "198.51.100.7"


@pytest.fixture
def machine(engine: Engine) -> Iterator[None]:
    """Give another machine: a name space with an address beside the host, and one that is routed to."""
    name = f"far{os.getpid()}"
    inside = ("ip", "netns", "exec", name)
    for command in (
        ("ip", "netns", "add", name),
        ("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name),
        ("ip", "address", "add", "203.0.113.1/30", "dev", name),
        ("ip", "link", "set", name, "up"),
        (*inside, "ip", "address", "add", f"{NEIGHBOUR}/30", "dev", "eth0"),
        (*inside, "ip", "address", "add", f"{FAR_AWAY}/32", "dev", "eth0"),
        (*inside, "ip", "link", "set", "eth0", "up"),
        ("ip", "route", "add", FAR_AWAY, "via", NEIGHBOUR),
    ):
        subprocess.run(command, check=True)
    server = subprocess.Popen((*inside, sys.executable, "-c", SERVE), stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        yield
    finally:
        server.kill()
        server.communicate()
        subprocess.run(["ip", "netns", "del", name], check=True)


@pytest.mark.docker
@needs_root
def test_a_machine_far_away_is_reached_and_a_neighbour_of_the_host_is_not(
    engine: Engine, make_trial: MakeTrial, machine: None, tmp_path: Path
) -> None:
    try:
        log = told(engine, make_trial, internet_name(engine.stack), [NEIGHBOUR, FAR_AWAY], 8000)
    finally:
        remove_containers(engine.stack, tmp_path)
    assert [line for line in log.splitlines() if "REACHED" in line] == [f"REACHED {FAR_AWAY}"]


def test_machines_are_told_apart_by_their_address() -> None:
    rules = forwarding(["192.0.2.53"], ["198.51.100.0/24"])
    assert rules[0] == ("-d", "192.0.2.53", "-p", "udp", "--dport", "53", "-j", "RETURN")
    dropped = [rule[1] for rule in rules if rule[-1] == "DROP"]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(dropped)
    assert "198.51.100.0/24" in dropped


@pytest.mark.docker
def test_a_network_that_can_not_be_shut_off_is_not_used(
    engine: Engine, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    trial = make_trial().changed(network=internet_name(engine.stack))
    with pytest.raises(FirewallError, match=r"no program iptables.*name a Docker network of your own"):
        engine.launch(trial.spec)
    assert engine.observe(trial.experiment, trial.number).missing


def test_an_engine_elsewhere_is_told() -> None:
    client = docker.DockerClient(base_url="tcp://192.0.2.7:2375", version="1.41")
    with pytest.raises(ContainersError, match="engine is on another machine"):
        ensure_network(client, internet_name("s"), "s")


@pytest.mark.parametrize(
    ("wanted", "network"), [("none", "none"), ("internet", "cnn-my_stack-internet"), ("mine", "mine")]
)
def test_what_an_operator_names_is_the_network(wanted: str, network: str) -> None:
    assert network_of(wanted, "my stack") == network


def test_only_name_servers_elsewhere_are_let_through(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text(
        "# mine\nnameserver 127.0.0.53\nnameserver 192.0.2.53\nnameserver fd00::1\nsearch x\nnameserver"
    )
    assert name_servers(path) == ["192.0.2.53"]

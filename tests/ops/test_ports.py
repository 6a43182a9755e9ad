"""A taken port leads to the next one, or to the name of who holds it."""

import os
import socket
from collections.abc import Iterator

import psutil
import pytest

from ops import ports


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield int(server.getsockname()[1])


def test_a_taken_port_leads_to_the_next_free_one(taken: int) -> None:
    assert not ports.is_free(taken)
    assert taken < ports.free_port(taken) < taken + 20


def test_a_free_port_is_taken_as_wished() -> None:
    wished = ports.any_port()
    assert ports.free_port(wished) == wished


def test_any_port_is_free_new_and_none_that_the_kernel_gives_to_outgoing_connections() -> None:
    found = [ports.any_port() for _ in range(50)]
    assert all(map(ports.is_free, found))
    assert len(set(found)) == len(found)
    assert max(found) < 32_768  # where Linux begins unless told otherwise


def test_when_all_are_taken_the_holder_is_named(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_free", lambda _port: False)
    with pytest.raises(ports.NoFreePortError, match=rf"{taken} by process {os.getpid()}, .*PORT="):
        ports.free_port(taken)
    with pytest.raises(ports.NoFreePortError, match="between 20000 and 32000"):
        ports.any_port()


def test_a_holder_that_ends_while_it_is_looked_up_is_told_of_all_the_same(
    taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(pid: int) -> psutil.Process:
        raise psutil.NoSuchProcess(pid)

    monkeypatch.setattr(psutil, "Process", ended)
    assert ports.holder(taken) == f"process {os.getpid()}, which has just ended"

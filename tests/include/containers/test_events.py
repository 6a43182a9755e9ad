"""The engine's events: which ask for an answer, and that an outage of the engine loses none."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from include.containers import ContainerState, Engine, begin_training
from include.containers.events import ContainerEvent, EventStream, event_of
from tests.include.containers.support import MakeTrial, Trial

SECONDS = 60.0  # more than any event takes, on any machine


def document(action: str, **attributes: str) -> dict[str, Any]:
    labels = {"cnn.experiment": "octo/cnn@1", "cnn.trial": "2", "name": "cnn-1", **attributes}
    known = {key: value for key, value in labels.items() if value}
    return {"Action": action, "Actor": {"Attributes": known}, "timeNano": 5_500_000_000}


@pytest.mark.parametrize(
    ("told", "action"),
    [
        (document("die", exitCode="137"), "die"),
        (document("die", exitCode="0"), None),
        (document("die"), "die"),  # of an engine that tells no exit code
        ({"Action": "die"}, None),
        (document("oom"), "oom"),
        (document("kill", signal="9"), "kill"),
        (document("destroy"), "destroy"),
        (document("health_status: unhealthy"), "unhealthy"),
        (document("health_status: healthy"), None),
        (document("destroy", **{"cnn.experiment": ""}), None),  # a tweak script's container
        (document("destroy", **{"cnn.trial": "x"}), None),
    ],
)
def test_which_events_ask_for_an_answer(told: dict[str, Any], action: str | None) -> None:
    event = event_of(told)
    assert action == (event.action if event else None)


def test_an_event_reads_as_a_sentence() -> None:
    event = event_of(document("die", exitCode="137"))
    assert event == ContainerEvent(5.5, "die", "cnn-1", "octo/cnn@1", 2, 137)
    assert str(event) == "cnn-1: die (exit code 137)"


class Told:
    """Notes what a stream tells; None stands for a connection."""

    def __init__(self) -> None:
        self.all: queue.Queue[ContainerEvent | None] = queue.Queue()

    def connected(self) -> None:
        self.all.put(None)

    def happened(self, event: ContainerEvent) -> None:
        self.all.put(event)

    def next(self) -> ContainerEvent | None:
        return self.all.get(timeout=SECONDS)

    def wait_for(self, action: str) -> ContainerEvent:
        while True:
            event = self.next()
            if event is not None and event.action == action:
                return event


class Relay:
    """A socket that leads to the engine until it is cut off, as an engine that goes down and comes back."""

    def __init__(self, folder: Path, target: str) -> None:
        self.url = f"unix://{folder / 'relay.sock'}"
        self._path, self._target = folder / "relay.sock", target
        self._open: list[socket.socket] = []
        self.up()

    def up(self) -> None:
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self._path))
        self._server.listen()
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def down(self) -> None:
        self._path.unlink()
        for end in (self._server, *self._open):
            with_shutdown(end)
        self._open.clear()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._target)
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=pump, args=(source, sink), daemon=True).start()


def with_shutdown(end: socket.socket) -> None:
    with suppress(OSError):  # it was never connected, or is closed already
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        with_shutdown(sink)


@pytest.fixture
def relay(tmp_path: Path, engine: Engine) -> Iterator[Relay]:
    found = Relay(tmp_path, os.environ.get("DOCKER_HOST", "/var/run/docker.sock").removeprefix("unix://"))
    yield found
    found.down()


@pytest.fixture
def told(relay: Relay, engine: Engine) -> Iterator[Told]:
    found = Told()
    stream = EventStream(lambda: Engine.connect(engine.stack, relay.url), found, pauses=(0.1,))
    stream.start()
    yield found
    stream.close()
    stream.join(SECONDS)
    assert not stream.is_alive()


def begin(engine: Engine, trial: Trial) -> str:
    begun = begin_training(engine, trial.request)
    assert isinstance(begun, ContainerState)
    return str(begun.id)


@pytest.mark.docker
def test_a_death_is_told_with_its_trial(engine: Engine, make_trial: MakeTrial, told: Told) -> None:
    trial = make_trial()
    assert told.next() is None  # connected
    engine.kill(begin(engine, trial))
    died = told.wait_for("die")
    assert (died.experiment, died.trial, died.exit_code) == (trial.experiment, 1, 137)


@pytest.mark.docker
def test_containers_of_other_installations_are_nobodys_business(
    engine: Engine, make_trial: MakeTrial, told: Told
) -> None:
    foreign, mine = make_trial(), make_trial()
    foreign = foreign.changed(labels={**foreign.spec.labels, "cnn.stack": "somebody-elses"})
    theirs = engine.launch(foreign.spec)
    engine.remove(str(theirs.id))
    engine.kill(begin(engine, mine))
    assert told.wait_for("die").experiment == mine.experiment


@pytest.mark.docker
def test_what_happens_while_the_engine_is_out_of_reach_is_told_afterwards(
    engine: Engine, make_trial: MakeTrial, relay: Relay, told: Told
) -> None:
    trial = make_trial()
    container = begin(engine, trial)
    assert told.next() is None
    relay.down()
    engine.kill(container)
    time.sleep(0.5)
    relay.up()
    assert told.next() is None  # connected again
    assert told.wait_for("die").experiment == trial.experiment


@pytest.mark.docker
def test_a_stream_that_is_asked_for_anew_tells_each_death_once(engine: Engine, make_trial: MakeTrial) -> None:
    told = Told()
    stream = EventStream(lambda: Engine.connect(engine.stack), told, stream_seconds=0.3)
    stream.start()
    assert told.next() is None
    trials = [make_trial() for _ in range(3)]
    for trial in trials:
        engine.kill(begin(engine, trial))
    told_of: list[ContainerEvent | None] = []
    while len(deaths(told_of)) < len(trials):
        told_of.append(told.next())
    time.sleep(1)  # it asks three times meanwhile
    stream.close()
    stream.join(SECONDS)
    told_of += [told.all.get() for _ in range(told.all.qsize())]
    assert sorted(deaths(told_of)) == sorted(trial.experiment for trial in trials)
    assert None not in told_of  # nothing was missed, so nobody has to look


def deaths(events: list[ContainerEvent | None]) -> list[str]:
    return [event.experiment for event in events if event is not None and event.action == "die"]

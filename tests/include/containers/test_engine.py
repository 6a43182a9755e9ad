"""Launching, finding and removing real containers."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from include.containers import (
    Engine,
    EngineUnavailableError,
    ImageMissingError,
    LaunchError,
    Limits,
    Mount,
    NameTakenError,
)
from include.containers.files import make_ready
from include.containers.spec import GIB, MIB
from tests.include.containers.support import MakeTrial, comparable, ended, wait_until

pytestmark = pytest.mark.docker

PROBE = r"""
echo uid=$(id -u)
grep -E "CapEff|NoNewPrivs" /proc/self/status
touch /root-is-writable 2>/dev/null && echo ROOT WRITABLE
touch /opt/harness/x 2>/dev/null && echo HARNESS WRITABLE
touch /trial/in/x 2>/dev/null && echo INPUT WRITABLE
touch /tmp/x && echo tmp writable
touch /mlops/x && touch /trial/out/x && echo trial writable
ls -S /sys/class/net | tr '\n' ' '
test -S /var/run/docker.sock && echo ENGINE SOCKET
"""


def inspect(engine: Engine, container_id: str | None) -> dict[str, Any]:
    container = engine.container(str(container_id))
    assert container is not None
    attributes: dict[str, Any] = container.attrs
    return attributes


def output(engine: Engine, container_id: str | None) -> str:
    return b"".join(engine.logs(str(container_id))).decode()


def test_a_container_can_do_nothing_but_train(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(PROBE)
    make_ready(trial.folder, trial.spec.user)
    state = engine.launch(trial.spec)
    wait_until(engine, trial, ended)
    told = output(engine, state.id)
    assert f"uid={65534 if os.getuid() == 0 else os.getuid()}" in told
    assert "CapEff:\t0000000000000000" in told
    assert "NoNewPrivs:\t1" in told
    assert "tmp writable" in told
    assert "trial writable" in told
    assert told.rstrip().endswith("lo"), "the container has a network"
    assert not [word for word in ("WRITABLE", "SOCKET") if word in told]


def test_every_limit_reaches_the_engine(engine: Engine, make_trial: MakeTrial) -> None:
    state = engine.launch(make_trial().spec)
    host = inspect(engine, state.id)["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == 256 * MIB
    assert (host["NanoCpus"], host["PidsLimit"], host["ShmSize"]) == (10**9, 64, 64 * MIB)
    assert (host["CapDrop"], host["SecurityOpt"]) == (["ALL"], ["no-new-privileges"])
    assert (host["ReadonlyRootfs"], host["Init"], host["NetworkMode"]) == (True, True, "none")
    assert host["RestartPolicy"]["Name"] in ("", "no")
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "10485760", "max-file": "2"}}
    assert "size=1073741824" in host["Tmpfs"]["/tmp"]
    limits = {limit["Name"]: (limit["Soft"], limit["Hard"]) for limit in host["Ulimits"]}
    assert limits == {"core": (0, 0), "fsize": (10 * GIB * 3 // 4, 10 * GIB * 3 // 4)}


def test_limits_and_hardening_are_recorded_in_the_labels(engine: Engine, make_trial: MakeTrial) -> None:
    spec = make_trial().spec
    labels = inspect(engine, engine.launch(spec).id)["Config"]["Labels"]
    assert json.loads(labels["cnn.limits"]) == asdict(spec.limits)
    hardening = json.loads(labels["cnn.hardening"])
    assert (hardening["user"], hardening["network"], hardening["runtime"]) == (spec.user, "none", None)
    assert (hardening["cap_drop"], hardening["security_opt"]) == (["ALL"], ["no-new-privileges"])
    assert (hardening["read_only"], hardening["privileged"]) == (True, False)


def test_a_second_launch_adopts_the_first(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    assert engine.launch(trial.spec).id == engine.launch(trial.spec).id
    assert len(engine.find(trial.experiment)) == 1


def test_two_launches_at_once_make_one_container(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(lambda _: engine.launch(trial.spec), range(4)))
    assert len({state.id for state in states}) == 1
    assert len(engine.find(trial.experiment)) == 1


def test_an_ended_container_is_adopted_too(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("exit 3")
    first = engine.launch(trial.spec)
    wait_until(engine, trial, ended)
    again = engine.launch(trial.spec)
    assert (again.id, again.exit_code) == (first.id, 3)


def test_another_configuration_replaces_the_container(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    first = engine.launch(trial.spec)
    second = engine.launch(trial.changed(environment={"A": "b"}).spec)
    assert first.id != second.id
    assert [state.id for state in engine.find(trial.experiment)] == [second.id]


def test_a_relaunch_is_the_same_container_in_every_field(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    spec = engine.pin(trial.spec)
    first, second = engine.launch(spec), engine.launch(spec, relaunch=1)
    assert (first.relaunch, second.relaunch) == (0, 1)
    assert second.name == f"{first.name}-r1"
    assert comparable(engine, second) == comparable(engine, first)


def test_the_newest_relaunch_is_the_one_observed(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("exit 0")
    for relaunch in (0, 2, 1):
        engine.launch(trial.spec, relaunch)
    assert engine.observe(trial.experiment, trial.number).relaunch == 2


def test_memory_over_the_limit_is_reported_as_such(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("exec python3 -c 'b = bytearray(2**29)'", limits=Limits(memory_bytes=64 * MIB))
    engine.launch(trial.spec)
    state = wait_until(engine, trial, ended)
    assert (state.oom_killed, state.exit_code) == (True, 137)


def test_a_stop_reaches_the_program_at_once(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("exec sleep 60")
    state = engine.launch(trial.spec)
    engine.stop(str(state.id), seconds=50)
    assert wait_until(engine, trial, ended).exit_code == 143


def test_a_program_that_ignores_the_stop_is_killed(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("trap '' TERM; echo ready; while :; do sleep 0.1; done")
    state = engine.launch(trial.spec)
    while "ready" not in output(engine, state.id):
        pass
    engine.stop(str(state.id), seconds=1)
    assert wait_until(engine, trial, ended).exit_code == 137


def test_what_is_gone_can_be_stopped_killed_and_removed(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    container_id = str(engine.launch(trial.spec).id)
    engine.remove(container_id)
    for end in (engine.stop, engine.kill, engine.remove):
        end(container_id)
    assert output(engine, container_id) == ""
    assert engine.observe(trial.experiment, trial.number).missing


def test_other_stacks_are_not_seen(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    engine.launch(trial.spec)
    assert Engine(engine.client, "another").find() == ()


def test_a_name_taken_by_a_foreign_container_is_told(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    engine.launch(trial.spec)
    foreign = trial.changed(labels={**trial.spec.labels, "cnn.trial": "9"})
    with pytest.raises(NameTakenError, match="docker rm -f"):
        engine.launch(foreign.spec)


def test_a_missing_image_is_told(engine: Engine, make_trial: MakeTrial) -> None:
    spec = make_trial().changed(image="no-such-image:1").spec
    for launch in (engine.launch, engine.pin):
        with pytest.raises(ImageMissingError, match="no-such-image:1"):
            launch(spec)


def test_a_launch_that_the_engine_refuses_leaves_nothing(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    for broken in (
        trial.changed(mounts=(Mount("/no/such/folder", "/mlops"),)),
        trial.changed(user="no-such-user"),
    ):
        with pytest.raises(LaunchError, match="could not be launched"):
            engine.launch(broken.spec)
        assert engine.observe(trial.experiment, trial.number).missing


def test_an_engine_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError, match="set DOCKER_HOST"):
        Engine.connect("s", f"unix://{tmp_path}/none.sock")

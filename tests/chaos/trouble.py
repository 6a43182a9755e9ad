"""What is broken while a trial trains, and what is seen of the experiment afterwards."""

from __future__ import annotations

import errno
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from docker.models.containers import Container

import docker
from include.containers import read_metrics
from include.containers.naming import EXPERIMENT
from include.experiments.records import State
from ops import processes
from ops.supervision import Supervisor
from ops.supervisor_config import Files
from tests.chaos.own_engine import OwnEngine
from tests.e2e.scripts import DATA, NETWORK
from tests.e2e.world import World

EPOCHS, EPOCH_SECONDS = 6, 2.0
SLOW = "callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: __import__('time').sleep(2.0))], "
SCRIPT = NETWORK.replace("epochs=2, ", f"epochs={EPOCHS}, {SLOW}")
DOWN_SECONDS = 60.0


@dataclass(frozen=True)
class Run:
    """What became of an experiment.

    Args:
        state: How it ended.
        trials: Values and accuracy of each trial.
        epochs: The epochs that each trial recorded.
        relaunches: Of all trials together.
        runs: States of the DAG runs.
        mails: Mails to the developer.
        containers: Containers of the stack that are left.
    """

    state: State
    trials: tuple[tuple[str, float | None], ...]
    epochs: tuple[tuple[int, ...], ...]
    relaunches: int
    runs: tuple[str, ...]
    mails: int
    containers: int


@dataclass(frozen=True)
class Trial:
    """The trial that is to be disturbed, in mid-training."""

    experiment: str
    folder: Path
    container: Container


class MachinesEngine:
    """The machine's own Docker engine, which is not broken: others use it too."""

    def client(self) -> docker.DockerClient:
        """A client of it."""
        return docker.from_env()


@dataclass(frozen=True)
class Chaos:
    """A running stack, and all that can be broken of it."""

    world: World
    engine: OwnEngine | MachinesEngine

    @property
    def supervisor(self) -> Supervisor:
        """The supervisor of the stack's programs."""
        stage = self.world.stage
        return Supervisor(Files(stage.var.resolve(), stage.stack.id))

    def run(self, repository: str, fault: Callable[[Chaos, Trial], None], folder: Path) -> Run:
        """Push, break something in the middle of the first trial, and wait for the end."""
        trial = self.pushed(repository, SCRIPT, folder)
        experiment = trial.experiment
        fault(self, trial)
        ended = self.world.ended(experiment, seconds=900)
        with self.world.stage.stack.api() as api:  # a stack that was started again may be at another port
            world = replace(self.world, api=api)
            runs = tuple(world.finished(repository, one.run_id) for one in ended.trials())
        time.sleep(5)  # a second mail, or a container that nobody wanted, would be here by then
        folders = [self.world.stage.settings.trial(experiment, one.number) for one in ended.trials()]
        mine = {"label": f"cnn.stack={self.world.stage.settings.stack}"}
        return Run(
            state=ended.state,
            trials=tuple((json.dumps(one.values, sort_keys=True), one.accuracy) for one in ended.trials()),
            epochs=tuple(tuple(e.epoch for e in read_metrics(folder / "out")) for folder in folders),
            relaunches=sum(len(one.relaunches) for one in ended.trials()),
            runs=runs,
            mails=len(self.world.mails(ended.identity.sha)),
            containers=len(self.engine.client().containers.list(all=True, filters=dict(mine))),
        )

    def pushed(self, repository: str, script: str, folder: Path) -> Trial:
        """Push a script, and wait until its first trial is in mid-training."""
        files: dict[str, str | Path] = {"mycode.py": script + f"# {time.time()}\n", **DATA}
        push = self.world.push(repository, files, folder)
        return self._in_mid_training(f"admin/{repository}@{push.sha}")

    def _in_mid_training(self, experiment: str) -> Trial:
        folder = self.world.stage.settings.trial(experiment, 1)
        labels = {"label": f"{EXPERIMENT}={experiment}"}

        def running() -> list[Container]:
            return self.engine.client().containers.list(filters=dict(labels))

        container = self.world.eventually(running, f"{experiment} trains", 600)[0]
        self.world.eventually(lambda: len(read_metrics(folder / "out")) >= 2, "two epochs", 300)
        return Trial(experiment, folder, container)

    def process(self, component: str) -> psutil.Process:
        """The process of one of the stack's programs."""
        (state,) = (state for state in self.world.stage.stack.status() if state.name == component)
        return psutil.Process(state.pid)

    def running(self, repository: str) -> int | None:
        """The process of a task that runs just now for a repository."""
        for run in self.world.runs(repository):
            path = f"dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}/taskInstances"
            for task in self.world.api.get(path)["task_instances"]:
                if task["state"] == "running" and task["pid"] and psutil.pid_exists(task["pid"]):
                    return int(task["pid"])
        return None

    @contextmanager
    def stopped(self, *programs: str) -> Iterator[None]:
        """Have programs of the stack stopped."""
        full = {entry["name"]: f"{entry['group']}:{entry['name']}" for entry in self._programs()}
        for name in programs:
            self.supervisor._call("stopProcess", full[name])
        try:
            yield
        finally:
            for name in programs:
                self.supervisor._call("startProcess", full[name], False)

    def _programs(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.supervisor._call("getAllProcessInfo")
        return found


def kill_container(chaos: Chaos, trial: Trial) -> None:
    trial.container.kill("SIGKILL")


def remove_container(chaos: Chaos, trial: Trial) -> None:
    trial.container.remove(force=True)


def restart_engine(chaos: Chaos, trial: Trial) -> None:
    assert isinstance(chaos.engine, OwnEngine)
    chaos.engine.stop()
    chaos.engine.start()


def kill_scheduler(chaos: Chaos, trial: Trial) -> None:
    chaos.process("scheduler").kill()


def kill_triggerer(chaos: Chaos, trial: Trial) -> None:
    chaos.process("triggerer").kill()


def kill_worker(chaos: Chaos, trial: Trial) -> None:
    """Kill the worker of the next task of the experiment, with the task: while it trains, it needs none."""
    repository = trial.experiment.partition("@")[0].partition("/")[2]
    pid = chaos.world.eventually(lambda: chaos.running(repository), "a task runs", 120)
    task = psutil.Process(pid)
    worker = task.parent()
    assert worker is not None
    for process in (worker, task):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def stop_api(chaos: Chaos, trial: Trial) -> None:
    with chaos.stopped("api-server", "task-api"):
        time.sleep(DOWN_SECONDS)


def restart_stack(chaos: Chaos, trial: Trial) -> None:
    chaos.world.stage.stack.stop()
    mine = {"label": f"cnn.stack={chaos.world.stage.settings.stack}"}
    assert not chaos.engine.client().containers.list(all=True, filters=dict(mine))
    assert not processes.of_stack(chaos.world.stage.stack.id)
    chaos.world.stage.stack.start(print)


def stop_mail(chaos: Chaos, trial: Trial) -> None:
    with chaos.stopped("mail"):
        chaos.world.eventually(lambda: chaos.world._ended(trial.experiment), "the experiment ends", 300)
        time.sleep(10)
        assert not chaos.world.mails(trial.experiment.partition("@")[2])


def stop_github(chaos: Chaos, trial: Trial) -> None:
    github = chaos.process("github")  # it keeps all in memory: it is silent for a while, and not stopped
    family = [github, *github.children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)
    time.sleep(DOWN_SECONDS)
    for process in family:
        process.send_signal(signal.SIGCONT)


def fill_disk(chaos: Chaos, trial: Trial) -> None:
    ballast = chaos.world.stage.settings.workspace / "ballast"
    _fill(ballast)
    time.sleep(EPOCHS * EPOCH_SECONDS)  # up to the script's end, or beyond it
    ballast.unlink()


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        size = 2**20
        while size:
            try:
                os.write(file.fileno(), bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2


@dataclass(frozen=True)
class Fault:
    """One thing that is broken.

    Args:
        repository: Its name, which is the name of the repository that is pushed to as well.
        breaks: Breaks it, and mends it where nobody else does.
        relaunches: Whether the training is launched again; None where that depends on when it was broken.
    """

    repository: str
    breaks: Callable[[Chaos, Trial], None]
    relaunches: bool | None = False


FAULTS = (
    Fault("container-killed", kill_container, relaunches=True),
    Fault("container-removed", remove_container, relaunches=True),
    Fault("engine-restarted", restart_engine, relaunches=True),
    Fault("scheduler-killed", kill_scheduler),
    Fault("triggerer-killed", kill_triggerer),
    Fault("worker-killed", kill_worker),
    Fault("api-down", stop_api),
    Fault("smtp-down", stop_mail),
    Fault("github-down", stop_github),
    Fault("disk-full", fill_disk, relaunches=None),
    Fault("stack-restarted", restart_stack),  # last: the emulator forgets the other repositories
)

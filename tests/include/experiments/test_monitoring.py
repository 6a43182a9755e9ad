"""What the monitor does about real containers is remembered, and done once by however many processes."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from include.containers import Action, Engine, Policy, Stop, StoppedBy, record_stop
from include.containers.errors import EngineUnavailableError
from include.containers.stopping import Interruption, read_interruption, record_interruption
from include.experiments.engines import configured_engines, engines_in_use, note_engine, noted_engine
from include.experiments.installation import Installation
from include.experiments.monitoring import active_trials, answer_trial, monitor_round
from include.experiments.records import Outcome
from include.repositories import Repository
from tests.include.containers.support import ended, engine
from tests.include.experiments.watched import StartTrial, Watched, installed, start_trial

__all__ = ["engine", "installed", "start_trial"]

pytestmark = pytest.mark.docker

AT_ONCE = Policy(delays=(0, 0), launch=0, stray=0)
IMPATIENT = replace(AT_ONCE, hang=0.5)


def crash(engine: Engine, trial: Watched) -> None:
    engine.kill(str(engine.observe(trial.name, trial.number).id))
    while not ended(engine.observe(trial.name, trial.number)):
        time.sleep(0.05)


def rounds(engine: Engine, trial: Watched, policy: Policy = AT_ONCE) -> list[Action]:
    return [line.action for line in monitor_round(trial.installation, (None,), lambda _: engine, policy)]


def audit(trial: Watched) -> list[dict[str, object]]:
    return [json.loads(line) for line in trial.installation.settings.audit_file.read_text().splitlines()]


def test_each_relaunch_is_a_row_of_its_trial_and_a_line_of_the_audit(
    engine: Engine, start_trial: StartTrial
) -> None:
    trial = start_trial()
    for _ in range(2):
        crash(engine, trial)
        rounds(engine, trial)
    assert [r.number for r in trial.experiment.trial(1).relaunches] == [1, 2]
    name = trial.spec.name
    told = [(line["container"], line["cause"], line["action"], line["reason"]) for line in audit(trial)]
    reason = "The container was killed by signal 9 and left no result."
    assert told == [
        (f"{name}-r1", "died", "relaunch", reason),
        (f"{name}-r2", "died", "relaunch", reason),
    ]


def test_a_hang_is_killed_and_relaunched_a_line_each(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial("sleep 60")
    time.sleep(IMPATIENT.hang)
    assert rounds(engine, trial, IMPATIENT) == [Action.KILL_HUNG, Action.RELAUNCH]
    assert [line["cause"] for line in audit(trial)] == ["hung", "died"]
    assert engine.observe(trial.name, 1).relaunch == 1


def _answer(stack: str, experiment: str, barrier: object, done: object) -> None:
    wait: Callable[[], object] = barrier.wait  # type: ignore[attr-defined]
    put: Callable[[bool], object] = done.put  # type: ignore[attr-defined]
    own = Engine.connect(stack)
    wait()
    found = answer_trial(Installation.from_environment(), own, experiment, 1, Policy(delays=(0,)))
    put(found is not None and found.line is not None)


def test_of_several_processes_that_see_a_crash_one_answers(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    crash(engine, trial)
    context = multiprocessing.get_context("spawn")
    barrier, done = context.Barrier(3), context.Queue()
    arguments = (engine.stack, trial.name, barrier, done)
    processes = [context.Process(target=_answer, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    acted = [done.get(timeout=300) for _ in processes]
    for process in processes:
        process.join()
    assert sorted(acted) == [False, False, True]
    assert [state.relaunch for state in engine.find(trial.name)] == [0, 1]
    assert [r.number for r in trial.experiment.trial(1).relaunches] == [1]
    assert len(audit(trial)) == 1


def test_a_removed_relaunch_counts_although_no_label_tells_of_it(
    engine: Engine, start_trial: StartTrial
) -> None:
    trial = start_trial()
    for _ in range(2):
        for state in engine.find(trial.name):
            engine.remove(str(state.id))
        rounds(engine, trial)
    assert engine.observe(trial.name, 1).relaunch == 2
    for state in engine.find(trial.name):
        engine.remove(str(state.id))
    assert rounds(engine, trial) == [Action.GIVE_UP]


def test_a_pause_is_left_to_whoever_asks(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    crash(engine, trial)
    found = answer_trial(trial.installation, engine, trial.name, 1, Policy(delays=(60,)))
    assert found is not None
    assert found.is_due_later(time.time())
    assert len(engine.find(trial.name)) == 1


@pytest.mark.parametrize("by", list(StoppedBy))
def test_no_deliberate_stop_is_answered(engine: Engine, start_trial: StartTrial, by: StoppedBy) -> None:
    trial = start_trial()
    record_stop(trial.folder, Stop(by, "On purpose."))
    crash(engine, trial)
    assert rounds(engine, trial) == []
    assert len(engine.find(trial.name)) == 1


def test_a_training_goes_on_after_the_installation_was_stopped_and_that_is_no_crash(
    engine: Engine, start_trial: StartTrial
) -> None:
    trial = start_trial()
    record_interruption(trial.folder, Interruption(time.time(), "The installation was stopped."))
    engine.remove(str(trial.first.id))
    assert rounds(engine, trial) == [Action.GO_ON]
    state = engine.observe(trial.name, 1)
    assert (state.status, state.relaunch, state.name) == ("running", 0, trial.first.name)
    assert trial.experiment.trial(1).relaunches == ()
    assert read_interruption(trial.folder) is None
    engine.remove(str(state.id))  # the next time nobody stopped the installation
    assert rounds(engine, trial) == [Action.RELAUNCH]


def test_a_trial_whose_end_is_in_the_store_is_left_alone(engine: Engine, start_trial: StartTrial) -> None:
    trial = start_trial()
    trial.experiment.tell(1, Outcome("finished", 0.5))
    crash(engine, trial)
    assert answer_trial(trial.installation, engine, trial.name, 1, AT_ONCE) is None


def test_an_engine_that_is_silent_keeps_nobody_from_the_others(
    engine: Engine, start_trial: StartTrial
) -> None:
    trial = start_trial()
    crash(engine, trial)

    def connect(url: str | None) -> Engine:
        if url is not None:
            raise EngineUnavailableError(url, "off")
        return engine

    lines = monitor_round(trial.installation, ("tcp://gpu:2376", None), connect, AT_ONCE)
    assert next(lines).action is Action.RELAUNCH
    with pytest.raises(EngineUnavailableError, match="tcp://gpu:2376 does not answer"):
        next(lines)


def test_a_trial_that_cannot_be_seen_to_keeps_nobody_from_the_others(
    engine: Engine, start_trial: StartTrial
) -> None:
    broken, crashed = start_trial(), start_trial()
    crash(engine, broken)
    crash(engine, crashed)
    (broken.folder / "relaunch.lock").unlink()
    (broken.folder / "relaunch.lock").mkdir()  # as good as a full disk: what must be written can't be
    lines = list(monitor_round(crashed.installation, (None,), lambda _: engine, AT_ONCE))
    assert [(line.experiment, line.done) for line in lines] == [(broken.name, False), (crashed.name, True)]
    assert "Is a directory" in lines[0].reason


def test_a_trial_is_answered_on_its_own_engine_also_where_two_urls_lead_to_one(
    engine: Engine, start_trial: StartTrial
) -> None:
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    here, there = start_trial(), start_trial()
    note_engine(there.experiment, 1, host)
    assert {trial.engine for trial in active_trials(here.installation)} == {None, host}
    assert engines_in_use(here.installation) == (None, host)
    time.sleep(0.1)
    for _ in range(2):
        lines = list(monitor_round(here.installation, (None, host), lambda _: engine, Policy(stray=0)))
        assert lines == []  # neither is taken for a stray on the other's account
    crash(engine, there)
    (line,) = monitor_round(here.installation, (None, host), lambda _: engine, AT_ONCE)
    assert line.experiment == there.name


def test_the_engine_first_on_record_stays(start_trial: StartTrial) -> None:
    trial = start_trial()
    assert note_engine(trial.experiment, 1, "tcp://gpu:2376") == "tcp://gpu:2376"
    assert note_engine(trial.experiment, 1, None) == "tcp://gpu:2376"
    assert noted_engine(trial.experiment, 1) == "tcp://gpu:2376"


def test_the_default_engine_first_on_record_stays(start_trial: StartTrial) -> None:
    trial = start_trial()
    assert note_engine(trial.experiment, 1, None) is None
    assert note_engine(trial.experiment, 1, "tcp://gpu:2376") is None
    assert noted_engine(trial.experiment, 1) is None


def test_each_configured_engine_is_watched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://here:2375")
    engines = [None, "tcp://gpu:2376", "tcp://gpu:2376", "tcp://here:2375"]
    repositories = [Repository(name=f"a/{n}", engine=url) for n, url in enumerate(engines)]
    assert configured_engines(repositories) == (None, "tcp://gpu:2376")


def test_the_audit_is_below_the_state_folder(installed: Installation, tmp_path: Path) -> None:
    assert installed.settings.audit_file == tmp_path / "var" / "audit.jsonl"

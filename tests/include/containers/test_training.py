"""One training from begin to end, with real containers: begun once, watched, ended for good."""

from __future__ import annotations

import time

import pytest

from include.containers import (
    ContainerState,
    EndingKind,
    Engine,
    ImageMissingError,
    Limits,
    NotLaunchedError,
    Outcome,
    Stop,
    StoppedBy,
    TrainingWatch,
    begin_training,
    read_outcome,
    read_spec,
    read_stop,
    record_stop,
)
from include.containers.spec import MIB
from tests.include.containers.support import MakeTrial, Trial, ended, wait_until

pytestmark = pytest.mark.docker

RESULT = '{"status": "finished", "accuracy": 0.5}'
FINISH = f"sleep 0.1; echo '{RESULT}' > /trial/out/result.json; echo done; exit 0"


def begin(engine: Engine, trial: Trial) -> ContainerState:
    begun = begin_training(engine, trial.request, sleep=lambda _: None)
    assert isinstance(begun, ContainerState)
    return begun


def watched(engine: Engine, trial: Trial, grace: float = 180) -> Outcome:
    watch = TrainingWatch(engine, trial.folder, grace)
    while (outcome := watch.look(time.time())) is None:
        time.sleep(0.05)
    watch.finish(outcome)
    watch.clean()
    return outcome


def test_a_training_runs_to_its_result_and_leaves_no_container(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(FINISH)
    begun = begin(engine, trial)
    outcome = watched(engine, trial)
    assert (outcome.ending, outcome.exit_code, outcome.container_id) == (EndingKind.FINISHED, 0, begun.id)
    assert outcome.seconds > 0
    assert read_outcome(trial.folder) == outcome
    assert (trial.folder / "log.txt").read_text() == f"==> {trial.spec.name} <==\ndone\n"
    assert engine.find(trial.experiment) == ()


def test_a_finished_training_is_not_done_again(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(FINISH)
    begin(engine, trial)
    outcome = watched(engine, trial)
    assert begin_training(engine, trial.request) == outcome
    assert engine.find(trial.experiment) == ()


def test_a_second_try_adopts_the_training_that_runs(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    assert begin(engine, trial).id == begin(engine, trial).id
    assert len(engine.find(trial.experiment)) == 1


def test_a_second_try_adopts_the_training_that_ended_unseen(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(FINISH)
    first = begin(engine, trial)
    wait_until(engine, trial, ended)
    assert begin(engine, trial).id == first.id
    assert watched(engine, trial).ending is EndingKind.FINISHED


def test_a_second_try_after_a_failure_trains_anew(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("touch /trial/out/left; exit 3")
    first = begin(engine, trial)
    assert watched(engine, trial).ending is EndingKind.SCRIPT_ERROR
    again = begin(engine, trial.changed(command=("sleep", "60")))
    assert again.id != first.id
    assert read_outcome(trial.folder) is None
    assert not (trial.folder / "out" / "left").exists()


def test_a_try_while_a_person_ends_the_one_before_trains_anew(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    first = begin(engine, trial)

    def a_person_ends_it(_: float) -> None:
        TrainingWatch(engine, trial.folder).stop(Stop(StoppedBy.USER, "A person."))

    again = begin_training(engine, trial.request, sleep=a_person_ends_it)
    assert isinstance(again, ContainerState)
    assert again.id != first.id
    assert read_stop(trial.folder) is None


def test_the_spec_on_record_names_the_exact_image(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    begin(engine, trial)
    spec = read_spec(trial.folder)
    assert spec is not None
    assert spec.image_id is not None
    assert spec.image_id.startswith("sha256:")


def test_a_training_over_its_time_limit_is_stopped(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("exec sleep 60", limits=Limits(memory_bytes=64 * MIB, seconds=0.5))
    begin(engine, trial)
    outcome = watched(engine, trial)
    assert outcome.ending is EndingKind.TOO_SLOW
    assert "limit of 0.5 s" in outcome.reason
    stop = read_stop(trial.folder)
    assert stop is not None
    assert stop.by is StoppedBy.TIME_LIMIT


def test_a_training_whose_experiment_has_ended_is_stopped(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("exec sleep 60")
    begin(engine, trial)
    record_stop(trial.folder, Stop(StoppedBy.SUPERSEDED, "Trial 2 ended the experiment."))
    outcome = watched(engine, trial)
    assert (outcome.ending, outcome.reason) == (EndingKind.SUPERSEDED, "Trial 2 ended the experiment.")
    assert not engine.observe(trial.experiment, trial.number).alive


def test_a_training_over_its_memory_is_told_from_a_crash(engine: Engine, make_trial: MakeTrial) -> None:
    limits = Limits(memory_bytes=64 * MIB)
    trial = make_trial("exec python3 -c 'b = bytearray(2**29)'", limits=limits)
    begin(engine, trial)
    assert watched(engine, trial).ending is EndingKind.OUT_OF_MEMORY


def test_a_crash_waits_for_its_relaunch(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial(f"test -f /mlops/again && {{ {FINISH}; }}; touch /mlops/again; kill -9 $$")
    begin(engine, trial)
    watch = TrainingWatch(engine, trial.folder)
    wait_until(engine, trial, ended)
    assert watch.look(time.time()) is None
    engine.launch(watch.spec, relaunch=1)
    outcome = watched(engine, trial)
    assert (outcome.ending, outcome.relaunches) == (EndingKind.FINISHED, 1)
    assert (trial.folder / "log.txt").read_text().count("==>") == 2


def test_a_crash_that_nothing_answers_is_final_after_its_grace(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("kill -9 $$")
    begin(engine, trial)
    outcome = watched(engine, trial, grace=0.2)
    assert outcome.ending is EndingKind.CRASHED
    assert "is monitor_containers on?" in outcome.reason


def test_a_crash_that_the_monitor_gave_up_is_final_at_once(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("kill -9 $$")
    begin(engine, trial)
    wait_until(engine, trial, ended)
    record_stop(trial.folder, Stop(StoppedBy.MONITOR, "Given up."))
    outcome = watched(engine, trial)
    assert (outcome.ending, outcome.reason) == (EndingKind.CRASHED, "Given up.")


def test_a_container_that_is_removed_is_a_crash(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial()
    engine.remove(str(begin(engine, trial).id))
    outcome = watched(engine, trial, grace=0.1)
    assert outcome.ending is EndingKind.CRASHED
    assert "gone" in outcome.reason


def test_a_long_log_is_cut(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("yes | head -c 300000", limits=Limits(memory_bytes=64 * MIB, log_bytes=50_000))
    begin(engine, trial)
    watched(engine, trial)
    assert (trial.folder / "log.txt").stat().st_size < 60_000


def test_a_hostile_result_is_the_scripts_error(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial("ln -s /etc/passwd /trial/out/result.json")
    begin(engine, trial)
    outcome = watched(engine, trial)
    assert outcome.ending is EndingKind.SCRIPT_ERROR
    assert "refused: it is not a regular file" in outcome.reason


def test_a_missing_image_leaves_the_trial_unlaunched(engine: Engine, make_trial: MakeTrial) -> None:
    trial = make_trial().changed(image="no-such-image:1")
    with pytest.raises(ImageMissingError, match="no-such-image:1"):
        begin_training(engine, trial.request)
    with pytest.raises(NotLaunchedError, match="never launched"):
        TrainingWatch(engine, trial.folder)

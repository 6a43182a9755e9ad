"""A push is claimed once; a trial is proposed once and told once."""

import contextlib
import multiprocessing
import sqlite3
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from optuna.distributions import IntDistribution

from include.experiments.experiment import UnknownTrial
from include.experiments.records import Goals, Outcome, State
from include.experiments.store import ExperimentStore, UnknownExperiment
from include.source.push import Push
from include.tweaker.space import Parameter, Proposal, SearchSpace

FILTERS = Parameter("conv1.filters", "filters of conv 1", 8, IntDistribution(4, 64))
SPACE = SearchSpace("literals", (FILTERS,))


def test_the_first_run_gets_the_push_and_others_do_not(
    store: ExperimentStore, push: Push, goals: Goals
) -> None:
    assert store.claim(push, goals, "run-1") is not None
    assert store.claim(push, goals, "run-2") is None


def test_the_owning_run_gets_the_same_experiment_on_a_retry(
    store: ExperimentStore, push: Push, goals: Goals
) -> None:
    first, again = store.claim(push, goals, "run-1"), store.claim(push, goals, "run-1")
    assert first is not None
    assert again is not None
    assert str(first) == str(again)


def test_force_starts_another_attempt_once(store: ExperimentStore, push: Push, goals: Goals) -> None:
    store.claim(push, goals, "run-1")
    ids = [str(store.claim(push, goals, run, force=True)) for run in ("run-2", "run-2", "run-3")]
    assert ids == [f"admin/mnist@{push.sha}+2"] * 2 + [f"admin/mnist@{push.sha}+3"]


def test_a_claim_whose_process_died_half_way_is_taken_over(
    store: ExperimentStore, url: str, push: Push, goals: Goals, monkeypatch: pytest.MonkeyPatch
) -> None:
    import optuna

    optuna.create_study(storage=url, study_name=f"admin/mnist@{push.sha}", direction="maximize")
    monkeypatch.setattr("include.experiments.store._OWNER_WAIT_SECONDS", 0.0)
    taken = store.claim(push, goals, "run-2")
    assert taken is not None
    assert taken.push == push


def _claim(
    url: str, push: Push, goals: Goals, run: str, start: Barrier, won: "multiprocessing.Queue[str]"
) -> None:
    start.wait()
    if ExperimentStore(url).claim(push, goals, run) is not None:
        won.put(run)


def test_of_many_processes_that_claim_at_once_in_a_new_store_one_wins(
    url: str, push: Push, goals: Goals
) -> None:
    context = multiprocessing.get_context("spawn")
    won: multiprocessing.Queue[str] = context.Queue()
    start = context.Barrier(4)
    processes = [
        context.Process(target=_claim, args=(url, push, goals, f"run-{n}", start, won)) for n in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    assert won.get(timeout=5).startswith("run-")
    assert won.empty()


def test_what_is_stored_is_read_back_by_another_process(
    store: ExperimentStore, url: str, push: Push, goals: Goals
) -> None:
    experiment = store.claim(push, goals, "run-1")
    assert experiment is not None
    experiment.set("space", SPACE.to_json())
    experiment.propose(1, Proposal({"conv1.filters": 8}, "your own values"))
    experiment.note(1, "relaunches", [{"number": 1, "at": 5.0, "reason": "killed"}])
    again = ExperimentStore(url).get(str(experiment))
    assert (again.push, again.goals, again.space) == (push, goals, SPACE)
    trial = again.trial(1)
    assert (trial.values, trial.state, trial.relaunches[0].reason) == (
        {"conv1.filters": 8},
        "running",
        "killed",
    )


def test_proposing_a_trial_again_changes_nothing(store: ExperimentStore, push: Push, goals: Goals) -> None:
    experiment = store.claim(push, goals, "run-1")
    assert experiment is not None
    experiment.set("space", SPACE.to_json())
    experiment.propose(1, Proposal({"conv1.filters": 8}, "first"))
    again = experiment.propose(1, Proposal({"conv1.filters": 16}, "second"))
    assert (len(experiment.trials()), again.values) == (1, {"conv1.filters": 8})


def test_the_first_outcome_told_stays(store: ExperimentStore, push: Push, goals: Goals) -> None:
    experiment = store.claim(push, goals, "run-1")
    assert experiment is not None
    experiment.propose(1, Proposal({}, "your own values"))
    experiment.tell(1, Outcome("finished", accuracy=0.5, accuracy_source="evaluate", seconds=3.0))
    told = experiment.tell(1, Outcome("crashed"))
    assert (told.accuracy, told.ending, told.seconds, told.state) == (0.5, "finished", 3.0, "complete")


def test_a_trial_without_accuracy_is_failed_and_never_the_best(
    store: ExperimentStore, push: Push, goals: Goals
) -> None:
    experiment = store.claim(push, goals, "run-1")
    assert experiment is not None
    for number, accuracy in enumerate([None, 0.4, 0.7, 0.7], start=1):
        experiment.propose(number, Proposal({}, ""))
        experiment.tell(number, Outcome("finished", accuracy=accuracy))
    assert experiment.trial(1).state == "failed"
    assert experiment.best is not None
    assert experiment.best.number == 3


def test_seconds_are_counted_until_the_end(
    store: ExperimentStore, push: Push, goals: Goals, clock: "object"
) -> None:
    experiment = store.claim(push, goals, "run-1")
    assert experiment is not None
    clock.now += 60  # type: ignore[attr-defined]
    experiment.end(State.TARGET_MET)
    clock.now += 60  # type: ignore[attr-defined]
    assert (experiment.seconds, experiment.state) == (60, State.TARGET_MET)
    assert list(store.active()) == []


def test_the_active_are_those_that_run_oldest_first(store: ExperimentStore, push: Push, goals: Goals) -> None:
    claimed = [store.claim(push, goals, f"run-{n}", force=True) for n in range(4)]
    assert claimed[1] is not None
    claimed[1].end(State.BUDGET_SPENT)
    assert [str(e) for e in store.active()] == [str(claimed[n]) for n in (0, 2, 3)]


def test_unknown_names_are_refused(store: ExperimentStore, push: Push, goals: Goals) -> None:
    experiment = store.claim(push, goals, "run-1")
    assert experiment is not None
    with pytest.raises(UnknownTrial, match="has no trial 7"):
        experiment.trial(7)
    with pytest.raises(UnknownExperiment, match="never claimed"):
        store.get(f"a/b@{push.sha}")


def test_readers_of_the_sqlite_file_do_not_stop_its_writer(tmp_path: Path, push: Push, goals: Goals) -> None:
    file = tmp_path / "experiments.db"
    store = ExperimentStore(f"sqlite:///{file}")
    assert list(store.all()) == []
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT * FROM studies").fetchall() == []
        assert store.claim(push, goals, "run-1") is not None


def test_a_process_that_is_forked_has_the_store_open_and_connections_of_its_own(
    store: ExperimentStore, url: str, push: Push, goals: Goals, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened_again(*_: object) -> None:
        raise AssertionError("it is open already")

    claimed = store.claim(push, goals, "run")
    store.open()
    assert store._storage.engine.pool.checkedin() == 0  # type: ignore[attr-defined]  # of a pool that queues
    store.get(str(claimed))  # the parent goes on, and has a connection again
    monkeypatch.setattr("include.experiments.store._opened", opened_again)
    child = multiprocessing.get_context("fork").Process(target=_end_in_fork, args=(url, str(claimed)))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert store.get(str(claimed)).state is State.EXHAUSTED


def _end_in_fork(url: str, experiment: str) -> None:
    store = ExperimentStore(url)
    assert store._storage.engine.pool.checkedin() == 0  # type: ignore[attr-defined]
    store.get(experiment).end(State.EXHAUSTED)

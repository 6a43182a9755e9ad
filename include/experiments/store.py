"""The store of experiments: one Optuna study per push, created exactly once."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, cached_property, partial
from typing import Any

import optuna
from optuna.storages import RDBStorage
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from include.experiments.experiment import Experiment
from include.experiments.records import Goals, State
from include.identity import ExperimentId
from include.source.push import Push

UNTOLD = "untold"  # an ended experiment that its developer is to be told of
_OWNER = "owner"
_OWNER_WAIT_SECONDS = 5.0
_MAKERS = 10  # attempts to open a storage that others are making
_MAKING_SECONDS = 0.5


class UnknownExperiment(LookupError):
    """An experiment that the store does not hold."""

    def __init__(self, experiment: str) -> None:
        super().__init__(f"no experiment {experiment} in the store; it was never claimed, or was deleted")


class ExperimentStore:
    """All experiments, in Optuna's storage, so that any Optuna tool can read them.

    Args:
        url: SQLAlchemy URL of the storage.
        clock: Source of POSIX time.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        self._clock = clock

    @cached_property
    def _storage(self) -> RDBStorage:
        # SQLite serialises writers: wait for the other one rather than fail.
        arguments = {"timeout": 60} if self._url.startswith("sqlite") else {}
        return _storage(self._url, tuple(arguments.items()))

    def open(self) -> None:
        """Open the storage, so that the processes that are forked from this one have it open.

        Opening takes 0.1-0.2 s: Optuna imports its migrations and runs them through, to compare the tables.

        Raises:
            SQLAlchemyError: The storage does not answer.
        """
        for experiment in self.newest(1):
            experiment.trials()  # its queries are compiled then
        self._storage.engine.dispose()  # a connection is of one process only

    def claim(self, push: Push, goals: Goals, run_id: str, *, force: bool = False) -> Experiment | None:
        """Create the experiment of a push for one DAG run; creating the study is the atomic claim.

        The run that owns the claim gets the same experiment again however often it asks.

        Args:
            push: The commit.
            goals: Target and budget, stored with the experiment.
            run_id: The DAG run that asks.
            force: Start a new attempt where others have trained this push already.

        Returns:
            The experiment, or None where another run owns it.
        """
        attempt = 1
        while True:
            identity = ExperimentId(push.repository, push.sha, attempt)
            experiment = self._create(identity, push, goals, run_id)
            if experiment is not None or not force:
                return experiment
            attempt += 1

    def _create(self, identity: ExperimentId, push: Push, goals: Goals, run_id: str) -> Experiment | None:
        try:
            self._storage.create_new_study([optuna.study.StudyDirection.MAXIMIZE], str(identity))
        except optuna.exceptions.DuplicatedStudyError:
            return self._owned(identity, push, goals, run_id)
        return self._describe(identity, push, goals, run_id)

    def _describe(self, identity: ExperimentId, push: Push, goals: Goals, run_id: str) -> Experiment:
        experiment = self.get(str(identity))
        experiment.set("push", push.to_json())
        experiment.set("goals", goals.to_json())
        experiment.set("claimed_at", self._clock())
        experiment.set("state", State.RUNNING.value)
        # Last: a study without an owner is a claim whose process died half-way, and may be taken over.
        experiment.set(_OWNER, run_id)
        return experiment

    def _owned(self, identity: ExperimentId, push: Push, goals: Goals, run_id: str) -> Experiment | None:
        experiment = self.get(str(identity))
        deadline = time.monotonic() + _OWNER_WAIT_SECONDS
        while (owner := experiment.attribute(_OWNER)) is None and time.monotonic() < deadline:
            time.sleep(0.1)
        if owner is None:
            return self._describe(identity, push, goals, run_id)
        return experiment if owner == run_id else None

    def get(self, experiment: str) -> Experiment:
        """One experiment by its id.

        Raises:
            UnknownExperiment: there is none of that id.
        """
        try:
            study = optuna.load_study(
                study_name=experiment, storage=self._storage, sampler=optuna.samplers.RandomSampler()
            )
        except KeyError:
            raise UnknownExperiment(experiment) from None
        return Experiment(ExperimentId.parse(experiment), study, self._clock)

    def all(self) -> Iterator[Experiment]:
        """Every experiment, oldest first."""
        for name in optuna.get_all_study_names(self._storage):
            yield self.get(name)

    def newest(self, limit: int) -> Iterator[Experiment]:
        """The newest experiments and all that still run, newest first.

        Args:
            limit: How many of the newest; of older ones only those that run.
        """
        studies = self._storage.get_all_studies()
        for place, study in enumerate(reversed(studies)):
            claimed = _OWNER in study.user_attrs
            if claimed and (place < limit or study.user_attrs.get("state") == State.RUNNING.value):
                yield self.get(study.study_name)

    def active(self) -> Iterator[Experiment]:
        """Experiments that are not ended, oldest first."""
        yield from self._with("state", State.RUNNING.value)

    def untold(self) -> Iterator[Experiment]:
        """Experiments that the monitor has ended and told nobody of yet, oldest first."""
        yield from self._with(UNTOLD, True)

    def _with(self, key: str, value: Any) -> Iterator[Experiment]:
        # One query for all of them: the monitor asks every minute, however many have ended.
        for study in self._storage.get_all_studies():
            if _OWNER in study.user_attrs and study.user_attrs.get(key) == value:
                yield self.get(study.study_name)


@cache
def _storage(url: str, connect_arguments: tuple[tuple[str, int], ...]) -> RDBStorage:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage = _opened(url, dict(connect_arguments))
    os.register_at_fork(after_in_child=partial(storage.engine.dispose, close=False))
    if storage.engine.dialect.name == "sqlite":
        with storage.engine.connect() as connection:  # lets readers and the writer go on together
            connection.execute(text("PRAGMA journal_mode = WAL"))
    return storage


def _opened(url: str, connect_arguments: dict[str, int]) -> RDBStorage:
    """Open a storage; of processes that find a new one at once, Optuna lets only one make the tables."""
    for _ in range(_MAKERS):
        with suppress(DBAPIError):
            return RDBStorage(url, engine_kwargs={"connect_args": connect_arguments})
        time.sleep(_MAKING_SECONDS)
    return RDBStorage(url, engine_kwargs={"connect_args": connect_arguments})

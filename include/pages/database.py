"""Experiments in bulk: few queries, whatever their number, on a connection that cannot write."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from optuna.storages import RDBStorage
from optuna.storages._rdb import models  # the public interface reads one study at a time
from optuna.trial import TrialState
from sqlalchemy import Engine, Select, event, func, select

_READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
}
_MOST_NAMES = 500  # in one query: SQLite bounds the number of its parameters

STATES = {
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


@dataclass(frozen=True)
class Study:
    """One experiment's study: number in the database, name, and the attributes that were asked for."""

    id: int
    name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tally:
    """The trials of a study in numbers: all, those that run, and the best accuracy (0-1).

    It is that of a pruned trial only where none is complete.
    """

    trials: int = 0
    running: int = 0
    best: float | None = None


@dataclass(frozen=True)
class Point:
    """One trial without its attributes; `accuracy` is a fraction 0-1, of a pruned trial when it ended."""

    id: int
    number: int
    state: str
    accuracy: float | None


class Database:
    """The store as the pages read it.

    Args:
        url: SQLAlchemy URL of Optuna's storage; its tables are made if there are none yet.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def storage(self) -> RDBStorage:
        """Optuna's storage, whose connections refuse to write."""
        arguments = {"timeout": 10} if self._url.startswith("sqlite") else {}
        storage = RDBStorage(self._url, engine_kwargs={"connect_args": arguments})
        _forbid_writing(storage.engine)
        return storage

    def studies(self, keys: Collection[str], ids: Collection[int] | None = None) -> list[Study]:
        """All studies, or those of some numbers, with some of their attributes; oldest first."""
        chosen = select(models.StudyModel.study_id, models.StudyModel.study_name)
        wanted = select(
            models.StudyUserAttributeModel.study_id,
            models.StudyUserAttributeModel.key,
            models.StudyUserAttributeModel.value_json,
        ).where(models.StudyUserAttributeModel.key.in_(keys))
        if ids is not None:
            chosen = chosen.where(models.StudyModel.study_id.in_(ids))
            wanted = wanted.where(models.StudyUserAttributeModel.study_id.in_(ids))
        attributes = _grouped(self._rows(wanted))
        rows = self._rows(chosen.order_by(models.StudyModel.study_id))
        return [Study(number, name, attributes.get(number, {})) for number, name in rows]

    def study(self, name: str, keys: Collection[str] = ()) -> Study | None:
        """One study by its name, None where there is none."""
        model = models.StudyModel
        found = self._rows(select(model.study_id).where(model.study_name == name))
        return next(iter(self.studies(keys, [found[0][0]])), None) if found else None

    def names_with(self, text: str) -> list[str]:
        """The names of studies in which a text stands, oldest first."""
        model = models.StudyModel
        query = select(model.study_name).where(model.study_name.contains(text, autoescape=True))
        return [name for (name,) in self._rows(query.order_by(model.study_id))]

    def owned_by(self, run_id: str) -> list[str]:
        """The names of studies that a DAG run has claimed."""
        attribute = models.StudyUserAttributeModel
        query = (
            select(models.StudyModel.study_name)
            .join(attribute, attribute.study_id == models.StudyModel.study_id)
            .where(attribute.key == "owner", attribute.value_json == json.dumps(run_id))
        )
        return [name for (name,) in self._rows(query)]

    def tallies(self) -> dict[int, Tally]:
        """The numbers of every study that has trials, by the study's number."""
        trial, value = models.TrialModel, models.TrialValueModel
        counted = select(trial.study_id, trial.state, func.count()).group_by(trial.study_id, trial.state)
        best = (
            select(trial.study_id, func.max(value.value))
            .join(value, value.trial_id == trial.trial_id)
            .where(trial.state == TrialState.COMPLETE)
            .group_by(trial.study_id)
        )
        bests = {**self._best_pruned(), **dict(self._rows(best))}
        counts: dict[int, dict[TrialState, int]] = defaultdict(dict)
        for study, state, number in self._rows(counted):
            counts[study][state] = number
        return {
            study: Tally(sum(states.values()), states.get(TrialState.RUNNING, 0), bests.get(study))
            for study, states in counts.items()
        }

    def _best_pruned(self) -> dict[int, float]:
        trial, attribute = models.TrialModel, models.TrialUserAttributeModel
        rows = self._rows(
            select(trial.study_id, attribute.value_json)
            .join(attribute, attribute.trial_id == trial.trial_id)
            .where(trial.state == TrialState.PRUNED, attribute.key == "accuracy")
        )
        found: dict[int, float] = {}
        for study, text in rows:
            accuracy = json.loads(text)
            if accuracy is not None:
                found[study] = max(accuracy, found.get(study, 0.0))
        return found

    def points(self, study: int) -> list[Point]:
        """Every trial of a study in its order, without attributes."""
        trial, value, attribute = models.TrialModel, models.TrialValueModel, models.TrialUserAttributeModel
        rows = self._rows(
            select(trial.trial_id, trial.number, trial.state, value.value)
            .outerjoin(value, value.trial_id == trial.trial_id)
            .where(trial.study_id == study)
            .order_by(trial.number)
        )
        pruned = self._rows(
            select(attribute.trial_id, attribute.value_json)
            .join(trial, trial.trial_id == attribute.trial_id)
            .where(trial.study_id == study, attribute.key == "accuracy")
        )
        ended_at = {number: json.loads(text) for number, text in pruned}
        return [
            Point(
                key,
                number + 1,
                STATES.get(state, "failed"),
                # Optuna's own value of a pruned trial is its last epoch's, not what its script reported.
                ended_at.get(key) if state is TrialState.PRUNED else accuracy,
            )
            for key, number, state, accuracy in rows
        ]

    def trial_attributes(self, trials: Iterable[int]) -> dict[int, dict[str, Any]]:
        """The attributes of some trials, by the trials' numbers in the database."""
        wanted, found = sorted(set(trials)), {}
        attribute = models.TrialUserAttributeModel
        for start in range(0, len(wanted), _MOST_NAMES):
            part = wanted[start : start + _MOST_NAMES]
            query = select(attribute.trial_id, attribute.key, attribute.value_json)
            found.update(_grouped(self._rows(query.where(attribute.trial_id.in_(part)))))
        return found

    def relaunches(self, study: int) -> list[tuple[int, list[dict[str, Any]]]]:
        """The relaunches of a study's trials, as (number of the trial, stored rows)."""
        trial, attribute = models.TrialModel, models.TrialUserAttributeModel
        query = (
            select(trial.number, attribute.value_json)
            .join(attribute, attribute.trial_id == trial.trial_id)
            .where(trial.study_id == study, attribute.key == "relaunches")
            .order_by(trial.number)
        )
        return [(number + 1, json.loads(text)) for number, text in self._rows(query)]

    def _rows(self, query: Select[Any]) -> list[Any]:
        with self.storage.engine.connect() as connection:
            return list(connection.execute(query).all())


def _grouped(rows: Iterable[tuple[int, str, str]]) -> dict[int, dict[str, Any]]:
    grouped: dict[int, dict[str, Any]] = defaultdict(dict)
    for owner, key, text in rows:
        grouped[owner][key] = json.loads(text)
    return grouped


def _forbid_writing(engine: Engine) -> None:
    """Have every new connection refuse to write; those that made the tables are closed."""
    statement = _READ_ONLY.get(engine.dialect.name)
    if statement is None:
        return

    def refuse(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(statement)
        cursor.close()

    engine.dispose()
    event.listen(engine, "connect", refuse)

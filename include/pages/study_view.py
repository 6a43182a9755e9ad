"""One study of the store, alone and read-only, as Optuna's tools take a storage."""

from __future__ import annotations

from collections.abc import Container, Sequence
from copy import copy
from typing import Any, NoReturn

from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial, TrialState

# Of the attributes, those that say something in few words; the others are documents, or parameters once more.
_SHOWN = ("goals", "state", "push")
_SHOWN_OF_TRIALS = ("reason", "ending", "error", "seconds", "accuracy_source")


def _brief(trial: FrozenTrial) -> FrozenTrial:
    brief = copy(trial)
    brief.user_attrs = {key: trial.user_attrs[key] for key in _SHOWN_OF_TRIALS if trial.user_attrs.get(key)}
    return brief


class ReadOnlyStudy(PermissionError):
    """An attempt to change a study through its view."""

    def __init__(self) -> None:
        super().__init__(
            "This view of the study is read-only; experiments change by pushes and DAG runs only"
        )


class StudyView(BaseStorage):
    """A storage in which there is one study and nothing can be changed.

    Args:
        storage: The storage that has it.
        study: Its number.
        name: Its name.
    """

    def __init__(self, storage: BaseStorage, study: int, name: str) -> None:
        self._storage, self._study, self._name = storage, study, name

    def get_study_id_from_name(self, study_name: str) -> int:
        """Number of the study; raises `KeyError` for any other."""
        if study_name != self._name:
            raise KeyError(study_name)
        return self._study

    def get_study_name_from_id(self, study_id: int) -> str:
        """Name of the study; raises `KeyError` for any other."""
        self._only(study_id)
        return self._name

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        """Directions of the study."""
        self._only(study_id)
        return [StudyDirection.MAXIMIZE]

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """Attributes that say something in few words."""
        self._only(study_id)
        stored = self._storage.get_study_user_attrs(study_id)
        return {key: stored[key] for key in _SHOWN if key in stored}

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        """Optuna's own attributes, and the name of what is maximized, for "Objective 0"."""
        self._only(study_id)
        return {**self._storage.get_study_system_attrs(study_id), "study:metric_names": ["accuracy"]}

    def get_all_studies(self) -> list[FrozenStudy]:
        """The study."""
        return [
            FrozenStudy(
                study_name=self._name,
                direction=None,
                directions=self.get_study_directions(self._study),
                user_attrs=self.get_study_user_attrs(self._study),
                system_attrs=self.get_study_system_attrs(self._study),
                study_id=self._study,
            )
        ]

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """Trials of the study."""
        self._only(study_id)
        return [_brief(trial) for trial in self._storage.get_all_trials(study_id, deepcopy, states)]

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """A trial of the study; raises `KeyError` for that of another."""
        for trial in self._storage.get_all_trials(self._study, deepcopy=False):
            if trial._trial_id == trial_id:
                return _brief(trial)
        raise KeyError(trial_id)

    def _only(self, study_id: int) -> None:
        if study_id != self._study:
            raise KeyError(study_id)

    # ---- what would change it

    def create_new_study(
        self, directions: Sequence[StudyDirection], study_name: str | None = None
    ) -> NoReturn:
        """Refuse."""
        raise ReadOnlyStudy

    def delete_study(self, study_id: int) -> NoReturn:
        """Refuse."""
        raise ReadOnlyStudy

    def set_study_user_attr(self, study_id: int, key: str, value: Any) -> NoReturn:
        """Refuse."""
        raise ReadOnlyStudy

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> NoReturn:
        """Refuse."""
        raise ReadOnlyStudy

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> NoReturn:
        """Refuse."""
        raise ReadOnlyStudy

    def set_trial_param(self, *_arguments: Any, **_more: Any) -> NoReturn:
        """Refuse."""
        raise ReadOnlyStudy

    def set_trial_state_values(self, *_arguments: Any, **_more: Any) -> NoReturn:
        """Refuse."""
        raise ReadOnlyStudy

    def set_trial_intermediate_value(self, *_arguments: Any, **_more: Any) -> NoReturn:
        """Refuse."""
        raise ReadOnlyStudy

    def set_trial_user_attr(self, *_arguments: Any, **_more: Any) -> NoReturn:
        """Refuse."""
        raise ReadOnlyStudy

    def set_trial_system_attr(self, *_arguments: Any, **_more: Any) -> NoReturn:
        """Refuse."""
        raise ReadOnlyStudy

"""Everything a step of an experiment needs of this installation, in one value."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from include.experiments.experiment import Experiment
from include.experiments.store import ExperimentStore
from include.repositories import Repository, Watched, load_repositories
from include.settings import Settings


@dataclass(frozen=True)
class Installation:
    """The settings with what they lead to.

    Args:
        settings: Places and names.
    """

    settings: Settings

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Installation":
        """The installation that the environment's `CNN_*` variables name."""
        return cls(Settings.from_environment(environment))

    @cached_property
    def store(self) -> ExperimentStore:
        """The experiments."""
        self.settings.var.mkdir(parents=True, exist_ok=True)
        return ExperimentStore(self.settings.storage_url)

    @cached_property
    def watched(self) -> Watched:
        """The watched repositories, as configured now."""
        return load_repositories(self.settings.repositories_file)

    def repository(self, experiment: Experiment) -> Repository:
        """The configuration of an experiment's repository.

        Raises:
            UnknownRepository: it is not watched any more.
        """
        return self.watched.named(experiment.identity.repository)

"""Trainings that are on record as launched, without their containers."""

from __future__ import annotations

from pathlib import Path

from include.containers import training_spec
from include.containers.files import write_spec
from include.experiments.engines import note_engine
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.source import Push
from include.tweaker.space import Proposal

PUSH = Push("admin/mnist", "main", "1" * 40, "Ada", "ada@example.com", "m", "2026-11-23T10:00:00Z", "")


def launch(installation: Installation, experiment: Experiment, trial: int) -> Path:
    """Put a launched training on record, without its container."""
    experiment.propose(trial, Proposal({}, "try"))
    note_engine(experiment, trial, None)
    folder = installation.settings.trial(str(experiment), trial)
    folder.mkdir(parents=True)
    write_spec(folder, training_spec(str(experiment), trial, experiment.run_id(trial), folder, stack="s"))
    return folder

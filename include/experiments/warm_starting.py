"""The weights that a trial may start from: the best trial's, copied beside it and never opened here."""

from __future__ import annotations

import logging
from pathlib import Path

from include.containers.errors import ResultRefusedError
from include.containers.files import read_json, read_spec, write_json
from include.containers.result import WEIGHTS_FILE, copy_weights
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import TrialRecord

log = logging.getLogger(__name__)

_FILE = "warm.json"


def give_weights(installation: Installation, experiment: Experiment, number: int, folder: Path) -> None:
    """Put the best trial's weights into the ``in/`` of a trial that was not launched yet; done once.

    The harness uses them where the trial's network is larger, and says so in its result.

    Args:
        installation: Where the experiment lives.
        experiment: The experiment.
        number: The trial, from 1.
        folder: Its folder, laid out.
    """
    target = folder / "in"
    if number == 1 or not experiment.goals.warm_start or given_from(folder) or read_spec(folder):
        return
    best = _best_before(experiment, number)
    if best is None:
        return
    source = installation.settings.trial(str(experiment), best.number)
    try:
        if not copy_weights(source / "out", target / WEIGHTS_FILE):
            return
    except ResultRefusedError as error:
        (target / WEIGHTS_FILE).unlink(missing_ok=True)
        log.warning("Trial %d starts from nothing: %s", number, error)
        return
    (target / WEIGHTS_FILE).chmod(0o644)  # the container's user reads it, whatever the umask here
    write_json(target / _FILE, {"trial": best.number})


def given_from(folder: Path) -> int | None:
    """Return the trial whose weights a trial was given, None where it was given none."""
    document = read_json(folder / "in" / _FILE)
    return None if document is None else int(document["trial"])


def _best_before(experiment: Experiment, number: int) -> TrialRecord | None:
    judged = [t for t in experiment.trials()[: number - 1] if t.state == "complete"]
    return max(judged, key=lambda t: (t.accuracy or 0.0, -t.number), default=None)

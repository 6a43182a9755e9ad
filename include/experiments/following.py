"""A trial's epochs while it trains: told to the store as they come; a hopeless one is asked to end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from include.containers.pruning import end_requested, request_end
from include.containers.result import METRICS_FILE, Epoch, read_metrics
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.pruning import why_prune

# Before its end; a container is up, with Keras imported, after 2-4 s, on a busy machine after twice that.
AHEAD_SECONDS = 10.0

_Version = tuple[int, int]


class EpochFollower:
    """Follows the metrics file of one trial; every method blocks on files and the database.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.
        trial: Number of the trial, from 1.
        trial_dir: The trial's folder.
    """

    def __init__(self, installation: Installation, experiment: str, trial: int, trial_dir: Path) -> None:
        self._installation, self._name, self._trial = installation, experiment, trial
        self._trial_dir = trial_dir
        self._seen: _Version | None = None
        self._reported = 0
        self._last: Epoch | None = None
        self._last_at = 0.0
        self._fits = 1

    def look(self) -> str | None:
        """Report the epochs that are new; ask the training to end if they are hopeless.

        Returns:
            Why it was asked to end, once; None otherwise.

        Raises:
            ResultRefusedError: The metrics file is not what the harness writes.
            UnknownExperiment: The store has no such experiment.
        """
        version = self._version()
        if version is None or version == self._seen:
            return None
        experiment, epochs = self._installation.store.get(self._name), read_metrics(self._trial_dir / "out")
        reason = self._tell(experiment, epochs)
        self._last, self._last_at = (epochs[-1] if epochs else None), version[0] / 1e9
        self._fits = max((trial.fits or 1 for trial in experiment.trials()), default=1)
        self._seen = version  # only now: what failed is tried again
        return reason

    def ends_soon(self, now: float) -> bool:
        """Say whether the training will probably end within `AHEAD_SECONDS`, as its epochs so far tell.

        Args:
            now: Seconds since the epoch.
        """
        if end_requested(self._trial_dir) is not None:
            return True
        last = self._last
        if last is None or last.planned is None or last.seconds is None:
            return False
        left = (last.planned - last.epoch) * last.seconds - (now - self._last_at)
        return (last.fit or 1) >= self._fits and left <= AHEAD_SECONDS

    def _tell(self, experiment: Experiment, epochs: Sequence[Epoch]) -> str | None:
        if len(epochs) < self._reported:
            self._reported = 0  # relaunched, and started over
        reason = why_prune(experiment, self._trial, epochs[self._reported :])
        self._reported = len(epochs)
        if reason is None or end_requested(self._trial_dir) is not None:
            return None
        request_end(self._trial_dir, reason)
        return reason

    def _version(self) -> _Version | None:
        try:
            status = (self._trial_dir / "out" / METRICS_FILE).lstat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_size

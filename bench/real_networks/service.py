"""Our strategies as the service runs them, with what it does in a training."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.real_networks.cost import MAX_EPOCHS, Cost, Method
from bench.real_networks.trainer import Network, Weights, train
from include.experiments.stalling import is_stalled
from include.tweaker import Observation, Value, propose


def ours(strategy: str) -> Method:
    """One of our strategies, as the service runs it with its defaults.

    Between trials: the next values. In them: a training that does not learn is ended early, and a network
    that is larger than the best one begins with its weights. The median pruner, which waits for four
    complete trials, is left out.
    """

    def run(network: Network, cost: Cost, seed: int) -> None:
        history: list[Observation] = []
        with TemporaryDirectory() as folder:
            trainings = _Trainings(network, cost, seed, Path(folder))
            while (proposal := propose(network.space, history, strategy=strategy, seed=seed)) is not None:
                history.append(Observation(dict(proposal.values), trainings.train(proposal.values)))

    return run


class _Trainings:
    """The trainings of one experiment, one after the other, with what the service does in them.

    Args:
        network: What is trained.
        cost: Counts their epochs.
        seed: Of each of them.
        folder: For weights, empty.
    """

    def __init__(self, network: Network, cost: Cost, seed: int, folder: Path) -> None:
        self._network, self._cost, self._seed = network, cost, seed
        self._best, self._weights = -1.0, Weights(folder / "best", folder / "latest")
        for path in (self._weights.given, self._weights.kept):
            path.mkdir()

    def train(self, values: Mapping[str, Value]) -> float | None:
        """Train, and return the best accuracy; None where no epoch ended."""
        self._cost.trainings += 1
        accuracies: list[float] = []
        training = train(self._network, values, self._seed, self._weights)
        with contextlib.closing(training):
            for epoch in training:
                self._cost.count(epoch)
                accuracies.append(epoch.accuracy)
                if len(accuracies) < MAX_EPOCHS and self._is_stalled(accuracies):
                    return max(accuracies)
        self._keep(max(accuracies, default=-1.0))
        return max(accuracies, default=None)

    def _is_stalled(self, accuracies: Sequence[float]) -> bool:
        is_behind = self._cost.trainings == 1 or max(accuracies) < self._best
        return is_behind and is_stalled(accuracies, MAX_EPOCHS, self._cost.target)

    def _keep(self, accuracy: float) -> None:
        """Let later trainings begin with the weights of this one if it is the best."""
        given, kept = self._weights.given, self._weights.kept
        if accuracy > self._best:
            self._best = accuracy
            shutil.rmtree(given)
            kept.rename(given)
        else:
            shutil.rmtree(kept)
        kept.mkdir()

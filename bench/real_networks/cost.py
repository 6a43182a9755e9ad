"""What a search has used so far, and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench.real_networks.trainer import Epoch, Network

MAX_EPOCHS = 5  # of one training: the `epochs` that every script has


class TargetReached(BaseException):
    """Ends a search at the first epoch whose accuracy is the target's.

    It is no Exception: KerasTuner would take that for a failed training and go on.
    """


@dataclass
class Cost:
    """What a search has used so far.

    Args:
        target: Validation accuracy that ends it, a fraction 0-1.
        budget: Epochs after which it is given up.
    """

    target: float
    budget: int
    epochs: int = 0
    trainings: int = 0
    best: float = 0.0

    def count(self, epoch: Epoch) -> None:
        """Count an epoch.

        Raises:
            TargetReached: it reaches the target, or it is the budget's last.
        """
        self.epochs += 1
        self.best = max(self.best, epoch.accuracy)
        if self.best >= self.target or self.epochs >= self.budget:
            raise TargetReached


Method = Callable[[Network, Cost, int], None]

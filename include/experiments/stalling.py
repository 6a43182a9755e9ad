"""Tells a training that does not learn at all, before there are others that it could be compared with.

An accuracy rises fast at first and ever more slowly later, so that what is left of the epochs brings less
than those before them. A training that has hardly left its first epoch's accuracy when half of them are over,
and is far from the target, won't come near it: its learning rate is far off, or its units are dead. Nothing
is said of one that has come half of the way, however slow it is.
"""

from __future__ import annotations

from collections.abc import Sequence

LEAST_EPOCHS = 3
_FAR = 0.5  # of the target
_HARDLY = 0.1  # of what is missing, for what the rest of the epochs would bring at the pace so far


def is_stalled(accuracies: Sequence[float], planned: int, target: float) -> bool:
    """Return whether a training does not learn, as seen when half of its epochs are over, and later.

    Args:
        accuracies: After each epoch so far, fractions 0-1.
        planned: Epochs in all.
        target: Accuracy to reach, a fraction 0-1.
    """
    done = len(accuracies)
    if done < LEAST_EPOCHS or 2 * done < planned:
        return False
    first, best = accuracies[0], max(accuracies)
    to_come = (best - first) / (done - 1) * (planned - done)
    return best < _FAR * target and to_come < _HARDLY * (target - best)

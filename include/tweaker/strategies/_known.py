"""What a study knows: which configurations were tried, how they ended, and which are still in training."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from include.tweaker.space import Observation, SearchSpace, Value

Key = tuple[tuple[str, Value], ...]
FAILED = -1.0  # the accuracy that a failed training counts as


@dataclass(frozen=True)
class Known:
    """The history of one search, each configuration once.

    Args:
        finished: Accuracy of each finished configuration, in the order of its first trial; None where it
            failed to train.
        running: Configurations that are in training now.
    """

    finished: dict[Key, float | None] = field(default_factory=dict)
    running: tuple[Key, ...] = ()

    def __contains__(self, key: Key) -> bool:
        return key in self.finished or key in self.running

    def __len__(self) -> int:
        return len(self.finished) + len(self.running)

    def judged(self, key: Key) -> float:
        """Return the accuracy of a finished configuration, below every other one where it failed to train."""
        accuracy = self.finished[key]
        return FAILED if accuracy is None else accuracy

    def limited(self, most: int) -> Known:
        """Return this with at most so many finished: of very many the best half of that and the latest."""
        keys = list(self.finished)
        if len(keys) <= most:
            return self
        best = sorted(keys, key=lambda key: -self.judged(key))[: most // 2]
        kept = list(dict.fromkeys([*best, *reversed(keys)]))[:most]
        return Known({key: self.finished[key] for key in kept}, self.running)

    @property
    def best(self) -> tuple[Key, float] | None:
        """The configuration of the highest accuracy, the earlier one of two equals, or None."""
        judged = [(key, accuracy) for key, accuracy in self.finished.items() if accuracy is not None]
        return max(judged, key=lambda pair: pair[1], default=None)


def key_of(space: SearchSpace, values: Mapping[str, Value]) -> Key:
    """Return what makes two trials the same: the values that count."""
    settled = {**space.defaults(), **values}
    return tuple((parameter.name, settled[parameter.name]) for parameter in space.active(settled))


def known(
    space: SearchSpace, history: Sequence[Observation], running: Iterable[Mapping[str, Value]] = ()
) -> Known:
    """Return a history by configuration: the best accuracy where one was trained more than once."""
    finished: dict[Key, float | None] = {}
    for observation in history:
        key = key_of(space, observation.values)
        accuracy = valid(observation.accuracy)
        before = finished.get(key)
        finished[key] = before if accuracy is None or (before or -1.0) >= accuracy else accuracy
    pending = dict.fromkeys(key_of(space, values) for values in running)
    return Known(finished, tuple(key for key in pending if key not in finished))


def valid(accuracy: float | None) -> float | None:
    """Return an accuracy that is a fraction 0–1, None for anything else: a failed training."""
    return accuracy if accuracy is not None and 0.0 <= accuracy <= 1.0 else None

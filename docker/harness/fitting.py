"""One call of `fit`, seen from inside: epochs recorded, state kept, prune requests heard."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.checkpoint import FitState
from harness.recording import Recording


@dataclass
class Fit:
    """A call of `fit` while it runs.

    Args:
        number: Which call of the script, from 1.
        model: The model.
        epochs: The epoch at which it is to end, in Keras' own count.
        callbacks: The script's own callbacks.
        logs: Its history, also of earlier launches.
        seen: The epochs that the history is of.
        step: Batches done in the present epoch.
        epoch: The present epoch.
        resume: The state to go on from.
        first: The epoch at which the script begins it, in Keras' own count.
        skip: Batches to pass over, because an earlier launch trained them.
        unwrap: Keras' own training step while it is replaced.
    """

    number: int
    model: Any
    epochs: int
    callbacks: list[Any]
    logs: dict[str, list[Any]] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)
    step: int = 0
    epoch: int = 0
    resume: FitState | None = None
    began: float = 0.0
    first: int = 0
    skip: int = 0
    unwrap: Any = None

    def epoch_begins(self, epoch: int) -> None:
        """Note that an epoch begins."""
        self.epoch, self.step, self.began = epoch, 0, time.monotonic()

    def epoch_ended(self, logs: Mapping[str, Any]) -> None:
        """Add an epoch to the history."""
        self.seen.append(self.epoch)
        for name, value in logs.items():
            # A number of numpy's, such as a callback's learning rate, can't be kept as JSON.
            self.logs.setdefault(name, []).append(value.item() if hasattr(value, "item") else value)

    def fill(self, history: Any) -> None:
        """Give a Keras history the epochs that earlier launches trained."""
        if history is None or self.resume is None or len(getattr(history, "epoch", ())) >= len(self.seen):
            return
        history.epoch = list(self.seen)
        history.history.clear()
        history.history.update({name: list(values) for name, values in self.logs.items()})


class Observer:
    """What is to be told of a fit; this one does nothing, and is the base of those that do."""

    def begins(self, fit: Fit) -> None:
        """The model is built and the callbacks were told; the first epoch comes next."""

    def epoch_begins(self, fit: Fit) -> None:
        """An epoch begins."""

    def epoch_ended(self, fit: Fit) -> None:
        """An epoch has ended and is recorded."""


def callback(base: type, fit: Fit, recording: Recording, observers: tuple[Observer, ...]) -> Any:
    """Return a Keras callback that follows a fit.

    Args:
        base: Keras' own class of callbacks.
        fit: The fit.
        recording: Gets its epochs.
        observers: Are told after it is recorded, in this order.
    """

    class Epochs(base):  # type: ignore[misc]
        """Follows one fit. It has no batch methods, which would slow the training."""

        def on_train_begin(self, logs: object = None) -> None:
            _tell(Observer.begins)

        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            fit.epoch_begins(epoch)
            _tell(Observer.epoch_begins)

        def on_epoch_end(self, epoch: int, logs: Mapping[str, object] | None = None) -> None:
            fit.epoch_ended(logs or {})
            recording.epoch_ended(logs or {}, time.monotonic() - fit.began, fit.epochs - epoch - 1)
            _tell(Observer.epoch_ended)

    def _tell(what: Callable[[Observer, Fit], None]) -> None:
        for observer in observers:
            getattr(observer, what.__name__)(fit)

    return Epochs()

"""What was seen of Keras while the script ran; epochs are written down as they happen."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.accuracy import accuracy_metric


@dataclass(frozen=True)
class SavedModel:
    """A file that the script saved a model to."""

    path: Path
    weights_only: bool


@dataclass
class Recording:
    """Everything seen of Keras in one training.

    Args:
        metrics_file: Gets one JSON line per epoch, at its end.
        history: Those lines.
        evaluations: Accuracies that `evaluate` measured.
        saved: Files that the script saved a model to.
        model: The model that was fitted last.
        fits: Calls of `fit` so far.
        pruned_after: The epoch after which the training was asked to end.
        warm_started: Whether it began with weights that it was given.
        resumed: Whether it went on from a checkpoint.
        loads_weights: Whether the script has loaded weights itself.
        several_models: Whether it fitted more than one model.
        notes: Sentences for the result document.
    """

    metrics_file: Path
    history: list[dict[str, Any]] = field(default_factory=list)
    evaluations: list[float] = field(default_factory=list)
    saved: list[SavedModel] = field(default_factory=list)
    model: Any = None
    fits: int = 0
    pruned_after: int | None = None
    warm_started: bool = False
    resumed: bool = False
    loads_weights: bool = False
    several_models: bool = False
    notes: list[str] = field(default_factory=list)

    def restore(self, history: Sequence[dict[str, Any]]) -> None:
        """Begin with epochs of an earlier launch; the file holds those and no others from now on."""
        self.history = list(history)
        temporary = self.metrics_file.with_name(f".{self.metrics_file.name}")
        temporary.write_text("".join(json.dumps(epoch) + "\n" for epoch in self.history), encoding="utf-8")
        temporary.replace(self.metrics_file)

    def fit_begins(self, model: object) -> int:
        """Note that a `fit` begins; its model is the one saved at the end if the script saves none.

        Returns:
            Which call it is, from 1.
        """
        self.several_models |= self.model is not None and self.model is not model
        self.model = model
        self.fits += 1
        return self.fits

    def epoch_ended(self, logs: Mapping[str, object], seconds: float, left: int = 0) -> None:
        """Write down an epoch. Epochs count through all `fit` calls of the script.

        Args:
            logs: What Keras measured.
            seconds: How long it took.
            left: Epochs that this `fit` still has before it.
        """
        number = len(self.history) + 1
        epoch: dict[str, float | int | None] = {
            "epoch": number,
            "fit": self.fits,
            "planned": number + max(0, left),
            "warm": self.warm_started,
            "accuracy": accuracy_metric(logs),
            "val_accuracy": accuracy_metric(logs, "val_"),
            "loss": _finite(logs.get("loss")),
            "val_loss": _finite(logs.get("val_loss")),
            "seconds": round(seconds, 3),
            "at": round(time.time(), 3),
        }
        self.history.append(epoch)
        with self.metrics_file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(epoch) + "\n")

    def evaluated(self, logs: Mapping[str, object]) -> None:
        """Note the accuracy that an `evaluate` of the script measured, if it did."""
        accuracy = accuracy_metric(logs)
        if accuracy is not None:
            self.evaluations.append(accuracy)

    def model_saved(self, path: object, weights_only: bool) -> None:
        """Note a file the script saved a model to, by its absolute path: the script may change folder."""
        if isinstance(path, (str, Path)):
            self.saved.append(SavedModel(Path(path).absolute(), weights_only))


def _finite(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None

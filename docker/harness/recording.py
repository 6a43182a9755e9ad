"""What was seen of Keras while the script ran; epochs are written down as they happen."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
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
    """

    metrics_file: Path
    history: list[dict[str, float | int | None]] = field(default_factory=list)
    evaluations: list[float] = field(default_factory=list)
    saved: list[SavedModel] = field(default_factory=list)
    model: Any = None
    fits: int = 0

    def fit_begins(self, model: object) -> None:
        """Note that a `fit` begins; its model is the one saved at the end if the script saves none."""
        self.model = model
        self.fits += 1

    def epoch_ended(self, logs: Mapping[str, object], seconds: float) -> None:
        """Write down an epoch. Epochs count through all `fit` calls of the script."""
        epoch: dict[str, float | int | None] = {
            "epoch": len(self.history) + 1,
            "fit": self.fits,
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

"""Ends a training between epochs when the host asks for it."""

from __future__ import annotations

from pathlib import Path

from harness.fitting import Fit, Observer
from harness.recording import Recording


class EndsWhenAsked(Observer):
    """Looks for the request after every epoch.

    Keras then ends its loop as for early stopping, and the script goes on to its end.

    Args:
        request: The file that asks; the host writes it into a folder that is read-only here.
        recording: Is told that the training was ended.
    """

    def __init__(self, request: Path, recording: Recording) -> None:
        self._request, self._recording = request, recording

    def epoch_ended(self, fit: Fit) -> None:
        """End the fit, unless its last epoch was done anyway."""
        if fit.epoch + 1 >= fit.epochs or not self._request.exists():
            return
        fit.model.stop_training = True
        if self._recording.pruned_after is None:
            self._recording.pruned_after = len(self._recording.history)

"""Goes on in mid-training after a relaunch, from the checkpoint that the launch before left.

The script runs from its first line again. Calls of `fit` that had returned are not repeated: their model,
callbacks, random numbers, files and history are put back. The one that was cut off goes on at its epoch.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

from harness.checkpoint import FitState, Folder, Kept, State, TooLarge, Unreadable
from harness.fitting import Fit, Observer
from harness.keras_state import (
    Mismatch,
    build,
    put_random_states,
    put_values,
    random_states,
    remembered,
    remind,
    values,
)
from harness.recording import Recording

MINUTES = 5.0
MOST_SHARE, FREE_SECONDS = 0.1, 1.0  # of the time, and how much more, that checkpoints may take


class Checkpoints(Observer):
    """Keeps the state of every fit on disk, and puts it back after a relaunch.

    Args:
        folder: Where it is kept.
        kept: The files that the script writes while it fits.
        recording: What was seen of Keras.
        state: The state of an earlier launch.
        say: Prints a line.
        minutes: After how many a long epoch is saved in its middle.
    """

    def __init__(
        self,
        folder: Folder,
        kept: Kept,
        recording: Recording,
        state: State | None,
        say: Callable[[str], None],
        minutes: float = MINUTES,
    ) -> None:
        self._folder, self._kept, self._recording, self._say = folder, kept, recording, say
        self._earlier, self._state = state, state or State()
        self._seconds = 60 * minutes
        self._began = self._saved_at = time.monotonic()
        self._took = 0.0
        self._iterator: Any = None
        self._on = True
        self._writes = 0

    def expects(self, number: int) -> FitState | None:
        """Return what an earlier launch left of a call of `fit`, None when there is nothing."""
        return self._earlier.fit(number) if self._earlier else None

    def data_is(self, iterator: Any) -> None:
        """Take note of the data of the fit that begins."""
        self._iterator = iterator

    @property
    def data(self) -> Any:
        """The data of the present fit, None where Keras does not show it."""
        return self._iterator

    def prepare(self, fit: Fit) -> None:
        """Put files back before a fit is gone on with, so that its callbacks find them."""
        self._kept.begin()
        if fit.resume is not None:
            self._kept.put_back(fit.resume.files)
            fit.logs = {name: list(logged) for name, logged in fit.resume.logs.items()}
            fit.seen = list(fit.resume.epochs)
            for found in fit.callbacks:
                if type(found).__name__ == "CSVLogger":
                    found.append = True  # else it would empty the file that was just put back

    def begins(self, fit: Fit) -> None:
        """Put the state back, if there is one, and be ready to save in the middle of an epoch."""
        self._saved_at = time.monotonic()
        if fit.resume is not None:
            self._put_back(fit, fit.resume)
        _step_by_step(fit, self._middle)

    def epoch_begins(self, fit: Fit) -> None:
        """Fill the history that Keras shows, and skip the batches that were done."""
        saved = fit.resume
        if saved is None or fit.epoch != saved.next_epoch:
            return
        fit.fill(getattr(fit.model, "history", None))
        if saved.step and self._iterator is not None:
            put_values(fit.model, self._folder.read_arrays(saved.arrays))  # Keras has just reset its metrics
            fit.skip = saved.step

    def epoch_ended(self, fit: Fit) -> None:
        """Save, unless that takes too much of the time or the fit returns at once anyway."""
        cheap = self._took <= FREE_SECONDS + MOST_SHARE * (time.monotonic() - self._began)
        last = fit.epoch + 1 >= fit.epochs or fit.model.stop_training
        if cheap and not last:
            self._save(fit, FitState(fit.number, next_epoch=fit.epoch + 1))

    def returned(self, fit: Fit) -> None:
        """Save what a fit has come to."""
        self._save(fit, FitState(fit.number, done=True, next_epoch=fit.epochs))

    def skipped(self, fit: Fit, saved: FitState) -> None:
        """Put back what a fit that is not repeated had come to."""
        remind(fit.callbacks, saved.callbacks, self._folder.read_arrays(saved.arrays))
        put_random_states(saved.random)
        self._state.fits = [*(f for f in self._state.fits if f.number != saved.number), saved]

    def give_up(self, reason: str) -> None:
        """Make no checkpoint any more: a relaunch would start over, and say why."""
        if self._on:
            self._on = False
            self._folder.never(reason)

    def forget(self, number: int, why: str) -> None:
        """Train from a call of `fit` on as if there had been no earlier launch."""
        self._say(f"can't go on with fit {number}: {why}; it starts over from there")
        self._earlier = None
        self._state.fits = [fit for fit in self._state.fits if fit.number < number]
        self._recording.restore([e for e in self._recording.history if e["fit"] < number])

    def _middle(self, fit: Fit) -> None:
        if time.monotonic() - self._saved_at > self._seconds:
            self._save(fit, FitState(fit.number, next_epoch=fit.epoch, step=fit.step))

    def _put_back(self, fit: Fit, saved: FitState) -> None:
        arrays = self._folder.read_arrays(saved.arrays)
        build(fit.model, self._iterator)
        put_values(fit.model, arrays)
        if not saved.done:
            self._pass_over_data(saved.next_epoch - fit.first)
        remind(fit.callbacks, saved.callbacks, arrays)
        put_random_states(saved.random)

    def _pass_over_data(self, epochs: int) -> None:
        """Draw the batches of the epochs that were trained, so that the next ones are what they would be."""
        if self._iterator is None:
            self._recording.notes.append(
                "Resumed; the order of its data may differ from an unbroken training."
            )
            return
        iterator = self._iterator
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _ in range(epochs):
                with iterator.catch_stop_iteration():
                    for _, _, batches in iterator:
                        for _ in range(iterator.steps_per_execution):
                            next(batches)

    def _save(self, fit: Fit, saved: FitState) -> None:
        if not self._on:
            return
        began = time.monotonic()
        try:
            self._write(fit, saved)
        except TooLarge as error:
            self.give_up(str(error))
        except OSError as error:
            self.give_up(f"its checkpoint could not be written ({error.strerror})")
        self._saved_at = time.monotonic()
        self._took += self._saved_at - began

    def _write(self, fit: Fit, saved: FitState) -> None:
        self._writes += 1
        saved.stopped = bool(fit.model.stop_training)
        saved.logs, saved.epochs = fit.logs, fit.seen
        saved.callbacks, arrays = remembered(fit.callbacks)
        saved.random = random_states()
        name = f"fit-{fit.number}-{time.time_ns()}-{self._writes}.npz"
        saved.arrays = self._folder.write_arrays(name, {**values(fit.model), **arrays})
        known = {path: stored for known in self._state.fits for path, stored in known.files.items()}
        saved.files = self._kept.keep(known)
        self._state.fits = [*(f for f in self._state.fits if f.number != fit.number), saved]
        self._state.history = self._recording.history
        self._state.pruned_after = self._recording.pruned_after
        self._state.warm_started = self._recording.warm_started
        self._folder.write(self._state)


def _step_by_step(fit: Fit, after: Callable[[Fit], None]) -> None:
    """Count a fit's batches, pass over those that were done, and tell after each.

    Keras' batch callbacks would do, but run in another thread, or make every step wait for its metrics.
    """
    train = fit.model.train_function
    if getattr(fit.model, "steps_per_execution", None) != 1:
        return  # batches come in bundles: only whole epochs are saved

    def step(iterator: Any) -> Any:
        if fit.skip:
            next(iterator)
            fit.skip -= 1
            fit.step += 1
            if not fit.skip and fit.resume is not None:
                put_random_states(fit.resume.random)  # drawing the batches may have moved them
            return fit.model.get_metrics_result()
        logs = train(iterator)
        fit.step += 1
        after(fit)
        return logs

    fit.model.train_function = step
    fit.unwrap = train


def run_fit(
    original: Callable[..., Any], arguments: dict[str, Any], fit: Fit, follower: Any, checkpoints: Checkpoints
) -> Any:
    """Call `fit`: from its beginning, from where it was, or not at all.

    Args:
        original: Keras' own, of the class.
        arguments: Its arguments by name but for the model, with `follower` among its callbacks.
        fit: What is known of it.
        follower: The callback that follows it.
        checkpoints: Where its state is.

    Returns:
        Keras' history of all its epochs.
    """
    saved = fit.resume = checkpoints.expects(fit.number)
    try:
        return _run(original, dict(arguments), fit, follower, checkpoints)
    except (Mismatch, Unreadable) as error:
        if saved is None:
            raise
        checkpoints.forget(fit.number, str(error))
        fit.resume, fit.logs, fit.seen = None, {}, []
        return _run(original, dict(arguments), fit, follower, checkpoints)
    finally:
        if fit.unwrap is not None:
            fit.model.train_function = fit.unwrap


def _run(
    original: Callable[..., Any], arguments: dict[str, Any], fit: Fit, follower: Any, checkpoints: Checkpoints
) -> Any:
    checkpoints.prepare(fit)
    saved = fit.resume
    if saved is not None and saved.done:
        arguments.update(initial_epoch=0, epochs=0, verbose=0, callbacks=[follower])
        return _skip(original, arguments, fit, saved, checkpoints)
    if saved is not None:
        arguments["initial_epoch"] = saved.next_epoch
        if saved.stopped:
            arguments["epochs"] = saved.next_epoch
    history = original(fit.model, **arguments)
    fit.fill(history)
    checkpoints.returned(fit)
    return history


def _skip(
    original: Callable[..., Any],
    arguments: dict[str, Any],
    fit: Fit,
    saved: FitState,
    checkpoints: Checkpoints,
) -> Any:
    """Build the model as `fit` would, without an epoch, and without telling the script's callbacks."""
    history = original(fit.model, **arguments)
    fit.fill(history)
    for callback in fit.callbacks:
        callback.set_model(fit.model)
    checkpoints.skipped(fit, saved)
    return history

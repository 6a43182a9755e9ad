"""Keras watched: its `fit`, `evaluate` and save functions do what they did, and tell the recording."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from harness.recording import Recording


def watch(keras: ModuleType, recording: Recording) -> None:
    """Watch every model of a Keras module; ``tf.keras`` has the same classes.

    Args:
        keras: The imported Keras.
        recording: Gets what is seen.
    """
    epochs, evaluation = _callbacks(keras.callbacks.Callback, recording)
    model = keras.Model
    model.fit = _watched_fit(model.fit, keras.callbacks.CallbackList, epochs, recording)
    model.evaluate = _watched_evaluate(model.evaluate, keras.callbacks.CallbackList, evaluation)
    model.save_weights = _watched_save(model.save_weights, recording, weights_only=True)
    model.save = _watched_save(model.save, recording, weights_only=False)
    save_model = _watched_save(keras.saving.save_model, recording, weights_only=False)
    keras.saving.save_model = keras.models.save_model = save_model


def _callbacks(base: type, recording: Recording) -> tuple[type, type]:
    class Epochs(base):  # type: ignore[misc]
        """Records each epoch. It has no batch methods, which would slow the training."""

        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            self.began = time.monotonic()

        def on_epoch_end(self, epoch: int, logs: Mapping[str, object] | None = None) -> None:
            recording.epoch_ended(logs or {}, time.monotonic() - self.began)

    class Evaluation(base):  # type: ignore[misc]
        """Records what an evaluation measured."""

        def on_test_end(self, logs: Mapping[str, object] | None = None) -> None:
            recording.evaluated(logs or {})

    return Epochs, Evaluation


def _with_callback(
    original: Callable[..., Any], listing: type, make: type, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> inspect.BoundArguments:
    """Bind a call's arguments with one callback more, leaving the caller's own list as it is."""
    bound = inspect.signature(original).bind(*args, **kwargs)
    given = bound.arguments.get("callbacks")
    if isinstance(given, listing):
        given.callbacks.append(make())  # type: ignore[attr-defined]
    elif isinstance(given, (list, tuple)):
        bound.arguments["callbacks"] = [*given, make()]
    else:
        bound.arguments["callbacks"] = [make()] if given is None else [given, make()]
    return bound


def _watched_fit(
    original: Callable[..., Any], listing: type, make: type, recording: Recording
) -> Callable[..., Any]:
    @functools.wraps(original)
    def fit(*args: Any, **kwargs: Any) -> Any:
        bound = _with_callback(original, listing, make, args, kwargs)
        recording.fit_begins(args[0])
        return original(*bound.args, **bound.kwargs)

    return fit


def _watched_evaluate(original: Callable[..., Any], listing: type, make: type) -> Callable[..., Any]:
    @functools.wraps(original)
    def evaluate(*args: Any, **kwargs: Any) -> Any:
        if "_use_cached_eval_dataset" in kwargs:  # the validation inside `fit`, which its epoch records
            return original(*args, **kwargs)
        bound = _with_callback(original, listing, make, args, kwargs)
        return original(*bound.args, **bound.kwargs)

    return evaluate


def _watched_save(
    original: Callable[..., Any], recording: Recording, *, weights_only: bool
) -> Callable[..., Any]:
    @functools.wraps(original)
    def save(*args: Any, **kwargs: Any) -> Any:
        done = original(*args, **kwargs)
        recording.model_saved(args[1] if len(args) > 1 else kwargs.get("filepath"), weights_only)
        return done

    return save

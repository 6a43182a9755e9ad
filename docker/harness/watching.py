"""Keras watched: its `fit`, `evaluate` and save functions do what they did, and tell the recording."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from harness.fitting import Fit, Observer, callback
from harness.recording import Recording
from harness.resuming import Checkpoints, run_fit

_CUSTOM_LOOP = "it trains batch by batch with train_on_batch, where nobody knows what comes next"


def watch(
    keras: ModuleType, recording: Recording, checkpoints: Checkpoints, observers: tuple[Observer, ...]
) -> None:
    """Watch every model of a Keras module; ``tf.keras`` has the same classes.

    Args:
        keras: The imported Keras.
        recording: Gets what is seen.
        checkpoints: Keeps the state of every fit.
        observers: Are told of every fit and epoch, in this order.
    """
    listing, base, model = keras.callbacks.CallbackList, keras.callbacks.Callback, keras.Model
    follow = functools.partial(callback, base, recording=recording, observers=observers)
    model.fit = _watched_fit(model.fit, listing, follow, recording, checkpoints)
    model.evaluate = _watched_evaluate(model.evaluate, listing, _evaluation(base, recording))
    model.train_on_batch = _watched_batches(model.train_on_batch, checkpoints)
    if hasattr(model, "_maybe_symbolic_build"):  # the only place where a fit shows its data to its model
        model._maybe_symbolic_build = _watched_data(model._maybe_symbolic_build, checkpoints)
    for owner, name in ((model, "load_weights"), (keras.layers.Layer, "set_weights")):
        setattr(owner, name, _watched_load(getattr(owner, name), recording))
    keras.saving.load_model = keras.models.load_model = _watched_load(keras.saving.load_model, recording)
    model.save_weights = _watched_save(model.save_weights, recording, weights_only=True)
    model.save = _watched_save(model.save, recording, weights_only=False)
    save_model = _watched_save(keras.saving.save_model, recording, weights_only=False)
    keras.saving.save_model = keras.models.save_model = save_model


def _evaluation(base: type, recording: Recording) -> type:
    class Evaluation(base):  # type: ignore[misc]
        """Records what an evaluation measured."""

        def on_test_end(self, logs: Mapping[str, object] | None = None) -> None:
            recording.evaluated(logs or {})

    return Evaluation


def _with_callback(given: Any, listing: type, added: Any) -> Any:
    """Return callbacks with one more as the last, leaving the caller's own list as it is."""
    if isinstance(given, listing):
        given.callbacks.append(added)  # type: ignore[attr-defined]
        return given
    if isinstance(given, (list, tuple)):
        return [*given, added]
    return [added] if given is None else [given, added]


def _own(given: Any, listing: type) -> list[Any]:
    """Return the script's callbacks, one after the other."""
    if isinstance(given, listing):
        return list(given.callbacks)  # type: ignore[attr-defined]
    if isinstance(given, (list, tuple)):
        return [found for item in given for found in _own(item, listing)]
    return [] if given is None else [given]


def _watched_fit(
    original: Callable[..., Any],
    listing: type,
    follow: Callable[[Fit], Any],
    recording: Recording,
    checkpoints: Checkpoints,
) -> Callable[..., Any]:
    signature = inspect.signature(original)

    @functools.wraps(original)
    def fit(*args: Any, **kwargs: Any) -> Any:
        arguments = dict(signature.bind(*args, **kwargs).arguments)
        model, given = arguments.pop("self"), arguments.get("callbacks")
        began = Fit(
            recording.fit_begins(model),
            model,
            epochs=int(arguments.get("epochs", 1)),  # it may be a number of numpy's, read from a table
            callbacks=_own(given, listing),
            first=int(arguments.get("initial_epoch", 0)),
        )
        added = follow(began)
        arguments["callbacks"] = _with_callback(given, listing, added)
        try:
            return run_fit(original, arguments, began, added, checkpoints)
        finally:
            if isinstance(given, listing):
                given.callbacks.remove(added)  # type: ignore[attr-defined]

    return fit


def _watched_evaluate(original: Callable[..., Any], listing: type, make: type) -> Callable[..., Any]:
    signature = inspect.signature(original)

    @functools.wraps(original)
    def evaluate(*args: Any, **kwargs: Any) -> Any:
        if "_use_cached_eval_dataset" in kwargs:  # the validation inside `fit`, which its epoch records
            return original(*args, **kwargs)
        bound = signature.bind(*args, **kwargs)
        bound.arguments["callbacks"] = _with_callback(bound.arguments.get("callbacks"), listing, make())
        return original(*bound.args, **bound.kwargs)

    return evaluate


def _watched_batches(original: Callable[..., Any], checkpoints: Checkpoints) -> Callable[..., Any]:
    @functools.wraps(original)
    def train_on_batch(*args: Any, **kwargs: Any) -> Any:
        checkpoints.give_up(_CUSTOM_LOOP)
        return original(*args, **kwargs)

    return train_on_batch


def _watched_data(original: Callable[..., Any], checkpoints: Checkpoints) -> Callable[..., Any]:
    @functools.wraps(original)
    def build(model: Any, iterator: Any = None, **kwargs: Any) -> Any:
        checkpoints.data_is(iterator)
        return original(model, iterator=iterator, **kwargs)

    return build


def _watched_load(original: Callable[..., Any], recording: Recording) -> Callable[..., Any]:
    @functools.wraps(original)
    def load(*args: Any, **kwargs: Any) -> Any:
        recording.loads_weights = True
        return original(*args, **kwargs)

    return load


def _watched_save(
    original: Callable[..., Any], recording: Recording, *, weights_only: bool
) -> Callable[..., Any]:
    @functools.wraps(original)
    def save(*args: Any, **kwargs: Any) -> Any:
        done = original(*args, **kwargs)
        recording.model_saved(args[1] if len(args) > 1 else kwargs.get("filepath"), weights_only)
        return done

    return save

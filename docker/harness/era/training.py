"""Methods of models: old arguments of `fit` and its kin, generators, `predict_classes`."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

from harness.era import arguments as given
from harness.era.batches import Repeated, count_batches, repeat, repeating
from harness.era.callbacks import show_validation, tell_parameters
from harness.era.spelling import numbers, spelled

_RENAMED = {
    "nb_epoch": "epochs",
    "max_q_size": "max_queue_size",
    "nb_worker": "workers",
    "pickle_safe": "use_multiprocessing",
}
# Keras 1 counted samples where Keras 2 counts batches.
_OF_SAMPLES = {
    "samples_per_epoch": "steps_per_epoch",
    "nb_val_samples": "validation_steps",
    "val_samples": "steps",
}
_GONE = ("show_accuracy", "class_mode", "theano_mode")
_COUNTS = ("steps_per_epoch", "validation_steps", "steps")
_ON_BATCH = ("train_on_batch", "test_on_batch", "predict_on_batch")
_FUNCTIONS = ("_make_train_function", "_make_test_function", "_make_predict_function")
_METHODS = (
    "compile",
    "fit",
    "evaluate",
    "predict",
    "fit_generator",
    "evaluate_generator",
    "predict_generator",
)


def install(keras: ModuleType, model: Any, *, spells_acc: bool) -> None:
    """Teach models what they knew.

    Args:
        keras: The legacy package.
        model: The class of its models; already watched, so that it is told what is asked for today's way.
        spells_acc: Whether the script expects the accuracy to be called `acc`.
    """
    repeated = repeating(keras.utils.Sequence)
    for name in _METHODS:
        setattr(model, name, _taught(getattr(model, name), repeated, spells_acc, slims=model is keras.Model))
    for name in _ON_BATCH:
        setattr(model, name, _of_batches(getattr(model, name)))
    for name in _FUNCTIONS:
        if not hasattr(model, name):
            setattr(model, name, lambda self: None)  # it is made when it is needed
    keras.Model.predict_proba = _predict_proba
    keras.Model.predict_classes = predict_classes
    keras.Model.metrics_names = _metrics_names(keras.Model.metrics_names)


def tell_evaluations(model: Any) -> None:
    """Have an evaluation tell its last callback what it measured, which graphs keep to themselves.

    Args:
        model: The class of models of TensorFlow 1's graph; not yet watched.
    """
    original = model.evaluate
    signature = inspect.signature(original)

    @functools.wraps(original)
    def evaluate(self: Any, *args: Any, **kwargs: Any) -> Any:
        callbacks = signature.bind(self, *args, **kwargs).arguments.get("callbacks")
        measured = original(self, *args, **kwargs)
        if isinstance(callbacks, list) and isinstance(measured, list):
            found = zip(self.metrics_names, map(float, measured), strict=False)
            callbacks[-1].on_test_end(dict(found))
        return measured

    model.evaluate = evaluate


def _taught(
    original: Callable[..., Any], repeated: Repeated, spells_acc: bool, *, slims: bool
) -> Callable[..., Any]:
    signature, measures = inspect.signature(original), original.__name__.startswith("evaluate")

    @functools.wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        named = {_RENAMED.get(name, name): value for name, value in kwargs.items() if name not in _GONE}
        if "generator" not in signature.parameters and "generator" in named:
            named["x"] = named.pop("generator")
        for name in _COUNTS:
            if isinstance(named.get(name), float):
                named[name] = math.ceil(named[name])
        samples = {new: named.pop(old) for old, new in _OF_SAMPLES.items() if old in named}
        arguments = signature.bind_partial(*args, **named).arguments
        given.clean(arguments)
        count_batches(arguments, samples)
        repeat(arguments, repeated)
        for name in ("loss", "metrics"):
            if name in arguments:
                arguments[name] = _casting(arguments[name])
        if arguments.get("callbacks"):
            show_validation(arguments)
            tell_parameters(arguments)
        if spells_acc and "metrics" in arguments:
            arguments["metrics"] = spelled(arguments["metrics"])
        if slims:
            given.slim(arguments)
        more = arguments.pop("kwargs", {})
        return numbers(original(**arguments, **more)) if measures else original(**arguments, **more)

    return method


def _of_batches(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs = {name: given.batch(value) if name in ("x", "y") else value for name, value in kwargs.items()}
        return numbers(original(self, *map(given.batch, args[:2]), *args[2:], **kwargs))

    return run


def _casting(given: Any) -> Any:
    """Have a loss or metric of the script get its targets in the type of the predictions, as they were."""
    if isinstance(given, (list, tuple)):
        return [_casting(one) for one in given]
    if isinstance(given, dict):
        return {name: _casting(one) for name, one in given.items()}
    if not inspect.isfunction(given) or given.__module__.startswith("tf_keras."):
        return given

    @functools.wraps(given)
    def measure(y_true: Any, y_pred: Any) -> Any:
        import tensorflow

        return given(tensorflow.cast(y_true, y_pred.dtype), y_pred)

    return measure


def _predict_proba(self: Any, x: Any, batch_size: int = 32, verbose: int = 0, **kwargs: Any) -> Any:
    """Return what `predict` returns: the last layer's probabilities."""
    return self.predict(x, batch_size=batch_size, verbose=verbose, **kwargs)


def predict_classes(self: Any, x: Any, batch_size: int = 32, verbose: int = 0, **kwargs: Any) -> Any:
    """Return the class of each sample: integers, shape ``(n,)``, or ``(n, 1)`` of a single sigmoid."""
    found = self.predict(x, batch_size=batch_size, verbose=verbose, **kwargs)
    return found.argmax(axis=-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")


def _metrics_names(original: property) -> property:
    def names(self: Any) -> list[str]:
        """Name the metrics, also before the first batch, when today's Keras has not built them."""
        found: list[str] = original.__get__(self)
        compiled = getattr(self, "compiled_metrics", None)
        if found not in ([], ["loss"]) or compiled is None:
            return found
        asked = compiled._user_metrics or []
        return [
            "loss",
            *(name if isinstance(name, str) else getattr(name, "__name__", str(name)) for name in asked),
        ]

    return property(names)

"""`acc` and `accuracy`: Keras wrote the first until 2.2 and the second from 2.3 on; scripts read either."""

from __future__ import annotations

import functools
from typing import Any

_NAMES = (("acc", "accuracy"), ("mae", "mean_absolute_error"), ("mse", "mean_squared_error"))
_OTHER = {one: other for pair in _NAMES for one, other in (pair, pair[::-1])}


def _other(name: object) -> str | None:
    """Return the other spelling of a measure, which may be one output's or that of the validation."""
    text = name if isinstance(name, str) else ""
    for one, other in _OTHER.items():
        if text == one or text.endswith(f"_{one}"):
            return text.removesuffix(one) + other
    return None


class Logs(dict[str, Any]):
    """What Keras measured, found under either spelling; it lists only the one that it holds."""

    def __missing__(self, key: str) -> Any:
        other = _other(key)
        if other is not None and dict.__contains__(self, other):
            return dict.__getitem__(self, other)
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or dict.__contains__(self, _other(key))

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        """Be pickled as a plain dictionary, which can be read elsewhere."""
        return dict, (dict(self),)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value, or the default."""
        return self[key] if key in self else default  # noqa: SIM401 - this is that `get`


def numbers(value: Any) -> Any:
    """Return measured numbers as numpy's, which scripts call methods of such as `astype`."""
    import numpy

    if isinstance(value, list):
        return [numbers(item) for item in value]
    return numpy.float64(value) if type(value) is float else value


def both(logs: dict[str, Any]) -> dict[str, Any]:
    """Return a dictionary with every accuracy under both spellings."""
    return {**{other: value for name, value in logs.items() if (other := _other(name))}, **logs}


def install() -> None:
    """Let histories, callbacks and file names know both spellings."""
    from tf_keras.src import callbacks

    history, processed = callbacks.History.__init__, callbacks.CallbackList._process_logs
    file_path = callbacks.ModelCheckpoint._get_file_path

    @functools.wraps(history)
    def __init__(self: Any) -> None:
        history(self)
        self.history = Logs()

    def _process_logs(self: Any, logs: Any, is_batch_hook: bool = False) -> Any:
        found = processed(self, logs, is_batch_hook)
        return Logs({name: numbers(value) for name, value in found.items()}) if found else found

    def _get_file_path(self: Any, epoch: int, batch: int | None, logs: Any) -> Any:
        return file_path(self, epoch, batch, both(dict(logs or {})))

    callbacks.History.__init__ = __init__
    callbacks.CallbackList._process_logs = _process_logs
    callbacks.ModelCheckpoint._get_file_path = _get_file_path


def spelled(metrics: Any) -> Any:
    """Return metrics with the accuracy asked for as `acc`."""
    if isinstance(metrics, (list, tuple)):
        return [spelled(metric) for metric in metrics]
    if isinstance(metrics, dict):
        return {name: spelled(metric) for name, metric in metrics.items()}
    return "acc" if metrics == "accuracy" else metrics

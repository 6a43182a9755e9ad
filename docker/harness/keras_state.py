"""The state of a Keras training in memory: variables, callbacks, random numbers; taken and put back."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_LONGEST = 100_000
_NOT_STATE = ("model", "_model", "params", "validation_data", "append_header")


class Mismatch(ValueError):
    """A state is of another network than the one that it is to be put into."""


def values(model: Any) -> dict[str, Any]:
    """Return the values of all of a model's variables, by group and position."""
    groups = {"m": _of_model(model), "o": _of_optimizers(model), "x": _of_metrics(model)}
    return {
        f"{group}{at}": _storable(variable.numpy())
        for group, found in groups.items()
        for at, variable in enumerate(found)
    }


def put_values(model: Any, arrays: Mapping[str, Any]) -> None:
    """Put the values of a built model and its optimizer back; those of metrics where they exist by now.

    Raises:
        Mismatch: The model is another one.
    """
    _check(_of_model(model), "m", arrays)
    if not getattr(model.optimizer, "built", True):
        model.optimizer.build(model.trainable_variables)
    _check(_of_optimizers(model), "o", arrays)
    groups = {"m": _of_model(model), "o": _of_optimizers(model), "x": _of_metrics(model)}
    for group, found in groups.items():
        for at, variable in enumerate(found):
            if f"{group}{at}" in arrays:
                variable.assign(arrays[f"{group}{at}"])


def build(model: Any, iterator: Any) -> None:
    """Build a model, its metrics and its optimizer from the shapes of its data, as its first batch would.

    Raises:
        Mismatch: They can't be built that way.
    """
    if not hasattr(model, "_symbolic_build") or iterator is None:
        return
    from keras import tree

    spec = iterator._get_iterator().element_spec
    try:
        model._symbolic_build(data_batch=tree.map_structure(_Shape, spec))
    except (AttributeError, RuntimeError, TypeError, ValueError) as error:
        raise Mismatch(f"its network can't be built before its first batch ({error})") from error


class _Shape:
    """The shape and type of a batch of any size."""

    def __init__(self, spec: Any) -> None:
        self.shape = (None, *spec.shape[1:])
        self.dtype = spec.dtype.name


def _check(found: Sequence[Any], group: str, arrays: Mapping[str, Any]) -> None:
    saved = [arrays[name] for name in (f"{group}{at}" for at in range(len(found))) if name in arrays]
    same = len(saved) == len(found) and f"{group}{len(found)}" not in arrays
    if not same or any(tuple(a.shape) != tuple(v.shape) for a, v in zip(saved, found, strict=True)):
        raise Mismatch("the network is not the one that the checkpoint is of")


def _of_model(model: Any) -> list[Any]:
    metrics = {id(variable) for variable in _of_metrics(model)}
    return [variable for variable in _unique(model.variables) if id(variable) not in metrics]


def _of_optimizers(model: Any) -> list[Any]:
    """Also those that a model of the script's own has beside Keras' one, as adversarial networks do."""
    others = [held for held in vars(model).values() if hasattr(held, "apply_gradients")]
    return _unique(variable for owner in (model.optimizer, *others) for variable in _listed(owner))


def _of_metrics(model: Any) -> list[Any]:
    return _unique(variable for metric in model.metrics for variable in _listed(metric))


def _listed(owner: Any) -> list[Any]:
    found = getattr(owner, "variables", ())
    return list(found() if callable(found) else found)


def _unique(variables: Iterable[Any]) -> list[Any]:
    return list({id(variable): variable for variable in variables}.values())


def _storable(value: Any) -> Any:
    # numpy can't name types such as bfloat16 in a file; float32 holds all their values.
    return value.astype("float32") if value.dtype.kind == "V" or "float8" in str(value.dtype) else value


def remembered(callbacks: Iterable[Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return what callbacks remember: plain values of each, and the arrays among them by name."""
    plain: list[dict[str, Any]] = []
    arrays: dict[str, Any] = {}
    for at, callback in enumerate(callbacks):
        known: dict[str, Any] = {"class": type(callback).__name__, "values": {}, "arrays": {}}
        for name, value in vars(callback).items():
            if name in _NOT_STATE:
                continue
            if _is_arrays(value):
                keys = [f"c{at}.{name}.{index}" for index in range(len(value))]
                arrays.update(zip(keys, value, strict=True))
                known["arrays"][name] = keys
            elif is_plain(value):
                known["values"][name] = _without_numpy(value)
        plain.append(known)
    return plain, arrays


def remind(callbacks: Sequence[Any], plain: Sequence[Mapping[str, Any]], arrays: Mapping[str, Any]) -> None:
    """Give callbacks back what they remembered; those that are others now are left as they are."""
    for callback, known in zip(callbacks, plain, strict=False):
        if type(callback).__name__ != known["class"]:
            continue
        for name, value in known["values"].items():
            old = vars(callback).get(name)
            setattr(callback, name, tuple(value) if isinstance(old, tuple) else value)
        for name, keys in known["arrays"].items():
            setattr(callback, name, [arrays[key] for key in keys])


def is_plain(value: Any, depth: int = 0) -> bool:
    """Return whether JSON holds a value: numbers, texts, lists and dictionaries of them."""
    if value is None or isinstance(value, (bool, int, float, str)) or _is_number_of_numpy(value):
        return True
    if depth > 4 or not isinstance(value, (list, tuple, dict)) or len(value) > _LONGEST:
        return False
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(item, depth + 1) for key, item in value.items())
    return all(is_plain(item, depth + 1) for item in value)


def _without_numpy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_numpy(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_numpy(item) for item in value]
    return value.item() if _is_number_of_numpy(value) else value


def _is_number_of_numpy(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.number, numpy.bool_))


def _is_arrays(value: Any) -> bool:
    numpy = sys.modules.get("numpy")
    return (
        numpy is not None
        and isinstance(value, list)
        and bool(value)
        and all(isinstance(item, numpy.ndarray) and item.dtype.kind in "fiub" for item in value)
    )


def random_states() -> dict[str, Any]:
    """Return the states of Python's, numpy's, Keras' and TensorFlow's own generators."""
    states: dict[str, Any] = {"python": random.getstate()}
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        kind, keys, *rest = numpy.random.get_state()
        states["numpy"] = [kind, keys.tolist(), *rest]
    if (seeds := _global_seeds()) is not None:
        states["keras"] = seeds.state.numpy().tolist()
    if (eager := _eager()) is not None:
        states["tensorflow"] = eager.getstate()
    return states


def put_random_states(states: Mapping[str, Any]) -> None:
    """Put the generators back into the states that `random_states` returned, as JSON gives them back."""
    random.setstate(_as_state(states["python"]))
    numpy = sys.modules.get("numpy")
    if numpy is not None and "numpy" in states:
        kind, keys, *rest = states["numpy"]
        numpy.random.set_state((kind, numpy.array(keys, dtype="uint32"), *rest))
    if "keras" in states and (seeds := _global_seeds()) is not None:
        seeds.state.assign(states["keras"])
    if "tensorflow" in states and (eager := _eager()) is not None:
        eager.setstate(_as_state(states["tensorflow"]))


def _as_state(state: Sequence[Any]) -> tuple[Any, ...]:
    version, numbers, gauss = state
    return version, tuple(numbers), gauss


def _global_seeds() -> Any:
    """Keras' own seed generator, if the script has used it; Keras has no public way to it."""
    held = sys.modules.get("keras.src.backend.common.global_state")
    return None if held is None else held.get_global_attribute("global_seed_generator")


def _eager() -> Any:
    """The generator that TensorFlow draws the seeds of its operations from; it has no public way to it."""
    module = sys.modules.get("tensorflow.python.eager.context")
    return None if module is None else getattr(module.context(), "_rng", None)

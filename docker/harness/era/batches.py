"""How many batches there are: counted in samples once, and more of them than a sequence has."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable
from typing import Any

Repeated = Callable[[Any, int], Any]


def count_batches(arguments: dict[str, Any], samples: dict[str, float]) -> None:
    """Say in batches what was said in samples.

    Args:
        arguments: Of `fit` or its kin; changed.
        samples: Numbers of samples by the argument that has the number of batches today.
    """
    for count, number in samples.items():
        data = "x" if "x" in arguments else "generator"
        name = "validation_data" if count == "validation_steps" else data
        size, arguments[name] = _batch_size(arguments.get(name))
        arguments[count] = math.ceil(number / size)


def _batch_size(data: Any) -> tuple[int, Any]:
    """Return how many samples a batch of these data has, and the same data; 1 where they don't tell."""
    if not inspect.isgenerator(data):
        return getattr(data, "batch_size", None) or 1, data
    first: Any = next(data)
    inputs: Any = first[0]
    while isinstance(inputs, (list, tuple, dict)):
        inputs = next(iter(inputs.values() if isinstance(inputs, dict) else inputs))
    return len(inputs) or 1, itertools.chain([first], data)


def repeat(arguments: dict[str, Any], repeated: Repeated) -> None:
    """Let a sequence of batches begin again where more steps are asked for than it has.

    No step of validation at all, as `30 // 32` comes to, meant all that there is.

    Args:
        arguments: Of `fit` or its kin; changed.
        repeated: Makes a sequence longer, as `repeating` gives it.
    """
    if arguments.get("validation_steps") == 0 and hasattr(arguments.get("validation_data"), "__len__"):
        del arguments["validation_steps"]
    data = "x" if "x" in arguments else "generator"
    for name, count in ((data, "steps_per_epoch"), (data, "steps"), ("validation_data", "validation_steps")):
        steps = arguments.get(count)
        if name in arguments and isinstance(steps, (int, float)):
            arguments[count] = math.ceil(steps)
            arguments[name] = repeated(arguments[name], arguments[count])


def repeating(base: Any) -> Repeated:
    """Return a function that gives a sequence as many batches as are asked for.

    Args:
        base: The class of sequences.
    """

    class Longer(base):  # type: ignore[misc]
        """A sequence with as many batches as are asked for, which begins again at its end."""

        def __init__(self, sequence: Any, steps: int) -> None:
            self._sequence, self._steps = sequence, steps

        def __len__(self) -> int:
            return self._steps

        def __getitem__(self, index: int) -> Any:
            return self._sequence[index % len(self._sequence)]

        def on_epoch_end(self) -> None:
            self._sequence.on_epoch_end()

        def __getattr__(self, name: str) -> Any:
            return getattr(self._sequence, name)

    def wrap(data: Any, steps: int) -> Any:
        longer = isinstance(data, base) and not isinstance(data, Longer) and steps > len(data)
        return Longer(data, steps) if longer else data

    return wrap

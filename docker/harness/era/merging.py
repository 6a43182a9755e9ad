"""`merge` and `Merge` of Keras 1, made of the layers that took their place."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

_LAYERS = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "concat": "Concatenate"}


@functools.cache
def make() -> dict[str, Any]:
    """Return `merge` and `Merge` by their names."""
    import tf_keras

    def combine(tensors: Any, mode: Any, concat_axis: int, dot_axes: Any) -> Any:
        if callable(mode):
            return tf_keras.layers.Lambda(mode)(tensors)
        if mode in ("dot", "cos"):
            axes = -1 if dot_axes in (-1, None) else dot_axes
            return tf_keras.layers.Dot(axes=axes, normalize=mode == "cos")(tensors)
        given = {"axis": concat_axis} if mode == "concat" else {}
        return getattr(tf_keras.layers, _LAYERS[mode])(**given)(tensors)

    def merge(
        inputs: Any, mode: Any = "sum", dot_axes: Any = -1, concat_axis: int = -1, name: Any = None, **_: Any
    ) -> Any:
        """Join tensors: their sum, product, average, largest, one after the other, or dot product."""
        return combine(inputs, mode, concat_axis, dot_axes)

    class Merge(tf_keras.layers.Layer):  # type: ignore[misc]
        """Joins what several models make of one input each; the first layer of a sequential model.

        Args:
            layers: The models.
            mode: How they are joined.
            concat_axis: Along which axis, for ``concat``.
            dot_axes: Along which axes, for ``dot``.
        """

        def __init__(
            self, layers: Any, mode: Any = "sum", concat_axis: int = -1, dot_axes: Any = -1, **kwargs: Any
        ) -> None:
            super().__init__(**{key: kwargs[key] for key in ("name",) if kwargs.get(key) is not None})
            self.models = list(layers)
            self._how = (mode, concat_axis, dot_axes)

        def call(self, inputs: Any) -> Any:
            inputs = inputs if isinstance(inputs, (list, tuple)) else [inputs]
            return combine([m(x) for m, x in zip(self.models, inputs, strict=True)], *self._how)

        def network(self) -> tuple[list[Any], Any]:
            """Return the inputs of all models, and what joins their outputs."""
            inputs = {id(one): one for model in self.models for one in model.inputs}
            return list(inputs.values()), combine([model.outputs[0] for model in self.models], *self._how)

    tf_keras.Sequential.add = _adding(tf_keras.Sequential.add, Merge)
    return {"merge": merge, "Merge": Merge}


def _adding(original: Callable[..., None], merge: Any) -> Callable[..., None]:
    @functools.wraps(original)
    def add(self: Any, layer: Any) -> None:
        """Have a model that begins with several others know its inputs, so that it can be shown and saved."""
        if not isinstance(layer, merge) or self.outputs or not all(one.inputs for one in layer.models):
            return original(self, layer)
        inputs, outputs = layer.network()
        self._init_graph_network(inputs, outputs)
        self._graph_initialized = self._has_explicit_input_shape = self.built = True
        return None

    return add

"""`merge` and `Merge` of Keras 1, made of the layers that took their place."""

from __future__ import annotations

from typing import Any

_LAYERS = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "concat": "Concatenate"}


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

    return {"merge": merge, "Merge": Merge}

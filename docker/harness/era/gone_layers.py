"""`Highway` and `MaxoutDense`, which Keras 2.3 still had among its legacy layers."""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def make() -> dict[str, Any]:
    """Return the layers by their names."""
    import tensorflow
    from tf_keras import activations, constraints, initializers, regularizers
    from tf_keras.layers import Layer

    class Weighted(Layer):  # type: ignore[misc]
        """A layer whose weights are asked for as in Keras 1.

        Args:
            init: How its weights begin.
            bias: Whether it has biases.
            input_dim: The width of its input, where it is the first layer.
            options: Regularizers and constraints of weights and biases, and what every layer takes.
        """

        def __init__(
            self, init: Any = "glorot_uniform", bias: bool = True, input_dim: Any = None, **options: Any
        ) -> None:
            self.init, self.bias = initializers.get(init), bias
            self._of_weights = _restraints(options, "W", regularizers, constraints)
            self._of_biases = _restraints(options, "b", regularizers, constraints)
            options.pop("weights", None)
            if input_dim:
                options["input_shape"] = (input_dim,)
            super().__init__(**options)

        def _weights(self, name: str, shape: tuple[int, ...]) -> Any:
            return self.add_weight(name=name, shape=shape, initializer=self.init, **self._of_weights)

        def _biases(self, name: str, shape: tuple[int, ...], start: Any = "zeros") -> Any:
            if not self.bias:
                return 0.0
            return self.add_weight(name=name, shape=shape, initializer=start, **self._of_biases)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "init": initializers.serialize(self.init), "bias": self.bias}

    class Highway(Weighted):
        """Lets a part of its input through unchanged; which part is learned.

        Args:
            activation: Of what is not let through.
        """

        def __init__(self, init: Any = "glorot_uniform", activation: Any = None, **options: Any) -> None:
            self.activation = activations.get(activation)
            super().__init__(init, **options)

        def build(self, input_shape: Any) -> None:
            width = int(input_shape[-1])
            closed = initializers.Constant(-2.0)
            self.W, self.W_carry = (self._weights(n, (width, width)) for n in ("W", "W_carry"))
            self.b, self.b_carry = self._biases("b", (width,)), self._biases("b_carry", (width,), closed)
            super().build(input_shape)

        def call(self, inputs: Any) -> Any:
            gate = tensorflow.sigmoid(tensorflow.matmul(inputs, self.W_carry) + self.b_carry)
            made = self.activation(tensorflow.matmul(inputs, self.W) + self.b)
            return gate * made + (1.0 - gate) * inputs

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "activation": activations.serialize(self.activation)}

    class MaxoutDense(Weighted):
        """Takes the largest of several linear functions of its input.

        Args:
            output_dim: Its width.
            nb_feature: How many functions there are.
        """

        def __init__(
            self, output_dim: int, nb_feature: int = 4, init: Any = "glorot_uniform", **options: Any
        ) -> None:
            self.output_dim, self.nb_feature = output_dim, nb_feature
            super().__init__(init, **options)

        def build(self, input_shape: Any) -> None:
            self.W = self._weights("W", (self.nb_feature, int(input_shape[-1]), self.output_dim))
            self.b = self._biases("b", (self.nb_feature, self.output_dim))
            super().build(input_shape)

        def call(self, inputs: Any) -> Any:
            return tensorflow.reduce_max(tensorflow.einsum("bi,fio->bfo", inputs, self.W) + self.b, axis=1)

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "output_dim": self.output_dim, "nb_feature": self.nb_feature}

    return {"Highway": Highway, "MaxoutDense": MaxoutDense}


def _restraints(options: dict[str, Any], of: str, regularizers: Any, constraints: Any) -> dict[str, Any]:
    """Take what restrains weights out of a layer's options, by its name of today."""
    return {
        "regularizer": regularizers.get(options.pop(f"{of}_regularizer", None)),
        "constraint": constraints.get(options.pop(f"{of}_constraint", None)),
    }

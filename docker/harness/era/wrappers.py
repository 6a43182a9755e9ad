"""`keras.wrappers.scikit_learn`: Keras models as estimators of scikit-learn."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from harness.era.training import predict_classes


def fill(module: ModuleType) -> None:
    """Fill the module `keras.wrappers.scikit_learn`; scikit-learn is imported with it."""
    import numpy
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from tf_keras import Sequential
    from tf_keras.utils import to_categorical

    class Wrapper(BaseEstimator):  # type: ignore[misc]
        """Builds its model anew at each `fit`.

        Args:
            build_fn: Returns a compiled model; a subclass may define `__call__` instead.
            sk_params: Arguments of `build_fn` and of the model's methods.
        """

        def __init__(self, build_fn: Any = None, **sk_params: Any) -> None:
            self.build_fn, self.sk_params = build_fn, sk_params

        def get_params(self, deep: bool = True) -> dict[str, Any]:
            return {**self.sk_params, "build_fn": self.build_fn}

        def set_params(self, **params: Any) -> Any:
            self.build_fn = params.pop("build_fn", self.build_fn)
            self.sk_params.update(params)
            return self

        def _arguments(self, method: Any, given: dict[str, Any]) -> dict[str, Any]:
            known = inspect.signature(method).parameters
            named = {{"nb_epoch": "epochs"}.get(name, name): v for name, v in self.sk_params.items()}
            return {**{name: value for name, value in named.items() if name in known}, **given}

        def fit(self, x: Any, y: Any, **given: Any) -> Any:
            build = self.build_fn if self.build_fn is not None else self.__call__
            self.model = build(**self._arguments(build, {}))
            self.history = self.model.fit(x, self._targets(y), **self._arguments(Sequential.fit, given))
            return self.history

        def _targets(self, y: Any) -> Any:
            return y

        def predict(self, x: Any, **given: Any) -> Any:
            return numpy.squeeze(self.model.predict(x, **self._arguments(Sequential.predict, given)), axis=-1)

    class KerasClassifier(ClassifierMixin, Wrapper):  # type: ignore[misc]
        """A model that tells classes."""

        def _targets(self, y: Any) -> Any:
            y = numpy.asarray(y)
            if y.ndim == 2 and y.shape[1] > 1:
                self.classes_ = numpy.arange(y.shape[1])
                return y
            self.classes_ = numpy.unique(y)
            return self._coded(numpy.searchsorted(self.classes_, y))

        def _coded(self, y: Any) -> Any:
            return to_categorical(y) if "categorical_crossentropy" in _loss(self.model) else y

        def predict(self, x: Any, **given: Any) -> Any:
            return self.classes_[self._classes(x, given).ravel()]

        def _classes(self, x: Any, given: dict[str, Any]) -> Any:
            return predict_classes(self.model, x, **self._arguments(Sequential.predict, given))

        def predict_proba(self, x: Any, **given: Any) -> Any:
            found = self.model.predict(x, **self._arguments(Sequential.predict, given))
            return numpy.hstack([1 - found, found]) if found.shape[1] == 1 else found

        def score(self, x: Any, y: Any, **given: Any) -> float:
            y = numpy.asarray(y)
            truth = self.classes_[y.argmax(axis=1)] if y.ndim == 2 and y.shape[1] > 1 else y
            return float(numpy.mean(self.predict(x, **given) == truth.ravel()))

    class KerasRegressor(RegressorMixin, Wrapper):  # type: ignore[misc]
        """A model that tells numbers."""

        def score(self, x: Any, y: Any, **given: Any) -> float:
            loss = self.model.evaluate(x, y, **self._arguments(Sequential.evaluate, given))
            return -float(loss[0] if isinstance(loss, list) else loss)

    module.KerasClassifier = KerasClassifier  # type: ignore[attr-defined]
    module.KerasRegressor = KerasRegressor  # type: ignore[attr-defined]
    module.BaseWrapper = Wrapper  # type: ignore[attr-defined]


def _loss(model: Any) -> str:
    name = getattr(model.loss, "__name__", model.loss)
    return "" if str(name).startswith("sparse") else str(name)

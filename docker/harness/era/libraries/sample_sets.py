"""Data sets of scikit-learn that are gone, or would be fetched: Keras has them, or the operator's folder."""

from __future__ import annotations

import functools
from typing import Any

_OF_BOSTON = "CRIM ZN INDUS CHAS NOX RM AGE DIS RAD TAX PTRATIO B LSTAT"


def install(datasets: Any) -> None:
    """Give `sklearn.datasets` what it had.

    Args:
        datasets: The module.
    """
    fetch = datasets.fetch_openml

    @functools.wraps(fetch)
    def fetch_openml(name: Any = None, *args: Any, **kwargs: Any) -> Any:
        if name != "mnist_784":
            return fetch(name, *args, **kwargs)
        images, digits = _mnist(ordered=False)
        found = _bunch(data=images.astype(float), target=digits.astype(str).astype(object))
        return (found.data, found.target) if kwargs.get("return_X_y") else found

    def fetch_mldata(dataname: str, *args: Any, **kwargs: Any) -> Any:
        """Return MNIST, which is all that is left of that site."""
        if not dataname.lower().startswith("mnist"):
            raise OSError(f"mldata.org is gone, and with it {dataname!r}")
        images, digits = _mnist(ordered=True)
        return _bunch(data=images, target=digits.astype(float))

    datasets.fetch_openml, datasets.fetch_mldata, datasets.load_boston = (
        fetch_openml,
        fetch_mldata,
        _load_boston,
    )


def _mnist(*, ordered: bool) -> tuple[Any, Any]:
    """Return images as rows and their digits: those to train on, then those to test with."""
    import numpy
    from tf_keras.datasets import mnist

    halves = mnist.load_data()
    if ordered:
        orders = [numpy.argsort(y, kind="stable") for _, y in halves]
        halves = [(x[order], y[order]) for (x, y), order in zip(halves, orders, strict=True)]
    images, digits = (numpy.concatenate(parts) for parts in zip(*halves, strict=True))
    return images.reshape(len(images), -1), digits


def _load_boston(return_X_y: bool = False) -> Any:
    """Return the prices of houses, in Keras' order."""
    from tf_keras.datasets import boston_housing

    (x, y), _ = boston_housing.load_data(test_split=0.0)
    return (x, y) if return_X_y else _bunch(data=x, target=y, feature_names=_OF_BOSTON.split(), DESCR="")


def _bunch(**parts: Any) -> Any:
    from sklearn.utils import Bunch

    return Bunch(**parts)

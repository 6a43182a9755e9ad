"""Names of numpy, scipy and scikit-learn that training scripts of the time use."""

from __future__ import annotations

import functools
import importlib
from types import ModuleType
from typing import Any

from harness.era.namespace import Fill, public

_NUMPY = {
    "float": float,
    "int": int,
    "object": object,
    "str": str,
    "complex": complex,
    "long": int,
    "unicode": str,
}
_NUMPY_RENAMED = {
    "bool": "bool_",
    "float_": "float64",
    "complex_": "complex128",
    "unicode_": "str_",
    "string_": "bytes_",
    "Inf": "inf",
    "Infinity": "inf",
    "NaN": "nan",
    "NAN": "nan",
    "product": "prod",
    "cumproduct": "cumprod",
    "alltrue": "all",
    "sometrue": "any",
    "round_": "round",
    "row_stack": "vstack",
    "trapz": "trapezoid",
    "in1d": "isin",
}


def install() -> None:
    """Give numpy its old names back."""
    import numpy

    renamed = {old: getattr(numpy, new) for old, new in _NUMPY_RENAMED.items() if hasattr(numpy, new)}
    for name, value in {**_NUMPY, **renamed, "asscalar": lambda array: array.item()}.items():
        if name not in vars(numpy):
            setattr(numpy, name, value)
    numpy.set_printoptions(legacy="1.25")  # numbers in lists print as `0.5`, not as `np.float64(0.5)`
    for name in ("array", "asarray"):
        setattr(numpy, name, _of_lists(getattr(numpy, name)))


def _of_lists(original: Any) -> Any:
    """Return what makes arrays, of lists that are not of one length too: then an array of lists."""

    @functools.wraps(original)
    def array(given: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(given, *args, **kwargs)
        except ValueError as error:
            if args or "dtype" in kwargs or "inhomogeneous" not in str(error):
                raise
            return original(given, dtype=object, **kwargs)

    return array


def old_drawing() -> None:
    """Give Matplotlib's styles their old names back, and let labels be more or fewer than ticks.

    It is imported with that.
    """
    from matplotlib import style
    from matplotlib.axis import Axis

    for name in [name for name in style.library if name.startswith("seaborn-v0_8")]:
        style.library[name.replace("-v0_8", "", 1)] = style.library[name]
    original = Axis.set_ticklabels

    @functools.wraps(original)
    def set_ticklabels(self: Any, labels: Any, **kwargs: Any) -> Any:
        try:
            return original(self, labels, **kwargs)
        except ValueError:
            ticks = len(self.get_minorticklocs() if kwargs.get("minor") else self.get_majorticklocs())
            return original(self, [*labels, *[""] * ticks][:ticks], **kwargs)

    Axis.set_ticklabels = set_ticklabels  # type: ignore[method-assign]


def builders() -> dict[str, Fill]:
    """Return what fills each module that went away, by its full name."""
    return {
        "scipy.misc": _scipy_misc,
        "sklearn.cross_validation": _cross_validation,
        "sklearn.grid_search": _grid_search,
        "sklearn.externals.joblib": _same_as("joblib"),
    }


def _same_as(name: str) -> Fill:
    def fill(module: ModuleType) -> None:
        vars(module).update(public(importlib.import_module(name)))

    return fill


def _grid_search(module: ModuleType) -> None:
    """The searches, which take a score by the name of its time: errors were called without `neg_`."""
    from sklearn import model_selection
    from sklearn.metrics import get_scorer_names

    vars(module).update(public(model_selection))
    scores = frozenset(get_scorer_names())
    for name in ("GridSearchCV", "RandomizedSearchCV"):
        setattr(module, name, _scored(getattr(model_selection, name), scores))


def _scored(search: Any, scores: frozenset[str]) -> Any:
    @functools.wraps(search, updated=())
    def make(*args: Any, **kwargs: Any) -> Any:
        renamed = f"neg_{kwargs.get('scoring')}"
        return search(*args, **({**kwargs, "scoring": renamed} if renamed in scores else kwargs))

    return make


def _cross_validation(module: ModuleType) -> None:
    from sklearn import model_selection

    vars(module).update(public(model_selection))

    def k_fold(n: int, n_folds: int = 3, shuffle: bool = False, random_state: Any = None) -> Any:
        splits = model_selection.KFold(n_folds, shuffle=shuffle, random_state=random_state)
        return splits.split(range(n))

    def stratified(y: Any, n_folds: int = 3, shuffle: bool = False, random_state: Any = None) -> Any:
        splits = model_selection.StratifiedKFold(n_folds, shuffle=shuffle, random_state=random_state)
        return splits.split(y, y)

    vars(module).update(KFold=k_fold, StratifiedKFold=stratified)


def _scipy_misc(module: ModuleType) -> None:
    """Images as scipy read and wrote them: by Pillow, as arrays of bytes."""
    import numpy
    from PIL import Image

    def imread(name: Any, flatten: bool = False, mode: str | None = None) -> Any:
        image = Image.open(name)
        wanted = "F" if flatten else mode or image.mode
        return numpy.array(image.convert(wanted))

    def imresize(arr: Any, size: Any, interp: str = "bilinear", mode: str | None = None) -> Any:
        image = toimage(arr, mode=mode)
        width, height = image.size
        if isinstance(size, (tuple, list)):
            height, width = (int(length) for length in size[:2])
        else:
            share = size / 100 if isinstance(size, int) else size
            width, height = int(width * share), int(height * share)
        ways = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "cubic": 3}
        return numpy.array(image.resize((width, height), ways[interp]))

    def toimage(arr: Any, mode: str | None = None, **_: Any) -> Any:
        array = numpy.asarray(arr).squeeze()
        if array.dtype != numpy.uint8:  # as scipy did: the smallest value is black, the largest white
            low, high = float(array.min()), float(array.max())
            array = ((array - low) * (255.0 / ((high - low) or 1.0)) + 0.5).astype(numpy.uint8)
        if array.ndim == 3 and array.shape[0] == 3 and array.shape[2] not in (3, 4):
            array = array.transpose(1, 2, 0)
        return Image.fromarray(array) if mode is None else Image.fromarray(array).convert(mode)

    def imsave(name: Any, arr: Any, format: str | None = None) -> None:
        toimage(arr).save(name, format=format)

    vars(module).update(imread=imread, imresize=imresize, toimage=toimage, imsave=imsave)

"""What scikit-learn had until 0.22 and has no more."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from harness.era.libraries import sample_sets
from harness.era.namespace import Fill, public
from harness.hooks import Patch


def patches() -> dict[str, Patch]:
    """Return what gives modules that are still there their old functions back."""
    return {
        "joblib.parallel": _in_this_process,
        "sklearn.datasets": sample_sets.install,
        "sklearn.feature_extraction.text": _texts,
        "sklearn.metrics": _metrics,
        "sklearn.model_selection": _selection,
        "sklearn.preprocessing": _preprocessing,
        "sklearn.utils.class_weight": lambda module: _by_position(module, "compute_class_weight"),
    }


def builders() -> dict[str, Fill]:
    """Return what fills each module that went away, by its full name."""
    return {
        "sklearn.cross_validation": _cross_validation,
        "sklearn.grid_search": _grid_search,
        "sklearn.externals.joblib": _same_as("joblib"),
        "sklearn.externals.six": _same_as("six"),
        "sklearn.utils.linear_assignment_": _assignment,
    }


def _same_as(name: str) -> Fill:
    def fill(module: ModuleType) -> None:
        vars(module).update(public(importlib.import_module(name)))

    return fill


def _in_this_process(parallel: Any) -> None:
    """Have `n_jobs=-1` train one model after the other: other processes would have another Keras, unwatched.

    TensorFlow uses all processors anyhow.
    """
    parallel.DEFAULT_BACKEND = "sequential"


def _selection(module: Any) -> None:
    _by_position(module, "KFold", "StratifiedKFold")
    for search in (module.GridSearchCV, module.RandomizedSearchCV):
        search.__init__ = _without_iid(search.__init__)


def _without_iid(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def __init__(self: Any, *args: Any, iid: Any = None, **kwargs: Any) -> None:
        original(self, *args, **kwargs)

    return __init__


def _by_position(module: Any, *names: str) -> None:
    """Let all arguments of these functions and classes be given by position, in the order of their names."""
    for name in names:
        found: Any = getattr(module, name)
        place, what = (found, "__init__") if inspect.isclass(found) else (module, name)
        setattr(place, what, _positional(getattr(place, what)))


def _positional(original: Callable[..., Any]) -> Callable[..., Any]:
    parameters = inspect.signature(original).parameters.items()
    names = [name for name, one in parameters if one.kind is not one.VAR_KEYWORD]

    @functools.wraps(original)
    def call(*args: Any, **kwargs: Any) -> Any:
        return original(**dict(zip(names, args, strict=False)), **kwargs)

    return call


def _preprocessing(module: Any) -> None:
    encoder = module.OneHotEncoder
    by_name = "sparse_output" if "sparse_output" in inspect.signature(encoder).parameters else "sparse"

    def imputer(missing_values: Any = "NaN", strategy: str = "mean", **options: Any) -> Any:
        """Fill gaps, which were called by a text."""
        from sklearn.impute import SimpleImputer

        options = {name: value for name, value in options.items() if name == "copy"}
        missing = float("nan") if missing_values == "NaN" else missing_values
        return SimpleImputer(missing_values=missing, strategy=strategy, **options)

    @functools.wraps(encoder, updated=())
    def encode(*_: Any, categorical_features: Any = None, n_values: Any = None, **options: Any) -> Any:
        """Encode all columns, or only some of them."""
        if "sparse" in options:
            options[by_name] = options.pop("sparse")
        made = encoder(**options)
        return made if categorical_features in (None, "all") else _Selected(made, categorical_features)

    module.OneHotEncoder = encode
    if not hasattr(module, "Imputer"):
        module.Imputer = imputer


class _Selected:
    """Encodes some columns and puts the others after them.

    Args:
        encoder: Encodes all columns of what it is given.
        columns: Which these are: numbers, or a truth for each column.
    """

    def __init__(self, encoder: Any, columns: Any) -> None:
        self._encoder, self._columns = encoder, columns

    def fit(self, X: Any, y: Any = None) -> Any:
        self._encoder.fit(self._split(X)[0])
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        return self.fit(X).transform(X)

    def transform(self, X: Any) -> Any:
        import numpy

        sparse: Any = importlib.import_module("scipy.sparse")
        chosen, others = self._split(X)
        encoded = self._encoder.transform(chosen)
        join = sparse.hstack if sparse.issparse(encoded) else numpy.hstack
        return join((encoded, others))

    def _split(self, given: Any) -> tuple[Any, Any]:
        import numpy

        table = numpy.asarray(given, dtype=float)
        chosen = numpy.arange(table.shape[1])[numpy.asarray(self._columns)]
        return table[:, chosen], numpy.delete(table, chosen, axis=1)


def _texts(module: Any) -> None:
    def get_feature_names(self: Any) -> list[str]:
        """Return the words by their columns."""
        return list(self.get_feature_names_out())

    if not hasattr(module.CountVectorizer, "get_feature_names"):
        module.CountVectorizer.get_feature_names = get_feature_names


def _metrics(module: Any) -> None:
    _by_position(module, "classification_report", "confusion_matrix")
    if not hasattr(module, "plot_confusion_matrix"):
        module.plot_confusion_matrix = module.ConfusionMatrixDisplay.from_estimator


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


def _assignment(module: ModuleType) -> None:
    def linear_assignment(X: Any) -> Any:
        """Return the pairs of rows and columns that cost least."""
        import numpy

        optimize: Any = importlib.import_module("scipy.optimize")
        return numpy.transpose(optimize.linear_sum_assignment(X))

    vars(module).update(linear_assignment=linear_assignment, linear_assignment_=linear_assignment)

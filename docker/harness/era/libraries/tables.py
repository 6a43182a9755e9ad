"""What pandas had until 0.25 and has no more."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any


def install(pandas: Any) -> None:
    """Give tables and columns their old methods back.

    Args:
        pandas: The package.
    """
    for cls in (pandas.DataFrame, pandas.Series):
        old = {"as_matrix": _as_matrix, "get_value": _get_value, "ix": property(_Mixed)}
        for name, value in old.items():
            if not hasattr(cls, name):
                setattr(cls, name, value)


def plotting(module: ModuleType) -> None:
    """Fill the module `pandas.tools.plotting`, which moved up."""
    moved: Any = importlib.import_module("pandas.plotting")
    vars(module).update({name: getattr(moved, name) for name in moved.__all__})


def _as_matrix(self: Any, columns: Any = None) -> Any:
    return self.values if columns is None else self[columns].values


def _get_value(self: Any, *place: Any) -> Any:
    return self.at[place] if len(place) > 1 else self.at[place[0]]


class _Mixed:
    """`ix`: labels, and positions where a label can't be meant.

    Args:
        table: The table or column.
    """

    def __init__(self, table: Any) -> None:
        self._table = table

    def __getitem__(self, key: Any) -> Any:
        return self._table.iloc[self._positions(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._table.iloc[self._positions(key)] = value

    def _positions(self, key: Any) -> Any:
        if not isinstance(key, tuple) or self._table.ndim == 1:
            return _positions(self._table.index, key)
        return tuple(map(_positions, self._table.axes, key))


def _positions(labels: Any, key: Any) -> Any:
    """Return where something is along an axis."""
    if isinstance(key, slice):
        ends = [end for end in (key.start, key.stop) if end is not None]
        return labels.slice_indexer(key.start, key.stop, key.step) if _are_labels(labels, ends) else key
    if isinstance(key, str) or not hasattr(key, "__len__"):
        return labels.get_loc(key) if _are_labels(labels, [key]) else key
    wanted = list(key)
    truths = str(getattr(key, "dtype", "")) == "bool" or (bool(wanted) and isinstance(wanted[0], bool))
    return labels.get_indexer_for(wanted) if not truths and _are_labels(labels, wanted) else wanted


def _are_labels(labels: Any, wanted: list[Any]) -> bool:
    """Say whether labels are meant: integers are positions, unless the labels are integers too."""
    integers = all(hasattr(one, "__index__") for one in wanted)
    return bool(wanted) and (not integers or labels.inferred_type in ("integer", "mixed-integer"))

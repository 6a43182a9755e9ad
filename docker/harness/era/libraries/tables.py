"""What pandas had until 0.25 and has no more."""

from __future__ import annotations

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
    import pandas.plotting

    vars(module).update({name: getattr(pandas.plotting, name) for name in pandas.plotting.__all__})


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
    ends = [end for end in (key.start, key.stop) if end is not None] if isinstance(key, slice) else [key]
    if isinstance(key, slice) and not ends:
        return key
    if not isinstance(key, (slice, str)) and hasattr(key, "__len__"):
        ends = list(key)
        if not ends or isinstance(ends[0], bool) or getattr(key, "dtype", None) == bool:
            return list(key)
    counted = all(isinstance(end, int) or hasattr(end, "__index__") for end in ends)
    if counted and labels.inferred_type not in ("integer", "mixed-integer"):
        return key
    if isinstance(key, slice):
        return labels.slice_indexer(key.start, key.stop, key.step)
    return labels.get_indexer_for(ends) if hasattr(key, "__len__") and not isinstance(key, str) else labels.get_loc(key)

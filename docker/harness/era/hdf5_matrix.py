"""`HDF5Matrix`: a data set in an HDF5 file, to train on without reading all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class HDF5Matrix:
    """A part of a data set, used like an array.

    Args:
        datapath: The file.
        dataset: The data set's name.
        start: The first row.
        end: The row after the last, None for all.
        normalizer: Applied to what is read.
    """

    def __init__(
        self,
        datapath: str,
        dataset: str,
        start: int = 0,
        end: int | None = None,
        normalizer: Callable[[Any], Any] | None = None,
    ) -> None:
        import h5py  # type: ignore[import-not-found,unused-ignore]

        self.data = h5py.File(datapath, "r")[dataset]
        self.start, self.end = start, self.data.shape[0] if end is None else end
        self.normalizer = normalizer

    def __len__(self) -> int:
        return int(self.end - self.start)

    def __getitem__(self, key: Any) -> Any:
        import numpy

        rows = numpy.arange(self.start, self.end)[key]
        if isinstance(key, slice) and key.step in (None, 1) and len(rows):
            found = self.data[rows[0] : rows[-1] + 1]
        else:
            found = self._each(rows) if rows.ndim else self.data[int(rows)]
        return found if self.normalizer is None else self.normalizer(found)

    def _each(self, rows: Any) -> Any:
        """Read rows in any order, also several times: h5py wants them ordered and each once."""
        import numpy

        once, places = numpy.unique(rows, return_inverse=True)
        return self.data[once][places]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the part."""
        return (len(self), *self.data.shape[1:])

    @property
    def dtype(self) -> Any:
        """The type of what is read."""
        return self.data.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return int(self.data.ndim)

    @property
    def size(self) -> int:
        """The number of all values."""
        import numpy

        return int(numpy.prod(self.shape))

"""What NumPy 2 calls otherwise than NumPy 1, which the training image has: the names of both are known."""

from __future__ import annotations

from typing import Any

_OF_NUMPY_2 = {
    "bool": "bool_",
    "long": "int_",
    "ulong": "uint",
    "concat": "concatenate",
    "permute_dims": "transpose",
    "trapezoid": "trapz",
    "pow": "power",
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "bitwise_invert": "bitwise_not",
    "bitwise_left_shift": "left_shift",
    "bitwise_right_shift": "right_shift",
}


def install(numpy: Any) -> None:
    """Give the package the names that it lacks.

    Args:
        numpy: The package.
    """
    for name, old in _OF_NUMPY_2.items():
        if name not in vars(numpy):
            setattr(numpy, name, getattr(numpy, old))
    if "astype" not in vars(numpy):
        numpy.astype = lambda x, dtype, /, *, copy=True: x.astype(dtype, copy=copy)

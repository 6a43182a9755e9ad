"""What a developer, or an operator, declares in ``tweak.yaml``: it refines what was discovered."""

from include.tweaker.declared.model import Declared, DeclaredBudget, DeclaredParameter
from include.tweaker.declared.reading import FILE_NAMES, read_declared, read_declared_file
from include.tweaker.declared.refining import refine
from include.tweaker.declared.within import Bounded, Bounds, within

__all__ = [
    "FILE_NAMES",
    "Bounded",
    "Bounds",
    "Declared",
    "DeclaredBudget",
    "DeclaredParameter",
    "read_declared",
    "read_declared_file",
    "refine",
    "within",
]

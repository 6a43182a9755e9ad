"""Modules that no file holds: made when a script imports them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

Fill = Callable[[ModuleType], None]


class Finder(MetaPathFinder, Loader):
    """Finds modules by name and lets a function fill each.

    Args:
        builders: What fills a module, by its full name.
    """

    def __init__(self, builders: Mapping[str, Fill]) -> None:
        self._builders = builders

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module that has a builder."""
        if fullname not in self._builders:
            return None
        # Every one is a package, so that others can be below it.
        return importlib.util.spec_from_loader(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave the making to Python."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Fill a module."""
        self._builders[module.__name__](module)


def install(builders: Mapping[str, Fill]) -> None:
    """Put these modules before all others, also before those of these names that are imported already."""
    for name in builders:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, Finder(builders))


def public(module: ModuleType) -> dict[str, object]:
    """Return what a module offers, without what makes it a module, and without its submodules."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }

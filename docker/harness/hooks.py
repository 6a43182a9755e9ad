"""Changes to a library at the moment a script imports it: one that no script needs costs nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

Patch = Callable[[Any], None]


class _Finder(MetaPathFinder):
    """Finds what the usual search finds, and has it changed when it is loaded."""

    def __init__(self) -> None:
        self.patches: dict[str, list[Patch]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the usual spec of a module that is to be changed; None for all others."""
        patches = self.patches.get(fullname)
        spec = PathFinder.find_spec(fullname, path, target) if patches else None
        if patches is None or spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            for patch in patches:
                patch(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


_FINDER = _Finder()


def after_import(patches: Mapping[str, Patch]) -> None:
    """Change modules: those that are imported already at once, the others when they are.

    Args:
        patches: What changes a module, by its full name.
    """
    for name, patch in patches.items():
        _FINDER.patches.setdefault(name, []).append(patch)
        if name in sys.modules:
            patch(sys.modules[name])
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)

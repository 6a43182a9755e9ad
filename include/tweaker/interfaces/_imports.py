"""How a file can name something of Keras that it may not have imported yet."""

from __future__ import annotations

import re
from dataclasses import dataclass

from include.tweaker.interfaces._source import Edit
from include.tweaker.interfaces._syntax import Module

_PACKAGE = re.compile(r"^(keras|tf_keras|tensorflow\.keras)(\.|$)")


@dataclass(frozen=True)
class Spelling:
    """A name as it can be written in a file, and the import that it needs there, if any."""

    text: str
    edits: tuple[tuple[str, Edit], ...] = ()


def spelling(module: Module, name: str, home: str = "optimizers") -> Spelling | None:
    """Return how a file can name a class of Keras.

    Args:
        module: The file.
        name: The class, as ``Adam``.
        home: The module of Keras that has it.

    Returns:
        None where the file imports nothing of Keras, or gives the name to something else.
    """
    known = _imported(module, name, home)
    if known is not None:
        return Spelling(known)
    if name in module.scope.bindings or name in module.classes or name in module.imports:
        return None
    for origin, statement in reversed(module.import_lines):
        package = _PACKAGE.match(origin)
        if package is not None:
            start, last = module.span(statement)
            end = module.source.normal.find(b"\n", last) + 1
            text = f"{_indent(module, start)}from {package.group(1)}.{home} import {name}\n"
            place = end or len(module.source.normal)
            edit = Edit(place, place, text if end else f"\n{text}"[:-1])
            return Spelling(name, ((module.source.path, edit),))
    return None


def _indent(module: Module, start: int) -> str:
    """Return what stands in front of a line: an import may belong to ``if __name__ == "__main__":``."""
    normal = module.source.normal
    return normal[normal.rfind(b"\n", 0, start) + 1 : start].decode()


def _imported(module: Module, name: str, home: str) -> str | None:
    """Return a name that the file's imports give already, as ``keras.optimizers.Adam``."""
    for local, (origin, imported) in module.imports.items():
        if imported == name and home in origin:
            return local
        if imported == "*" and origin.endswith(f".{home}"):
            return name
        if imported == home or (imported is None and origin.endswith(f".{home}")):
            return f"{local}.{name}"
    for local, (origin, imported) in module.imports.items():
        full = f"{origin}.{imported}" if imported else origin
        if full in ("keras", "tensorflow.keras", "tf_keras"):
            return f"{local}.{home}.{name}"
        if full == "tensorflow":
            return f"{local}.keras.{home}.{name}"
    return None

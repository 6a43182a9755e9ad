"""Reads ``tweak.yaml`` as what it is: hostile text that has to become a `Declared`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from include.tweaker.declared.model import Declared, DeclaredBudget, DeclaredParameter
from include.tweaker.errors import DeclarationError

FILE_NAMES = ("tweak.yaml", "tweak.yml")
LARGEST_FILE = 64_000
DEEPEST = 12


class _Loader(yaml.SafeLoader):
    """Safe YAML without what only serves attacks and mistakes: no aliases, no deep nesting, no key twice.

    ``1e-3`` is a number here, as YAML 1.2 and every developer have it.
    """

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                None, None, "aliases aren't allowed; write the value out", event.start_mark
            )
        self.depth += 1
        if self.depth > DEEPEST:
            raise yaml.MarkedYAMLError(None, None, f"nested deeper than {DEEPEST} levels", None)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.MarkedYAMLError(None, None, f"the key {key!r} must be a word", key_node.start_mark)
            if key in seen:
                raise yaml.MarkedYAMLError(None, None, f"the key `{key}` is there twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)


def read_declared(tree: Path) -> Declared | None:
    """Read what a pushed repository declares, or None where it declares nothing.

    Args:
        tree: The pushed files; only ``tweak.yaml`` (or ``tweak.yml``) at its top is read.

    Raises:
        DeclarationError: Something in it is wrong; the message names file, key and the nearest valid one.
    """
    for name in FILE_NAMES:
        path = tree / name
        if path.is_symlink() and not path.resolve().is_relative_to(tree.resolve()):
            raise DeclarationError(
                name, ["it is a link that leads out of the repository; commit the file itself"]
            )
        if path.is_file():
            return read_declared_file(path, name)
    return None


def read_declared_file(path: Path, shown: str = "") -> Declared:
    """Read one declaration, as an operator keeps it in ``config/``.

    Args:
        path: The file.
        shown: What messages call it; its path by default.

    Raises:
        DeclarationError: It can't be read, or something in it is wrong.
    """
    name = shown or str(path)
    document = _document(path, name)
    if document is None:
        return Declared(source=name)
    if not isinstance(document, Mapping):
        raise DeclarationError(
            name, [f"it must be a mapping of keys to values; keys: {_listed(_keys(Declared))}"]
        )
    if "source" in document:
        raise DeclarationError(name, [_unknown("source", _keys(Declared))])
    try:
        return Declared.model_validate({**document, "source": name})
    except ValidationError as error:
        raise DeclarationError(
            name, [_problem(one["loc"], one["type"], one["msg"]) for one in error.errors()]
        ) from error


def _document(path: Path, name: str) -> object:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise DeclarationError(
                name, [f"it is larger than {LARGEST_FILE // 1000} kB; keep what is declared only"]
            )
        return yaml.load(data.decode("utf-8-sig"), Loader=_Loader)  # noqa: S506 - a stricter SafeLoader
    except yaml.MarkedYAMLError as error:
        where = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise DeclarationError(name, [f"{where}{error.problem}"]) from error
    except (OSError, UnicodeError, yaml.YAMLError, ValueError, OverflowError) as error:
        raise DeclarationError(name, [f"it can't be read as YAML: {error}"]) from error


def _problem(place: tuple[int | str, ...], kind: str, message: str) -> str:
    # pydantic's own place of a union's branch ("int", "float", …) says nothing to a developer
    parts = [str(part) for part in place if part not in ("int", "float", "str", "constrained-int")]
    if kind == "extra_forbidden":
        return _unknown(".".join(parts), _keys(_model_at(place)), parts[-1])
    return f"`{'.'.join(parts)}`: {message.removeprefix('Value error, ')}"


def _model_at(place: tuple[int | str, ...]) -> type[BaseModel]:
    if place[0] == "budget" and len(place) > 1:
        return DeclaredBudget
    return DeclaredParameter if place[0] == "parameters" and len(place) > 2 else Declared


def _keys(model: type[BaseModel]) -> list[str]:
    return [name for name in model.model_fields if name != "source"]


def _unknown(shown: str, valid: Iterable[str], key: str = "") -> str:
    near = difflib.get_close_matches(key or shown, list(valid), n=1, cutoff=0.0)
    return f"unknown key `{shown}`; did you mean `{near[0]}`? Keys: {_listed(valid)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)

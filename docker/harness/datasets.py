"""Data sets from the operator's folder, where Keras would download them.

The folder is laid out like ``~/.keras/datasets``, with ``models/`` for the weights of ready-made networks.
Keras looks in its own cache first, which is empty in a new container; what it then wants to download is
looked up here by the name under which it would be cached, and by its name at the origin.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FOLDER = Path("/datasets")
_ENDINGS = ("", ".tar.gz", ".tgz", ".zip")
_TEMPORARY_ENDINGS = ("-target_archive", "_archive")


def serve(module: str, folder: Path = FOLDER) -> None:
    """Let a Keras find what is in the folder; does nothing where there is no folder.

    Args:
        module: Its imported module that downloads: the one with `get_file`.
        folder: The operator's data sets, read-only.
    """
    if not folder.is_dir():
        return
    files: Any = sys.modules[module]
    files.urlretrieve = _retrieving(files.urlretrieve, folder)
    files.validate_file = _validating(files.validate_file, folder)


def find(target: str, origin: str, folder: Path) -> Path | None:
    """Return the operator's file for a download, None when there is none.

    Args:
        target: Where Keras would put it.
        origin: The address it would come from.
        folder: The operator's data sets.
    """
    for name in _names(Path(target), Path(urlsplit(origin).path).name):
        found = folder / name
        if found.is_file():
            return found
    return None


def _names(target: Path, remote: str) -> Iterator[str]:
    """Give the names that a file may have in the folder, the surest first."""
    subfolder = target.parent.name
    # Fashion-MNIST's files are called like MNIST's own.
    inside = ("fashion-mnist/",) if subfolder == "fashion-mnist" else (f"{subfolder}/", "")
    stem = target.name
    for ending in _TEMPORARY_ENDINGS:
        stem = stem.removesuffix(ending)
    for place in inside:
        yield from (f"{place}{name}" for name in (target.name, remote))
        yield from (f"{place}{stem}{ending}" for ending in _ENDINGS)


def _retrieving(original: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    def urlretrieve(url: str, filename: str, *args: Any, **kwargs: Any) -> Any:
        found = find(str(filename), str(url), folder)
        if found is None:
            return original(url, filename, *args, **kwargs)
        target = Path(filename)
        target.unlink(missing_ok=True)
        target.symlink_to(found)
        return str(filename), None

    return urlretrieve


def _validating(original: Callable[..., bool], folder: Path) -> Callable[..., bool]:
    def validate_file(fpath: str, *args: Any, **kwargs: Any) -> bool:
        # The operator's own word for his own files: one of another split is what he wants.
        return Path(fpath).resolve().is_relative_to(folder.resolve()) or original(fpath, *args, **kwargs)

    return validate_file

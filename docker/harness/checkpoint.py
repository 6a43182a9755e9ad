"""The state of a training on disk, in ``out/checkpoint/``: used only inside the trial's own container.

``state.json`` names the files that belong to it and is replaced in one step, so that whatever is killed when,
a reader finds one whole state. Arrays are numpy's own format, without pickles.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MOST_BYTES = 1024**3
_STATE, _NEVER = "state.json", "never.json"


@dataclass
class FitState:
    """One call of `fit`, as far as it came.

    Args:
        number: Which call of the script, from 1.
        done: Whether it has returned.
        next_epoch: The epoch to go on with, in Keras' own count from 0.
        step: Batches of that epoch that are done.
        stopped: Whether something asked it to end (early stopping, pruning).
        logs: Its history so far.
        epochs: The epochs that the history is of.
        arrays: File with the values of all variables.
        callbacks: What the script's own callbacks remember, one object each.
        random: States of the random number generators.
        files: What was written in the working directory: relative path to stored file.
    """

    number: int
    done: bool = False
    next_epoch: int = 0
    step: int = 0
    stopped: bool = False
    logs: dict[str, list[Any]] = field(default_factory=dict)
    epochs: list[int] = field(default_factory=list)
    arrays: str = ""
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    random: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


@dataclass
class State:
    """Everything that a training goes on from.

    Args:
        fits: The calls of `fit`, in order.
        history: The epochs that were recorded.
        pruned_after: The epoch after which it was asked to end.
        warm_started: Whether it began with weights that it was given.
    """

    fits: list[FitState] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    pruned_after: int | None = None
    warm_started: bool = False

    def fit(self, number: int) -> FitState | None:
        """Return one call of `fit`, None when it had not come to its first checkpoint."""
        return next((fit for fit in self.fits if fit.number == number), None)


class Unreadable(ValueError):
    """What a checkpoint refers to is gone or damaged."""


class TooLarge(OSError):
    """A checkpoint would take more room than a training may use for it."""


class Folder:
    """The folder of a trial's checkpoint.

    Args:
        path: ``out/checkpoint``; need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> State | None:
        """Return the state of an earlier launch, None when there is none that can be read."""
        try:
            document = json.loads((self.path / _STATE).read_text(encoding="utf-8"))
            fits = [FitState(**fit) for fit in document.pop("fits")]
            return State(fits=fits, **document)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def why_never(self) -> str | None:
        """Return why the earlier launch made no checkpoint, None when it did not say."""
        try:
            return str(json.loads((self.path / _NEVER).read_text(encoding="utf-8"))["reason"])
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def never(self, reason: str) -> None:
        """Put on record that this script can't be resumed, and drop what there is."""
        self.clear()
        self.path.mkdir(exist_ok=True)
        self._write(_NEVER, {"reason": reason})

    def clear(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.path, ignore_errors=True)

    def write_arrays(self, name: str, arrays: Mapping[str, Any]) -> str:
        """Write arrays under a name that no state refers to yet, and return it.

        Raises:
            OSError: There is no room.
        """
        import numpy

        self.path.mkdir(exist_ok=True)
        with (self.path / name).open("wb") as stream:
            numpy.savez(stream, **arrays)
            _to_disk(stream.fileno())
        return name

    def read_arrays(self, name: str) -> dict[str, Any]:
        """Return arrays by name.

        Raises:
            Unreadable: The file is gone, or not numpy's format.
        """
        import zipfile

        import numpy

        try:
            with numpy.load(self.path / name, allow_pickle=False) as loaded:
                return {key: loaded[key] for key in loaded.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise Unreadable(f"its checkpoint can't be read ({error})") from error

    def write(self, state: State) -> None:
        """Make a state the one that counts, and remove the files that it does not need.

        Raises:
            TooLarge: All together are too large.
            OSError: There is no room.
        """
        needed = {name for fit in state.fits for name in (fit.arrays, *fit.files.values())}
        if sum((self.path / name).stat().st_size for name in needed) > MOST_BYTES:
            raise TooLarge(f"its checkpoint would be larger than {MOST_BYTES >> 20} MiB")
        self._write(_STATE, asdict(state))
        for name in set(os.listdir(self.path)) - needed - {_STATE}:  # noqa: PTH208 - names are wanted
            (self.path / name).unlink(missing_ok=True)

    def _write(self, name: str, document: object) -> None:
        temporary = self.path / f".{name}"
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump(document, stream)
            stream.flush()
            _to_disk(stream.fileno())
        temporary.replace(self.path / name)


class Kept:
    """The files that a script writes while it fits: kept with the checkpoint, put back by a resume.

    Args:
        folder: The working directory.
        checkpoint: Where copies go.
    """

    def __init__(self, folder: Path, checkpoint: Folder) -> None:
        self._folder, self._checkpoint = folder, checkpoint
        self._before: dict[str, tuple[int, int]] | None = None
        self._number = 0

    def begin(self) -> None:
        """Take what is there now for what the script finds or makes by itself after a restart."""
        if self._before is None:
            self._before = dict(self._listed())

    def keep(self, known: Mapping[str, str]) -> dict[str, str]:
        """Copy what changed since `begin`.

        Args:
            known: Stored copies by path; one that is of the present version is used again.

        Returns:
            Stored copies by path.

        Raises:
            OSError: There is no room.
        """
        before = self._before or {}
        changed = {path: version for path, version in self._listed() if before.get(path) != version}
        stored = {}
        for path, (size, modified) in changed.items():
            version = f"-{size}-{modified}"
            old = known.get(path, "")
            stored[path] = old if old.endswith(version) else self._copy(path, version)
        return stored

    def put_back(self, stored: Mapping[str, str]) -> None:
        """Put the stored copies where they were.

        Raises:
            Unreadable: One is gone, or there is no room.
        """
        try:
            for path, name in stored.items():
                target = self._folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self._checkpoint.path / name, target)
        except OSError as error:
            raise Unreadable(f"a file that it had written can't be put back ({error})") from error

    def _copy(self, path: str, version: str) -> str:
        self._number += 1
        self._checkpoint.path.mkdir(exist_ok=True)
        name = f"file-{os.getpid()}-{self._number}{version}"
        shutil.copyfile(self._folder / path, self._checkpoint.path / name)
        return name

    def _listed(self) -> Sequence[tuple[str, tuple[int, int]]]:
        return [
            (os.path.relpath(entry.path, self._folder), (status.st_size, status.st_mtime_ns))
            for entry in _files(self._folder)
            if (status := entry.stat(follow_symlinks=False)).st_size <= MOST_BYTES
        ]


def _files(folder: Path | str) -> list[os.DirEntry[str]]:
    found: list[os.DirEntry[str]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                found += _files(entry.path)
            elif entry.is_file(follow_symlinks=False):
                found.append(entry)
    return found


def _to_disk(descriptor: int) -> None:
    os.fsync(descriptor)

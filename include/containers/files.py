"""The files that stand beside a trial's training, written by the host and never seen by the container."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from include.containers.copying import remove_folder
from include.containers.errors import DiskFullError, NotLaunchedError
from include.containers.spec import ContainerSpec

_FULL = (errno.ENOSPC, errno.EDQUOT)
_SPEC_FILE = "container.json"
_FIRST_STATE = "first"  # a copy of work/ as it was before the first launch


def write_json(path: Path, document: object, mode: int | None = None) -> None:
    """Write a JSON file so that a reader sees the old one or the new one whole, also after a power cut.

    Args:
        path: The file.
        document: What it is to hold.
        mode: Its permissions, where the process' own umask must not decide on them.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as stream:
        if mode is not None:
            temporary.chmod(mode)
        json.dump(document, stream, indent=1, sort_keys=True)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """Return a document that `write_json` wrote, None when there is none."""
    try:
        return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def write_spec(trial_dir: Path, spec: ContainerSpec) -> None:
    """Write ``container.json``, before the launch, so that a container that vanishes can be made again."""
    write_json(trial_dir / _SPEC_FILE, spec.to_json())


def read_spec(trial_dir: Path) -> ContainerSpec | None:
    """Return the spec as launched (bound to its exact image), None when the trial was never launched."""
    document = read_json(trial_dir / _SPEC_FILE)
    return None if document is None else ContainerSpec.from_json(document)


def launched_spec(trial_dir: Path) -> ContainerSpec:
    """Return the spec as launched, of a trial that must have been.

    Raises:
        NotLaunchedError: There is no ``container.json``.
    """
    spec = read_spec(trial_dir)
    if spec is None:
        raise NotLaunchedError(trial_dir)
    return spec


def launched_at(trial_dir: Path) -> float | None:
    """Return when the trial was first launched, seconds since the epoch, None when it never was."""
    try:
        return (trial_dir / _SPEC_FILE).stat().st_mtime
    except FileNotFoundError:
        return None


@contextmanager
def _room_on_disk(trial_dir: Path) -> Iterator[None]:
    """Tell a full disk as such: the library of copying has one error for all that can happen.

    Raises:
        DiskFullError: There is no room for what was to be written.
    """
    try:
        yield
    except shutil.Error as error:
        if any(os.strerror(number) in str(error) for number in _FULL):
            raise DiskFullError(trial_dir) from error
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(trial_dir) from error
        raise


def make_ready(trial_dir: Path, user: str) -> None:
    """Empty the trial's ``out/``, give ``work/`` its first state, and let the container's user write both.

    Args:
        trial_dir: The trial's folder; ``work/`` and ``in/`` are made if missing.
        user: ``uid:gid`` of the container. Only root can give files to another user.

    Raises:
        DiskFullError: There is no room for them.
    """
    out = trial_dir / "out"
    if out.exists() and any(out.iterdir()):  # an empty one stays: a waiting container may have it mounted
        remove_folder(out)
    with _room_on_disk(trial_dir):
        make_folders(trial_dir)
        _keep_or_restore(trial_dir)
    hand_over(trial_dir, user)


def make_folders(trial_dir: Path) -> None:
    """Make the folders that a container sees, where they are missing."""
    for name in ("out", "work", "in"):
        (trial_dir / name).mkdir(parents=True, exist_ok=True)


def restore_work(trial_dir: Path, user: str) -> None:
    """Give ``work/`` the state it had before the first launch: the script starts from its first line again.

    What the harness needs of the launch before is in ``out/``, which stays.

    Raises:
        DiskFullError: There is no room for it.
    """
    with _room_on_disk(trial_dir):
        _keep_or_restore(trial_dir)
    hand_over(trial_dir, user)


def forget_first_state(trial_dir: Path) -> None:
    """Remove the copy of ``work/`` that launches begin with, because there will be none."""
    remove_folder(trial_dir / _FIRST_STATE)


def drop_what_it_wrote(trial_dir: Path) -> None:
    """Give ``work/`` back its first state and empty ``out/``, because a training wrote more than it may."""
    first, work, out = (trial_dir / name for name in (_FIRST_STATE, "work", "out"))
    if first.exists():
        remove_folder(work)
        first.rename(work)
    remove_folder(out)
    out.mkdir(parents=True)


def _keep_or_restore(trial_dir: Path) -> None:
    work, first = trial_dir / "work", trial_dir / _FIRST_STATE
    source, target = (first, work) if first.exists() else (work, first)
    building = target.with_name(f".{target.name}.building")
    remove_folder(building)
    shutil.copytree(source, building, symlinks=True)
    remove_folder(target)
    building.rename(target)


def hand_over(trial_dir: Path, user: str) -> None:
    """Let the container's user write ``out/`` and ``work/``."""
    uid, gid = (int(part) for part in user.split(":"))
    if (uid, gid) != (os.getuid(), os.getgid()):
        for folder in (trial_dir / "out", trial_dir / "work"):
            _give(folder, uid, gid)


def _give(folder: Path, uid: int, gid: int) -> None:
    # By descriptor and without following links: an earlier launch of the same script may have left some.
    for _, folders, files, descriptor in os.fwalk(folder, follow_symlinks=False):
        os.fchown(descriptor, uid, gid)
        for name in (*folders, *files):
            os.chown(name, uid, gid, dir_fd=descriptor, follow_symlinks=False)

"""Deliberate stops, on record beside the trial, so that none of them is ever taken for a crash."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from include.containers.files import read_json, write_json

_FILE = "stop.json"
_INTERRUPTION_FILE = "interrupted.json"


class StoppedBy(StrEnum):
    """Who ended a training that did not end by itself."""

    TIME_LIMIT = "time_limit"
    DISK_QUOTA = "disk_quota"
    USER = "user"
    PRUNED = "pruned"
    SUPERSEDED = "superseded"  # another trial ended the experiment
    MONITOR = "monitor"  # gave up relaunching it


@dataclass(frozen=True)
class Stop:
    """A deliberate stop and its reason, one sentence."""

    by: StoppedBy
    reason: str


def record_stop(trial_dir: Path, stop: Stop) -> None:
    """Put a deliberate stop on record, before the container is stopped. The first one on record stays."""
    if read_stop(trial_dir) is None:
        write_json(trial_dir / _FILE, {"by": stop.by.value, "reason": stop.reason})


def read_stop(trial_dir: Path) -> Stop | None:
    """Return the deliberate stop of a trial, None when there was none."""
    document = read_json(trial_dir / _FILE)
    return None if document is None else Stop(StoppedBy(document["by"]), document["reason"])


def forget_stop(trial_dir: Path) -> None:
    """Forget a trial's stop, because it is launched anew."""
    (trial_dir / _FILE).unlink(missing_ok=True)


@dataclass(frozen=True)
class Interruption:
    """A stop of the whole installation, after which the training is to go on.

    Args:
        at: Seconds since the epoch.
        reason: One sentence.
    """

    at: float
    reason: str


def record_interruption(trial_dir: Path, interruption: Interruption) -> None:
    """Put on record that the container is taken away, and that this is no crash."""
    write_json(trial_dir / _INTERRUPTION_FILE, {"at": interruption.at, "reason": interruption.reason})


def read_interruption(trial_dir: Path) -> Interruption | None:
    """Return the interruption that the training has not gone on from, None when there is none."""
    document = read_json(trial_dir / _INTERRUPTION_FILE)
    return None if document is None else Interruption(**document)


def forget_interruption(trial_dir: Path) -> None:
    """Forget an interruption, because the training goes on."""
    (trial_dir / _INTERRUPTION_FILE).unlink(missing_ok=True)

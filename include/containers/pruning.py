"""The request to end a training between epochs: a file that its container can read but not write."""

from __future__ import annotations

from pathlib import Path

from include.containers.files import read_json, write_json

_FILE = "prune.json"


def request_end(trial_dir: Path, reason: str) -> None:
    """Ask a training to end after the epoch it is in; the first request stays.

    Args:
        trial_dir: The trial's folder.
        reason: One sentence.
    """
    if end_requested(trial_dir) is None:
        path = trial_dir / "in" / _FILE
        write_json(path, {"reason": reason})
        path.chmod(0o644)  # the container's user reads it, whatever the umask here


def end_requested(trial_dir: Path) -> str | None:
    """Return why a training was asked to end, None when it was not."""
    document = read_json(trial_dir / "in" / _FILE)
    return None if document is None else str(document["reason"])


def forget_request(trial_dir: Path) -> None:
    """Forget the request, because the trial is launched anew."""
    (trial_dir / "in" / _FILE).unlink(missing_ok=True)

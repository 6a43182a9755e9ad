"""The trained model: what the script saved, else what it fitted last."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from harness.recording import Recording


def keep_model(
    recording: Recording, names: Iterable[str], folder: Path, out: Path, since: float
) -> str | None:
    """Put the model in ``out`` as ``model.<ext>``.

    Args:
        recording: What was seen of Keras.
        names: Files in which the script is known to save its model.
        folder: The working directory.
        out: Where the model goes.
        since: Older files (seconds since the epoch) are left from an earlier run.

    Returns:
        Its file name, None when there is no model.

    Raises:
        OSError: It could not be copied.
    """
    whole = [saved.path for saved in recording.saved if not saved.weights_only]
    written = [folder / name for name in names]
    for path in (*reversed(whole), *(path for path in written if _fresh(path, since))):
        if path.exists():
            return _copy(path, out)
    if recording.model is not None and recording.model.built:
        recording.model.save(out / "model.keras")
        return "model.keras"
    weights = [saved.path for saved in recording.saved if saved.path.exists()]
    return _copy(weights[-1], out) if weights else None


def _fresh(path: Path, since: float) -> bool:
    return path.is_file() and path.stat().st_mtime >= since


def _copy(path: Path, out: Path) -> str:
    if path.is_dir():
        return Path(shutil.make_archive(str(out / "model"), "zip", path)).name
    suffix = path.suffix if path.suffix[1:].isalnum() else ""
    return Path(shutil.copyfile(path, out / f"model{suffix}")).name

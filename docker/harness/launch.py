"""What is to be run: ``/trial/in/launch.json``, written by the host and read-only here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

# Where people write their accuracy, most frequent first (counted over 82 public repositories).
USUAL_ACCURACY_FILES = (
    "accuracy.txt",
    "acc.txt",
    "accu.txt",
    "accuracy_check.txt",
    "show_accuracy.txt",
    "modelaccuracy.txt",
)


@dataclass(frozen=True)
class Launch:
    """One training.

    Args:
        script: Training script, relative to the working directory.
        working_directory: The pushed repository's files, writable.
        arguments: The script's command-line arguments.
        stdin: Text on its standard input; None leaves that as it is.
        accuracy_files: Files in which the script is known to write its accuracy, first choice first.
        model_files: Files in which it is known to save its model.
        seed: Seed set before the script begins; None for none. Seeds of the script win.
        keras: ``legacy`` for a script of the Keras 1 and 2 era, None for one of today.
    """

    script: str
    working_directory: Path
    arguments: tuple[str, ...] = ()
    stdin: str | None = None
    accuracy_files: tuple[str, ...] = ()
    model_files: tuple[str, ...] = ()
    seed: int | None = None
    keras: str | None = None


def read_launch(path: Path) -> Launch:
    """Read the launch document.

    Raises:
        OSError: It can't be read.
        KeyError: A field without default is missing.
        ValueError: It is not JSON.
    """
    document = json.loads(path.read_text(encoding="utf-8"))
    known = tuple(document.get("accuracy_files", ()))
    return Launch(
        script=document["script"],
        working_directory=Path(document["working_directory"]),
        arguments=tuple(document.get("arguments", ())),
        stdin=document.get("stdin"),
        accuracy_files=(*known, *(name for name in USUAL_ACCURACY_FILES if name not in known)),
        model_files=tuple(document.get("model_files", ())),
        seed=document.get("seed"),
        keras=document.get("keras"),
    )

"""The best trial's model, hyper-parameters and patch, put where the team takes models from."""

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Protocol, Self

from include.containers.result import Result, copy_model, read_result
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import TrialRecord


class Folder(Protocol):
    """A path of any store: `pathlib.Path`, or Airflow's `ObjectStoragePath`."""

    def __truediv__(self, name: str, /) -> Self:
        """The path below this one."""
        ...

    def mkdir(self, mode: int = ..., parents: bool = ..., exist_ok: bool = ...) -> None:
        """Make the folder where the store has folders."""
        ...

    def open(self, mode: str, /) -> AbstractContextManager[IO[Any]]:
        """Open for writing bytes."""
        ...


class NothingToPublish(LookupError):
    """An experiment without a trial that has both an accuracy and a model."""

    def __init__(self, experiment: Experiment, reason: str) -> None:
        super().__init__(
            f"{experiment} has no model to publish: {reason}; clear the trial's `train` to repeat it"
        )


@dataclass(frozen=True)
class Published:
    """Where a model was put, and its manifest."""

    location: str
    manifest: Mapping[str, Any]


def publish_best(installation: Installation, experiment: str, models: Folder) -> Published:
    """Copy the best trial's model, hyper-parameters and patch, and describe them in `manifest.json`.

    The manifest is written last, so a folder with one is complete. The same call again writes the same.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.
        models: Root of all published models; this experiment's are below `<owner>/<repo>/<sha>/`.

    Raises:
        NothingToPublish: no trial has an accuracy, or the best one left no model.
    """
    found = installation.store.get(experiment)
    best = found.best
    if best is None:
        raise NothingToPublish(found, "no trial has an accuracy")
    trial = installation.settings.trial(experiment, best.number)
    result = read_result(trial / "out")
    if result is None:
        raise NothingToPublish(found, f"trial {best.number} left no result document")
    target = models / found.identity.repository / found.identity.commit
    target.mkdir(parents=True, exist_ok=True)
    name, checksum = _publish_model(trial / "out", result, target)
    for document in ("hyperparameters.json", "patch.diff"):
        _write(target / document, (trial / document).read_bytes())
    manifest = _manifest(found, best, result, name, checksum)
    _write(target / "manifest.json", (json.dumps(manifest, indent=2) + "\n").encode())
    model = None if name is None else str(target / name)
    found.set("published", {"location": str(target), "model": model, "sha256": checksum})
    return Published(str(target), manifest)


def _publish_model(out: Path, result: Result, target: Folder) -> tuple[str | None, str | None]:
    """Copy the model; a script that trains without Keras' own loop may have left none."""
    if result.model_file is None:
        return None, None
    name = f"model{Path(result.model_file).suffix}"
    with TemporaryDirectory() as scratch:
        return name, _copy(copy_model(out, result, Path(scratch) / name), target / name)


def _copy(model: Path, target: Folder) -> str:
    with model.open("rb") as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink)
    with model.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _write(target: Folder, data: bytes) -> None:
    with target.open("wb") as sink:
        sink.write(data)


def _manifest(
    experiment: Experiment, best: TrialRecord, result: Result, model: str | None, checksum: str | None
) -> dict[str, Any]:
    return {
        "repository": experiment.identity.repository,
        "sha": experiment.identity.sha,
        "attempt": experiment.identity.attempt,
        "branch": experiment.push.branch,
        "trial": best.number,
        "trials": len(experiment.trials()),
        "accuracy": best.accuracy,
        "accuracy_source": best.accuracy_source,
        "warm_started_from": best.warm_started_from,
        "target": experiment.goals.target,
        "hyperparameters": dict(best.values),
        "model": model,
        "sha256": checksum,
        "versions": dict(result.versions or {}),
        "published_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }

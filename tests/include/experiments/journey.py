"""An experiment's steps on real files and a real store, with the container's part written by hand."""

import json

from include.containers.ending import EndingKind
from include.containers.files import write_spec
from include.containers.outcome import Outcome as Ended
from include.containers.outcome import record_outcome
from include.experiments.experiment import Experiment
from include.experiments.inspection import inspect_push
from include.experiments.installation import Installation
from include.experiments.records import Goals
from include.experiments.training import prepare_training
from include.source.push import Push

SENDER = "better-cnn <better-cnn@example.com>"


def claim(installation: Installation, push: Push, goals: Goals, source: str) -> Experiment:
    tree = installation.settings.tree(push.repository, push.sha)
    tree.mkdir(parents=True)
    (tree / "mycode.py").write_text(source)
    experiment = installation.store.claim(push, goals, "run-1")
    assert experiment is not None
    inspect_push(installation, str(experiment))
    return experiment


def train(installation: Installation, experiment: Experiment, number: int, accuracy: float) -> None:
    """Leave what a container would have left."""
    request = prepare_training(str(experiment), number)
    write_spec(request.trial_dir, request.spec)
    out = request.trial_dir / "out"
    (out / "model.keras").write_bytes(b"weights %d" % number)
    result = {"status": "finished", "accuracy": accuracy, "model_file": "model.keras", "seconds": 1.0}
    (out / "result.json").write_text(json.dumps({**result, "accuracy_source": "evaluate"}))
    record_outcome(request.trial_dir, Ended(EndingKind.FINISHED, "done", f"container-{number}"))

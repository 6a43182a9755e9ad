"""Experiments with trials and their files, made through the store as the system makes them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from include.containers import EndingKind, record_outcome
from include.containers import Outcome as Ending
from include.detector.verdict import Evidence, Kind, Verdict
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Goals, Outcome, State
from include.source.push import Push
from include.tweaker.space import Proposal

HOSTILE = "<img src=x onerror=\"document.body.dataset.owned='1'\"><script>document.title='owned'</script>"
ACCURACIES = (0.61, 0.72, 0.70, 0.91)
PUSH = Push(
    repository="admin/mnist",
    branch="main",
    sha="0123456789abcdef0123456789abcdef01234567",
    author_name="Ada Developer",
    author_email="ada@example.com",
    message="Recognise digits\n\nWith a small network.",
    committed_at="2026-11-23T10:00:00Z",
    url="https://github.example/admin/mnist/commit/0123456",
)
GOALS = Goals(target=0.9, max_trials=8, max_hours=1, strategy="hill_climb")
VERDICT = Verdict(
    kind=Kind.CNN,
    what="convolutional network",
    framework="keras 3",
    trainable=True,
    script="mycode.py",
    reason="`mycode.py` builds a convolutional network.",
    evidence=(Evidence("mycode.py", 8, "model.add(Conv2D(32, (3, 3)))", "`Conv2D` is a convolution layer."),),
)


def push_number(number: int, **changes: str) -> Push:
    """A push with a SHA of its own."""
    return replace(PUSH, **{"sha": f"{number:040x}", **changes})


def claim(
    installation: Installation, push: Push = PUSH, run_id: str = "run-1", *, force: bool = False
) -> Experiment:
    """A claimed and inspected push without a trial."""
    experiment = installation.store.claim(push, GOALS, run_id, force=force)
    assert experiment is not None
    experiment.set("verdict", VERDICT.to_json())
    return experiment


def train(installation: Installation, experiment: Experiment, accuracy: float | None) -> int:
    """One more trial; without an accuracy it still runs."""
    number = len(experiment.trials()) + 1
    before = "your own values" if number == 1 else f"filters of conv 1: {2**number} → {2 ** (number + 1)}"
    experiment.propose(number, Proposal({"filters": 2 ** (number + 1), "epochs": 5}, before))
    folder = installation.settings.trial(str(experiment), number)
    (folder / "out").mkdir(parents=True)
    epochs = [
        {"epoch": e, "accuracy": 0.5 + e / 20, "val_accuracy": 0.4 + e / 20, "loss": 2 / e} for e in (1, 2, 3)
    ]
    (folder / "out" / "metrics.jsonl").write_text("".join(json.dumps(epoch) + "\n" for epoch in epochs))
    (folder / "patch.diff").write_text(
        f"--- a/mycode.py\n+++ b/mycode.py\n@@ -1 +1 @@\n-f = 4\n+f = {number}\n"
    )
    if accuracy is not None:
        end(folder, accuracy)
        experiment.tell(number, Outcome("finished", accuracy, "accuracy.txt", seconds=8.4))
    return number


def end(folder: Path, accuracy: float) -> None:
    """What a finished training leaves in its folder."""
    (folder / "out" / "model.keras").write_bytes(b"model of " + folder.name.encode())
    result = {"status": "finished", "accuracy": accuracy, "model_file": "model.keras", "seconds": 8.4}
    (folder / "out" / "result.json").write_text(json.dumps(result))
    (folder / "log.txt").write_text("Epoch 1/3\nEpoch 2/3\nEpoch 3/3\n")
    record_outcome(
        folder, Ending(EndingKind.FINISHED, "The training script ran to its end.", "c0ffee", 8.4, 0)
    )


def ended(installation: Installation, push: Push = PUSH, run_id: str = "run-1") -> Experiment:
    """An experiment that met its target with its fourth trial."""
    experiment = claim(installation, push, run_id)
    for accuracy in ACCURACIES:
        train(installation, experiment, accuracy)
    experiment.end(State.TARGET_MET)
    return experiment


def publish(installation: Installation, experiment: Experiment, root: Path) -> Path:
    """The published folder of an experiment, as `publish_best` leaves it."""
    folder = root / "published"
    folder.mkdir()
    (folder / "model.keras").write_bytes(b"the published model")
    (folder / "manifest.json").write_text(json.dumps({"model": "model.keras", "trial": 4}))
    experiment.set("published", {"location": folder.as_uri(), "model": "model.keras", "sha256": "0" * 64})
    return folder

"""What the demo leaves behind: `var/demo/report.json`, and whether all of it happened."""

import json
from pathlib import Path
from typing import Any

from include.experiments.experiment import Experiment
from include.experiments.records import State
from ops.errors import OpsError

LEAST_TRIALS = 3


class NotShownError(OpsError):
    """The demo ended without having shown all that it is to show."""


def report_of(experiment: Experiment, mail: Path, wall_seconds: float) -> dict[str, Any]:
    """Describe an ended experiment.

    Args:
        experiment: The experiment.
        mail: The developer's mail.
        wall_seconds: Seconds from the demo's start to the mail.
    """
    verdict, best = experiment.verdict, experiment.best
    return {
        "sha": experiment.identity.sha,
        "verdict": None if verdict is None else verdict.to_json(),
        "target": experiment.goals.target,
        "trials": [
            {
                "number": trial.number,
                "run_id": trial.run_id,
                "hyperparameters": dict(trial.values),
                "accuracy": trial.accuracy,
                "seconds": trial.seconds,
                "container_id": trial.container_id,
                "reason": trial.reason,
            }
            for trial in experiment.trials()
        ],
        "best_trial": None if best is None else best.number,
        "model_path": _model(experiment),
        "mail_path": str(mail),
        "wall_seconds": round(wall_seconds, 1),
    }


def write_report(report: dict[str, Any], path: Path) -> None:
    """Write the report."""
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def check(experiment: Experiment) -> None:
    """Make sure that the main job was shown whole.

    Raises:
        NotShownError: the target was not met, too soon, or without a model.
    """
    trials = experiment.trials()
    if experiment.state is not State.TARGET_MET:
        raise NotShownError(f"the experiment ended as {experiment.state.value}", "see the trials above")
    if len(trials) < LEAST_TRIALS:
        raise NotShownError(
            f"the target was met after {len(trials)} trials already", "raise it in ops/demo/__main__.py"
        )
    model = _model(experiment)
    if model is None or not Path(model).is_file():
        raise NotShownError("the model was not published", "look at publish_model's log in the web UI")


def _model(experiment: Experiment) -> str | None:
    published = experiment.attribute("published") or {}
    model = published.get("model")
    return None if model is None else str(model).removeprefix("file://")

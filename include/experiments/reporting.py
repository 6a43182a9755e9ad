"""An experiment as the developer is told of it, read from the store and the trials' folders."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from include.experiments.declaring import refused_wishes, wished_recipients
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import TrialRecord
from include.experiments.remembering import pull_request_url
from include.report import ExperimentReport, Relaunched, TrialLine
from include.report.report import TrialState
from include.repositories import UnknownRepository
from include.tweaker.space import Value


def report_of(
    installation: Installation, experiment: Experiment, run_url: str | None, experiment_url: str | None = None
) -> ExperimentReport:
    """Gather what a mail or page shows of an experiment.

    Args:
        installation: Where the experiment lives.
        experiment: The experiment.
        run_url: Page of the DAG run that reports, or None.
        experiment_url: Page of the experiment, or None.
    """
    push, trials, best = experiment.push, experiment.trials(), experiment.best
    folder = None if best is None else installation.settings.trial(str(experiment), best.number)
    published = experiment.attribute("published") or {}
    space = experiment.space
    labels = {p.name: p.label for p in space.parameters} if space else {}
    return ExperimentReport(
        repository=push.repository,
        branch=push.branch,
        sha=push.sha,
        author_name=push.author_name,
        message=push.message,
        commit_url=push.url,
        target=experiment.goals.target,
        trials=tuple(_line(trial, labels) for trial in trials),
        best=None if best is None else best.number,
        pushed_values=_labelled(trials[0].values, labels) if trials else {},
        winning_values={} if best is None else _labelled(best.values, labels),
        patch=_patch(folder),
        input_text=_input(folder),
        model_location=published.get("model"),
        model_sha256=published.get("sha256"),
        started_at=_moment(experiment.claimed_at),
        seconds=experiment.seconds,
        warm_started_from=None if best is None else best.warm_started_from,
        relaunched=_relaunched(trials),
        refused_wishes=_refused(installation, experiment),
        run_url=run_url,
        experiment_url=experiment_url,
        pull_request_url=pull_request_url(installation, experiment),
    )


def _moment(posix: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(posix))


def _relaunched(trials: Sequence[TrialRecord]) -> tuple[Relaunched, ...]:
    rows = [(relaunch, trial.number) for trial in trials for relaunch in trial.relaunches]
    rows.sort(key=lambda row: row[0].at)
    return tuple(Relaunched(number, _moment(row.at), row.reason) for row, number in rows)


def _refused(installation: Installation, experiment: Experiment) -> tuple[str, ...]:
    try:
        wished = wished_recipients(experiment, installation.repository(experiment)).refusals
    except UnknownRepository:  # not watched any more, and shown all the same
        wished = ()
    return (*refused_wishes(experiment), *wished)


def _labelled(values: Mapping[str, Value], labels: Mapping[str, str]) -> dict[str, Value]:
    """The values under the names that the reasons use: "filters of conv 1", not "conv1.filters"."""
    return {labels.get(name, name): value for name, value in values.items()}


def _line(trial: TrialRecord, labels: Mapping[str, str]) -> TrialLine:
    return TrialLine(
        number=trial.number,
        values=_labelled(trial.values, labels),
        accuracy=trial.accuracy,
        seconds=trial.seconds,
        reason=trial.reason,
        state=cast(TrialState, trial.state),
        accuracy_source=trial.accuracy_source,
        relaunches=len(trial.relaunches),
        error=trial.error,
        remarks=_remarks(trial),
    )


def _remarks(trial: TrialRecord) -> tuple[str, ...]:
    warm = trial.warm_started_from
    began = () if warm is None else (f"started from the weights of trial {warm}",)
    return (*began, trial.pruned) if trial.pruned else began


def _patch(folder: Path | None) -> str:
    if folder is None or not (folder / "patch.diff").exists():
        return ""
    # Not as text, which would drop the carriage returns that a patch of such lines needs.
    return (folder / "patch.diff").read_bytes().decode("utf-8", "surrogateescape")


def _input(folder: Path | None) -> str | None:
    if folder is None or not (folder / "in" / "launch.json").exists():
        return None
    stdin = json.loads((folder / "in" / "launch.json").read_text(encoding="utf-8"))["stdin"]
    return None if stdin is None else str(stdin)

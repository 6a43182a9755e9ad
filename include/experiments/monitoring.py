"""What the monitor watches, read from the store, and what it did, written back."""

from collections.abc import Iterator

from include.containers.deciding import Action, ActiveTrial
from include.containers.engine import Engine
from include.containers.files import read_spec
from include.containers.monitor import AuditLine, monitor_once
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation


def monitor_round(installation: Installation, engine: Engine) -> list[AuditLine]:
    """Answer every crash, hang and overrun once, and remember the relaunches with their trials.

    Args:
        installation: Whose trainings are watched.
        engine: The engine they run on.

    Returns:
        What was done, in order; nothing where all is well.
    """
    lines = monitor_once(engine, list(active_trials(installation)))
    for line in lines:
        if line.done and line.action is Action.RELAUNCH:
            _remember(installation.store.get(line.experiment), line)
    return lines


def active_trials(installation: Installation) -> Iterator[ActiveTrial]:
    """Trials whose container was launched and whose end the store does not hold yet."""
    for experiment in installation.store.active():
        for trial in experiment.trials():
            folder = installation.settings.trial(str(experiment), trial.number)
            if trial.finished or (spec := read_spec(folder)) is None:
                continue
            last = trial.relaunches[-1] if trial.relaunches else None
            yield ActiveTrial(
                experiment=str(experiment),
                trial=trial.number,
                spec=spec,
                out_dir=folder / "out",
                relaunches=last.number if last else 0,
                last_relaunch=last.at if last else None,
            )


def _remember(experiment: Experiment, line: AuditLine) -> None:
    known = experiment.trial(line.trial).relaunches
    rows = [{"number": r.number, "at": r.at, "reason": r.reason} for r in known]
    rows.append({"number": line.relaunch, "at": line.at, "reason": line.reason})
    experiment.note(line.trial, "relaunches", rows)

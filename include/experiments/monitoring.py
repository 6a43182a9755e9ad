"""What the monitor watches, read from the store, and what it did, written back."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

from include.containers.answering import Answer, answer
from include.containers.audit import AuditLine, Ledger
from include.containers.deciding import Action, ActiveTrial, Policy
from include.containers.engine import Engine
from include.containers.errors import EngineUnavailableError
from include.containers.files import read_spec
from include.containers.monitor import monitor_once
from include.experiments.engines import noted_engine
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Relaunch, TrialRecord

Connect = Callable[[str | None], Engine]


def monitor_round(
    installation: Installation, urls: Sequence[str | None], connect: Connect, policy: Policy | None = None
) -> Iterator[AuditLine]:
    """Answer every crash, hang and overrun once, on every engine, and remember what was done.

    Args:
        installation: Whose trainings are watched.
        urls: The engines; None is the one of ``DOCKER_HOST``.
        connect: Gives the engine at a URL.
        policy: The monitor's patience.

    Yields:
        What was done, in order; nothing where all is well.

    Raises:
        EngineUnavailableError: An engine does not answer; those that do were seen to first.
    """
    silent: EngineUnavailableError | None = None
    ledger = StoreLedger(installation)
    for url in urls:
        try:
            engine = connect(url)
        except EngineUnavailableError as error:
            silent = error
            continue
        trials = list(active_trials(installation))
        mine = [trial for trial in trials if trial.engine == url]
        # Two URLs may lead to one engine: what trains under the other one is no stray.
        others = [trial for trial in trials if trial.engine != url]
        yield from monitor_once(engine, mine, elsewhere=others, ledger=ledger, policy=policy)
    if silent is not None:
        raise silent


def answer_trial(
    installation: Installation, engine: Engine, experiment: str, trial: int, policy: Policy | None = None
) -> Answer | None:
    """Do what one trial's container needs now; what other processes do at the same time is not done twice.

    Args:
        installation: Whose trial it is.
        engine: The engine it runs on.
        experiment: Its experiment's id.
        trial: Its number.
        policy: The monitor's patience.

    Returns:
        What was decided and done; None where its training has ended, or was never launched.

    Raises:
        UnknownExperiment: The store has no such experiment.
    """
    active = active_trial(installation, experiment, trial)
    if active is None:
        return None
    return answer(engine, active, ledger=StoreLedger(installation), policy=policy)


def active_trials(installation: Installation) -> Iterator[ActiveTrial]:
    """Trials whose container was launched and whose end the store does not hold yet."""
    for experiment in installation.store.active():
        for trial in experiment.trials():
            if (active := _active(installation, experiment, trial)) is not None:
                yield active


def active_trial(installation: Installation, experiment: str, trial: int) -> ActiveTrial | None:
    """One such trial, None when it is not (or no more) one.

    Raises:
        UnknownExperiment: The store has no such experiment.
        UnknownTrial: The experiment has no such trial.
    """
    found = installation.store.get(experiment)
    return _active(installation, found, found.trial(trial))


def _active(installation: Installation, experiment: Experiment, trial: TrialRecord) -> ActiveTrial | None:
    folder = installation.settings.trial(str(experiment), trial.number)
    if trial.finished or (spec := read_spec(folder)) is None:
        return None
    last = trial.relaunches[-1] if trial.relaunches else None
    return ActiveTrial(
        experiment=str(experiment),
        trial=trial.number,
        spec=spec,
        out_dir=folder / "out",
        relaunches=last.number if last else 0,
        last_relaunch=last.at if last else None,
        engine=noted_engine(experiment, trial.number),
    )


class StoreLedger(Ledger):
    """Knows trials from the experiment store; keeps relaunches there, and every line in the audit file.

    Args:
        installation: Whose store and audit file.
    """

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def current(self, trial: ActiveTrial) -> ActiveTrial | None:
        """Return the trial as the store knows it now, None when its training has ended."""
        return active_trial(self._installation, trial.experiment, trial.trial)

    def record(self, line: AuditLine) -> None:
        """Add a line to the audit file, and a relaunch to its trial."""
        self._installation.settings.var.mkdir(parents=True, exist_ok=True)
        with self._installation.settings.audit_file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line.to_json()) + "\n")  # one write: lines of two processes don't mix
        if line.done and line.action is Action.RELAUNCH:
            _remember(self._installation.store.get(line.experiment), line)


def _remember(experiment: Experiment, line: AuditLine) -> None:
    # A container that was created and never started is launched under its number again.
    known = [r for r in experiment.trial(line.trial).relaunches if r.number != line.relaunch]
    relaunches = [*known, Relaunch(line.relaunch, line.at, line.reason)]
    experiment.note(line.trial, "relaunches", [asdict(relaunch) for relaunch in relaunches])

"""Whether something that happened to containers asks for a round of the monitor."""

from collections.abc import Iterable, Iterator

from include.containers.answering import probe
from include.containers.deciding import Action, ActiveTrial, decide
from include.containers.engine import Engine
from include.containers.events import ContainerEvent
from include.experiments.experiment import UnknownTrial
from include.experiments.installation import Installation
from include.experiments.monitoring import active_trial, active_trials
from include.experiments.store import UnknownExperiment


def notice(
    installation: Installation, engine: Engine, events: Iterable[ContainerEvent], now: float
) -> Iterator[str]:
    """Give a sentence for each event after which the monitor would act.

    An end that was deliberate, or that the train task judges, gives none.

    Args:
        installation: Whose containers these are.
        engine: The engine that told the events.
        events: What it told.
        now: Seconds since the epoch.
    """
    # Of several events of one container the last one says most: `die` comes after `kill` and `oom`.
    last = {(event.experiment, event.trial): event for event in events}
    for (experiment, number), event in last.items():
        try:
            trial = active_trial(installation, experiment, number)
        except (UnknownExperiment, UnknownTrial):  # of a deleted experiment: a stray, which has time
            continue
        if trial is not None and (event.action == "unhealthy" or _asks(engine, trial, now)):
            yield str(event)


def missed(installation: Installation, engine: Engine, url: str | None, now: float) -> Iterator[str]:
    """Give a sentence for each trial on an engine that the monitor would act on, whatever was told of it.

    Args:
        installation: Whose trials these are.
        engine: The engine.
        url: Its URL as the trials name it, None for the one of ``DOCKER_HOST``.
        now: Seconds since the epoch.
    """
    for trial in active_trials(installation):
        if trial.engine == url and _asks(engine, trial, now):
            yield f"{trial.spec.name}: found on connecting to its engine"


def _asks(engine: Engine, trial: ActiveTrial, now: float) -> bool:
    return decide(probe(engine, trial, now), now).action is not Action.NOTHING

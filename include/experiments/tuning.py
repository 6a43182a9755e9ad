"""The next trial of an experiment, proposed from its history or made by the developer's own script."""

from collections.abc import Callable
from dataclasses import dataclass

from include.containers.engine import Engine
from include.experiments.choosing import tweak_script
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.layout import lay_out
from include.experiments.making import Halt, Step
from include.experiments.parallel import Origin, end_by, ended_by_another, in_flight, proposing
from include.experiments.records import State, TrialRecord
from include.experiments.scripted import take_step
from include.repositories import TWEAK_SCRIPT
from include.tweaker import Observation, Proposal, propose

OWN_VALUES = "your own values"


@dataclass(frozen=True)
class NextTrial:
    """The trial to run next, as the DAG run that trains it."""

    number: int
    run_id: str
    conf: dict[str, str | int]
    reason: str


@dataclass(frozen=True)
class Wait:
    """Nothing is to be started now, because others of the experiment are in training; why in words."""

    reason: str


@dataclass(frozen=True)
class NoMoreTrials:
    """The experiment has ended: its state, and why in words."""

    state: State
    reason: str


def begin(experiment: Experiment) -> None:
    """Propose trial 1, which is always the developer's own values."""
    space = experiment.space
    defaults = space.defaults() if space else {}
    values = {p.name: defaults[p.name] for p in space.active(defaults)} if space else {}
    experiment.propose(1, Proposal(values, OWN_VALUES))


def next_trial(
    installation: Installation,
    experiment: str,
    trial: int,
    engine: Callable[[], Engine] | None = None,
    *,
    beside: bool = False,
) -> NextTrial | NoMoreTrials | Wait:
    """Propose the trial after another, or beside it, and lay out its files; once, however often it is called.

    Args:
        installation: Where the experiment lives.
        experiment: Id of the experiment.
        trial: The trial that was judged last; with `beside`, one that has just begun.
        engine: Connects to the Docker engine, for a push with a tweak script of its own; None for the
            engine of `DOCKER_HOST`.
        beside: Whether the trial is to use a free place beside `trial`, instead of following its end.

    Returns:
        The next trial; or why there is none: the experiment is ended then, or others of it are in training.

    Raises:
        ContainersError: The developer's tweak script could not be run, for no fault of its own.
    """
    found, origin = installation.store.get(experiment), Origin(trial, beside)
    with proposing(installation, found):
        planned = origin.follower(found.trials()) or _plan(installation, found, origin, engine)
        if isinstance(planned, NoMoreTrials | Wait):
            return planned
        lay_out(installation, found, planned.number)
    number, identity = planned.number, found.identity
    return NextTrial(number, identity.run_id(number), identity.conf(number), planned.reason)


def _plan(
    installation: Installation, experiment: Experiment, origin: Origin, engine: Callable[[], Engine] | None
) -> TrialRecord | NoMoreTrials | Wait:
    """Propose a trial that was not proposed yet."""
    script = tweak_script(installation, experiment)
    full = _full(experiment, origin, script)
    if full is not None:
        return full
    connect = engine or (lambda: Engine.connect(installation.settings.stack))
    step = (installation, experiment, origin.trial)
    proposal = _proposal(experiment) if script is None else _step(*step, script, connect)
    if isinstance(proposal, NoMoreTrials):
        return _no_more(installation, experiment, origin, proposal)
    planned = experiment.propose(len(experiment.trials()) + 1, proposal, str(origin))
    if experiment.state is not State.RUNNING:  # a cleared task may find more than it did the first time
        experiment.set("state", State.RUNNING.value)
    return planned


def _full(experiment: Experiment, origin: Origin, script: str | None) -> Wait | None:
    """Say why no trial may begin now, None where one may."""
    goals, trials = experiment.goals, experiment.trials()
    most = 1 if script else goals.parallel_trials  # a tweak script decides by the trial before, one by one
    others = len(in_flight(experiment))
    if origin.beside and not any(trial.finished for trial in trials):
        return Wait("the developer's own values are trained alone first")
    if others >= most:
        return Wait(f"{others} of at most {most} trainings at once are in flight")
    if origin.beside and len(trials) >= goals.max_trials:
        return Wait(f"all {goals.max_trials} trials are begun")
    if ended_by_another(experiment, origin.trial) is not None:
        return Wait("another trial has ended the experiment")
    return None


def _no_more(
    installation: Installation, experiment: Experiment, origin: Origin, why: NoMoreTrials
) -> NoMoreTrials | Wait:
    """End the experiment, unless trials are in flight whose accuracies may lead on."""
    if in_flight(experiment):
        return Wait(f"{why.reason}, until the trials in training tell more")
    end_by(installation, experiment, origin.trial, why.state)
    return why


def _step(
    installation: Installation, experiment: Experiment, trial: int, script: str, engine: Callable[[], Engine]
) -> Proposal | NoMoreTrials:
    step = take_step(Step(installation, experiment, trial, script), engine)
    if not isinstance(step, Halt):
        return step
    experiment.set("tweak_end", {"script": script, "trial": trial, "why": step.why})
    return NoMoreTrials(step.state, f"{script} {step.why}")


def _proposal(experiment: Experiment) -> Proposal | NoMoreTrials:
    space, strategy = experiment.space, experiment.goals.strategy
    if strategy == TWEAK_SCRIPT:
        return NoMoreTrials(State.EXHAUSTED, "the strategy is tweak.py, but the push has no such script")
    if space is None:
        return NoMoreTrials(State.EXHAUSTED, "the code has no hyper-parameter that could be changed")
    trials = experiment.trials()
    history = [Observation(t.values, t.accuracy) for t in trials if t.finished]
    running = [t.values for t in trials if not t.finished]
    proposal = propose(space, history, strategy=strategy, running=running)
    return proposal or NoMoreTrials(State.EXHAUSTED, "everything worth a trial was tried")

"""The next trial of an experiment, proposed from its history or made by the developer's own script."""

from collections.abc import Callable
from dataclasses import dataclass

from include.containers.engine import Engine
from include.experiments.choosing import strategy_of, tweak_script
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.layout import lay_out
from include.experiments.making import Halt, Step
from include.experiments.records import State
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
    installation: Installation, experiment: str, trial: int, engine: Callable[[], Engine] | None = None
) -> NextTrial | NoMoreTrials:
    """Propose the trial after `trial` and lay out its files; the same call again returns the same.

    Args:
        installation: Where the experiment lives.
        experiment: Id of the experiment.
        trial: The trial that was judged last.
        engine: Connects to the Docker engine, for a push with a tweak script of its own; None for the
            engine of `DOCKER_HOST`.

    Returns:
        The next trial, or why there is none: the experiment is ended then.

    Raises:
        ContainersError: The developer's tweak script could not be run, for no fault of its own.
    """
    found = installation.store.get(experiment)
    number = trial + 1
    script = tweak_script(installation, found)
    if len(found.trials()) < number:
        connect = engine or (lambda: Engine.connect(installation.settings.stack))
        following = _proposal(found) if script is None else _step(installation, found, trial, script, connect)
        if isinstance(following, NoMoreTrials):
            found.end(following.state)
            return following
        found.propose(number, following)
        if found.state is not State.RUNNING:  # a cleared task may find more than it did the first time
            found.set("state", State.RUNNING.value)
    lay_out(installation, found, number)
    identity = found.identity
    return NextTrial(number, identity.run_id(number), identity.conf(number), found.trial(number).reason)


def _step(
    installation: Installation, experiment: Experiment, trial: int, script: str, engine: Callable[[], Engine]
) -> Proposal | NoMoreTrials:
    step = take_step(Step(installation, experiment, trial, script), engine)
    if not isinstance(step, Halt):
        return step
    experiment.set("tweak_end", {"script": script, "trial": trial, "why": step.why})
    return NoMoreTrials(step.state, f"{script} {step.why}")


def _proposal(experiment: Experiment) -> Proposal | NoMoreTrials:
    space, strategy = experiment.space, strategy_of(experiment)
    if strategy == TWEAK_SCRIPT:
        return NoMoreTrials(State.EXHAUSTED, "the strategy is tweak.py, but the push has no such script")
    if space is None:
        return NoMoreTrials(State.EXHAUSTED, "the code has no hyper-parameter that could be changed")
    history = [Observation(t.values, t.accuracy) for t in experiment.trials() if t.finished]
    proposal = propose(space, history, strategy=strategy)
    return proposal or NoMoreTrials(State.EXHAUSTED, "everything worth a trial was tried")

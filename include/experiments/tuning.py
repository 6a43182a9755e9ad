"""The next trial of an experiment, proposed from its history."""

from dataclasses import dataclass

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.layout import lay_out
from include.experiments.records import State
from include.tweaker import Observation, Proposal, propose

OWN_VALUES = "your own values"


@dataclass(frozen=True)
class NextTrial:
    """The trial to run next, as the DAG run that trains it."""

    number: int
    run_id: str
    conf: dict[str, str | int]
    reason: str


def begin(experiment: Experiment) -> None:
    """Propose trial 1, which is always the developer's own values."""
    space = experiment.space
    defaults = space.defaults() if space else {}
    values = {p.name: defaults[p.name] for p in space.active(defaults)} if space else {}
    experiment.propose(1, Proposal(values, OWN_VALUES))


def next_trial(installation: Installation, experiment: str, trial: int) -> NextTrial | None:
    """Propose the trial after `trial` and lay out its files; the same call again returns the same.

    Args:
        installation: Where the experiment lives.
        experiment: Id of the experiment.
        trial: The trial that was judged last.

    Returns:
        The next trial, or None where nothing is left to try: the experiment is ended then.
    """
    found = installation.store.get(experiment)
    number = trial + 1
    if len(found.trials()) < number:
        proposal = _proposal(found)
        if proposal is None:
            found.end(State.EXHAUSTED)
            return None
        found.propose(number, proposal)
    lay_out(installation, found, number)
    identity = found.identity
    return NextTrial(number, identity.run_id(number), identity.conf(number), found.trial(number).reason)


def _proposal(experiment: Experiment) -> Proposal | None:
    space = experiment.space
    if space is None:
        return None
    history = [Observation(t.values, t.accuracy) for t in experiment.trials() if t.finished]
    return propose(space, history, strategy=experiment.goals.strategy)

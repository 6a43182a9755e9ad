"""What was told on GitHub of a push, kept with its first experiment, because all attempts share it."""

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.feedback.memory import Memory
from include.identity import ExperimentId

_KEY = "github"


def memory_of(first: Experiment) -> Memory:
    """The memory of a push.

    Args:
        first: Its first experiment.
    """
    return Memory(first.attribute(_KEY), lambda document: first.set(_KEY, document))


def pull_request_url(installation: Installation, experiment: Experiment) -> str | None:
    """Address of the pull request with the values that an experiment has found; None where there is none."""
    identity = experiment.identity
    first = (
        experiment
        if identity.attempt == 1
        else installation.store.get(str(ExperimentId(identity.repository, identity.sha)))
    )
    known = memory_of(first).get("pull_request") or {}
    return known.get("url") if known.get("experiment") == str(experiment) else None

"""From the fetched files of a push to its verdict, its search space and its first trial."""

from pathlib import Path

from include.detector import Kind, Verdict, inspect
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import State
from include.experiments.tuning import begin
from include.tweaker import discover


def inspect_push(installation: Installation, experiment: str) -> Verdict:
    """Decide what was pushed and store it; a verdict that stands already is returned as it is.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.
    """
    found = installation.store.get(experiment)
    verdict = found.verdict
    if verdict is None:
        verdict = inspect(_tree(installation, found), installation.repository(found).script)
        found.set("verdict", verdict.to_json())
    if not verdict.trainable:
        found.end(State.NOT_TRAINABLE)
    elif not found.trials():
        space = discover(_tree(installation, found), verdict)
        found.set("space", None if space is None else space.to_json())
        begin(found)
    return verdict


def refuse_push(installation: Installation, experiment: str, reason: str) -> Verdict:
    """Store that a push can't even be fetched: the developer is told, and nothing is trained.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.
        reason: What was refused and what to do, for the developer.
    """
    verdict = Verdict(
        kind=Kind.UNREADABLE,
        what="a push that is refused",
        framework="none",
        trainable=False,
        script=None,
        reason=reason,
    )
    installation.store.get(experiment).set("verdict", verdict.to_json())
    return verdict


def _tree(installation: Installation, experiment: Experiment) -> Path:
    return installation.settings.tree(experiment.identity.repository, experiment.identity.sha)

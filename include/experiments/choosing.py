"""Who decides on the next trial of an experiment: a strategy of ours, or the developer's own script."""

from pathlib import PurePosixPath

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.repositories import TWEAK_SCRIPT
from include.strategy_names import AUTO


def tweak_script(installation: Installation, experiment: Experiment) -> str | None:
    """The developer's tweak script if it decides on this experiment's trials, else None.

    It decides unless the operator or the trigger form asked for a strategy by name.

    Args:
        installation: Where the push's files and the operator's configuration are.
        experiment: The experiment.

    Returns:
        Its path relative to the tree: at the root, else beside the training script.
    """
    name = installation.repository(experiment).tweak_script
    verdict = experiment.verdict
    if name is None or verdict is None or experiment.goals.strategy not in (AUTO, TWEAK_SCRIPT):
        return None
    tree = installation.settings.tree(experiment.identity.repository, experiment.identity.sha)
    beside = PurePosixPath(verdict.script or "").parent / name
    for path in dict.fromkeys((name, str(beside))):
        file = tree / path
        if path != verdict.script and file.is_file() and not file.is_symlink():
            return path
    return None

"""From the fetched files of a push to its verdict, its search space and its first trial."""

from pathlib import Path

from include.detector import Kind, Verdict, inspect
from include.experiments.crashing import give_up
from include.experiments.declaring import apply_goals, read_declarations
from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.reading import read_space
from include.experiments.records import State
from include.experiments.tuning import begin
from include.tweaker.caps import Caps
from include.tweaker.declared import FILE_NAMES
from include.tweaker.errors import DeclarationError


def inspect_push(installation: Installation, experiment: str) -> Verdict:
    """Decide what was pushed and store it; a verdict that stands already is returned as it is.

    A `tweak.yaml` with a mistake in it makes a push that can't be trained: the developer is told which.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.

    Raises:
        DeclarationError: the operator's own declaration for the repository has a mistake.
    """
    found = installation.store.get(experiment)
    if found.verdict is None or (found.verdict.trainable and not found.trials()):
        try:
            _inspect(installation, found)
        except DeclarationError as error:
            if error.file not in FILE_NAMES:
                raise
            refuse_push(
                installation, experiment, f"{error}. Correct it and push again.", "a wrong tweak.yaml"
            )
    verdict = found.verdict
    if verdict is None:
        raise LookupError(f"{experiment} got no verdict")
    if found.attribute("stopped") and found.attribute("given_up") == 1:
        give_up(installation, experiment, 1)  # a person ended it meanwhile, which no verdict changes
    elif not verdict.trainable:
        found.end(State.NOT_TRAINABLE)
    return verdict


def _inspect(installation: Installation, experiment: Experiment) -> None:
    """Store the verdict and, where something can be trained, goals, search space and the first trial."""
    repository, tree = installation.repository(experiment), _tree(installation, experiment)
    declaration = read_declarations(installation, experiment)
    verdict = inspect(tree, repository.script or declaration.script)
    if verdict.trainable:
        apply_goals(experiment, declaration)
        caps = Caps(repository.max_parameters, round(repository.max_gmacs * 1e9))
        space = read_space(tree, verdict, caps)
        refined = None if space is None else declaration.refined(space)
        experiment.set("space", None if refined is None else refined.to_json())
    experiment.set("verdict", verdict.to_json())
    if verdict.trainable:
        begin(experiment)


def refuse_push(
    installation: Installation, experiment: str, reason: str, what: str = "a push that is refused"
) -> Verdict:
    """Store that a push can't be used as it is: the developer is told, and nothing is trained.

    Args:
        installation: Where the experiment lives.
        experiment: Its id.
        reason: What was refused and what to do, for the developer.
        what: The same in a few words.
    """
    verdict = Verdict(
        kind=Kind.UNREADABLE,
        what=what,
        framework="none",
        trainable=False,
        script=None,
        reason=reason,
    )
    installation.store.get(experiment).set("verdict", verdict.to_json())
    return verdict


def _tree(installation: Installation, experiment: Experiment) -> Path:
    return installation.settings.tree(experiment.identity.repository, experiment.identity.sha)

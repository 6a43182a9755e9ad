"""What the developer declares in `tweak.yaml`, and the operator beside `repositories.yaml`, for a push."""

from dataclasses import dataclass, replace

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.report.recipients import Wished, sort_by_domain
from include.repositories import Repository
from include.tweaker import SearchSpace
from include.tweaker.declared import Bounds, Declared, read_declared, read_declared_file, refine, within

_RECIPIENTS, _WISHED, _REFUSED = "operator_recipients", "wished_recipients", "refused_wishes"


@dataclass(frozen=True)
class Declaration:
    """Both declarations of an experiment; the developer's never loosens the operator's.

    Args:
        developer: The pushed `tweak.yaml`, None where there is none.
        operator: `tweak/<owner>__<name>.yaml` beside `repositories.yaml`, None where there is none.
    """

    developer: Declared | None = None
    operator: Declared | None = None

    @property
    def script(self) -> str | None:
        """The training script that is declared, the operator's word first."""
        return next((d.script for d in (self.operator, self.developer) if d is not None and d.script), None)

    def refined(self, space: SearchSpace) -> SearchSpace:
        """The search space as declared.

        Raises:
            DeclarationError: a declaration names what the push has not, or an impossible range.
        """
        if self.developer is None:
            return space if self.operator is None else refine(space, self.operator)
        return refine(space, self.developer, self.operator)


def read_declarations(installation: Installation, experiment: Experiment) -> Declaration:
    """Read both declarations of an experiment.

    Args:
        installation: Where the push's files and the operator's configuration are.
        experiment: The experiment, its files fetched.

    Raises:
        DeclarationError: one of them can't be used; its `file` says which.
    """
    identity, settings = experiment.identity, installation.settings
    kept = settings.config / "tweak" / f"{identity.repository.replace('/', '__')}.yaml"
    operator = read_declared_file(kept) if kept.is_file() else None
    return Declaration(read_declared(settings.tree(identity.repository, identity.sha)), operator)


def apply_goals(experiment: Experiment, declaration: Declaration) -> None:
    """Tighten the experiment's goals and add its recipients; the same call again changes nothing."""
    goals, refused = experiment.goals, list[str]()
    for declared in (declaration.operator, declaration.developer):
        bounded = within(declared, Bounds(goals.target, goals.max_trials, goals.max_hours))
        goals = replace(goals, target=bounded.target, max_trials=bounded.trials, max_hours=bounded.hours)
        refused += bounded.refused if declared is declaration.developer else ()
    experiment.set("goals", goals.to_json())
    for key, declared in ((_RECIPIENTS, declaration.operator), (_WISHED, declaration.developer)):
        experiment.set(key, [] if declared is None else list(declared.recipients))
    experiment.set(_REFUSED, refused)


def declared_recipients(experiment: Experiment) -> tuple[str, ...]:
    """Addresses that the operator's declaration names, besides those of `repositories.yaml`."""
    return tuple(experiment.attribute(_RECIPIENTS) or ())


def wished_recipients(experiment: Experiment, repository: Repository) -> Wished:
    """Whom the pushed `tweak.yaml` wants told: of those, the ones at domains that the operator allows.

    A push that could name anybody would make this installation send mail to strangers, with text of its own.
    """
    wished = tuple(experiment.attribute(_WISHED) or ())
    return sort_by_domain(wished, repository.recipient_domains)


def refused_wishes(experiment: Experiment) -> tuple[str, ...]:
    """A sentence for each wish of the developer that would have loosened what the operator set."""
    return tuple(experiment.attribute(_REFUSED) or ())

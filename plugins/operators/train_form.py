"""The trigger form of `train_cnn` in the web UI."""

from airflow.sdk import Param

from include.repositories import DECIDERS, PRUNERS, Repository
from include.strategy_names import what_is_missing


def form(repository: Repository) -> dict[str, Param]:
    """Parameters of a run, with what is configured as their defaults."""
    branch = repository.branch or "the default branch"
    return {
        "sha": Param(
            "",
            type=["string", "null"],
            title="Commit or branch",
            description_md=f"Full or short SHA, or a branch. Empty: the head of {branch}.",
        ),
        "target": Param(
            repository.target,
            type="number",
            exclusiveMinimum=0,
            maximum=1,
            title="Target accuracy",
            description_md="A fraction: 0.8 is 80 %. The experiment ends as soon as a trial reaches it.",
        ),
        "max_trials": Param(
            repository.max_trials,
            type="integer",
            minimum=1,
            title="Budget: trials",
            description_md="Most trainings of this push.",
        ),
        "max_hours": Param(
            repository.max_hours,
            type="number",
            exclusiveMinimum=0,
            title="Budget: hours",
            description_md="After that time no further trial is started.",
        ),
        "strategy": Param(
            repository.strategy,
            type="string",
            enum=[name for name in DECIDERS if not what_is_missing(name)],
            title="Strategy",
            description_md="How the next hyper-parameters are chosen. `auto`: by the push's own `tweak.py` "
            "where it has one.",
        ),
        "pruner": Param(
            repository.pruner,
            type="string",
            enum=list(PRUNERS),
            title="Pruner",
            description_md="Ends trainings early that fall behind the earlier trials; `none` ends none.",
        ),
        "warm_start": Param(
            repository.warm_start,
            type="boolean",
            title="Warm start",
            description_md="A larger network starts from the best trial's weights.",
        ),
        "parallel_trials": Param(
            repository.parallel_trials,
            type="integer",
            minimum=1,
            maximum=repository.parallel_trials,
            title="Trainings at once",
            description_md="Most trainings of this push at a time, of those that the operator allows.",
        ),
        "force": Param(
            False,
            type="boolean",
            title="Train again",
            description_md="Train this commit even if it was trained before.",
        ),
        "trial": Param(
            1,
            type="integer",
            minimum=1,
            title="Trial",
            description_md="Set by the loop from one trial to the next. Leave it at 1.",
        ),
    }

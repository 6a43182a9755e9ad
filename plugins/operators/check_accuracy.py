"""The callable of `check_accuracy`: from a judged trial to the task that follows."""

import logging

from include.experiments.installation import Installation
from include.experiments.judging import Next, judge_trial
from include.experiments.waiting import end_waiting
from plugins.operators import names

log = logging.getLogger(__name__)

BRANCHES: dict[Next, str | None] = {
    Next.PUBLISH: names.PUBLISH_MODEL,
    Next.TWEAK: names.TWEAK,
    Next.BUDGET_SPENT: names.NOTIFY_BUDGET_SPENT,
    Next.SCRIPT_ERROR: names.NOTIFY_SCRIPT_ERROR,
    Next.NOTHING: None,
}


def choose_next(experiment: str, trial: int) -> str | None:
    """Judge a trial and name the task that follows; None where other trials of the experiment decide.

    Args:
        experiment: Id of the experiment.
        trial: Number of the trial.
    """
    installation = Installation.from_environment()
    judgement = judge_trial(installation, experiment, int(trial))
    log.info("%s", judgement.reason)
    if judgement.next is not Next.TWEAK:
        end_waiting(installation, experiment, int(trial))
    return BRANCHES[judgement.next]

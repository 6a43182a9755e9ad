"""What follows a trial: a pure decision, one case for each row of the design."""

import pytest

from include.containers.ending import EndingKind
from include.containers.outcome import Outcome as Ended
from include.containers.result import Result
from include.experiments.judging import Next, decide, outcome_of
from include.experiments.records import Goals, TrialRecord

GOALS = Goals(target=0.9, max_trials=3, max_hours=2, strategy="hill_climb")


def trial(number: int, accuracy: float | None, ending: str = "finished") -> TrialRecord:
    state = "failed" if accuracy is None else "complete"
    return TrialRecord(number, {}, "", "run", state=state, accuracy=accuracy, ending=ending, error="broken")


@pytest.mark.parametrize(
    ("trials", "hours", "expected"),
    [
        ([trial(1, 0.9)], 0.1, Next.PUBLISH),
        ([trial(1, 0.89)], 0.1, Next.TWEAK),
        ([trial(1, 0.5), trial(2, 0.6), trial(3, 0.95)], 0.1, Next.PUBLISH),
        ([trial(1, 0.5), trial(2, 0.6), trial(3, 0.7)], 0.1, Next.BUDGET_SPENT),
        ([trial(1, 0.5)], 2.0, Next.BUDGET_SPENT),
        ([trial(1, None, "script_error")], 0.1, Next.SCRIPT_ERROR),
        ([trial(1, None, "finished")], 0.1, Next.SCRIPT_ERROR),
        ([trial(1, None, "out_of_memory")], 0.1, Next.TWEAK),
        ([trial(1, None, "too_slow")], 0.1, Next.TWEAK),
        ([trial(1, 0.5), trial(2, None, "script_error")], 0.1, Next.TWEAK),
    ],
)
def test_what_follows_a_trial(trials: list[TrialRecord], hours: float, expected: Next) -> None:
    assert decide(trials, GOALS, hours).next is expected


def test_a_reason_names_trial_accuracy_and_target() -> None:
    assert decide([trial(1, 0.5)], GOALS, 0).reason == "trial 1: accuracy 0.5000 is below the target 0.9"


def test_a_finished_training_gives_its_accuracy_and_source() -> None:
    result = Result("finished", accuracy=0.7, accuracy_source="evaluate", seconds=3.0)
    outcome = outcome_of(Ended(EndingKind.FINISHED, "done", "c1", 9.0), result)
    assert (outcome.accuracy, outcome.accuracy_source, outcome.seconds) == (0.7, "evaluate", 3.0)


def test_a_training_without_accuracy_says_how_to_report_one() -> None:
    outcome = outcome_of(Ended(EndingKind.FINISHED, "done"), Result("finished"))
    assert outcome.accuracy is None
    assert "write it to accuracy.txt" in str(outcome.error)


def test_the_accuracy_of_a_training_that_was_killed_does_not_count() -> None:
    outcome = outcome_of(Ended(EndingKind.OUT_OF_MEMORY, "too big"), Result("finished", accuracy=0.99))
    assert (outcome.accuracy, outcome.error) == (None, "too big")

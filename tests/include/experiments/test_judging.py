"""What follows a trial: a pure decision, one case for each row of the design."""

from dataclasses import replace

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
        ([trial(1, None, "disk_quota_exceeded")], 0.1, Next.SCRIPT_ERROR),
        ([trial(1, 0.5), trial(2, None, "disk_quota_exceeded")], 0.1, Next.TWEAK),
        ([trial(1, None, "out_of_memory")], 0.1, Next.TWEAK),
        ([trial(1, None, "too_slow")], 0.1, Next.TWEAK),
        ([trial(1, 0.5), trial(2, None, "script_error")], 0.1, Next.TWEAK),
    ],
)
def test_what_follows_a_trial(trials: list[TrialRecord], hours: float, expected: Next) -> None:
    assert decide(trials[-1], trials, GOALS, hours).next is expected


def test_a_reason_names_trial_accuracy_and_target() -> None:
    first = trial(1, 0.5)
    assert decide(first, [first], GOALS, 0).reason == "trial 1: accuracy 0.5000 is below the target 0.9"


def test_a_finished_training_gives_its_accuracy_and_source() -> None:
    result = Result("finished", accuracy=0.7, accuracy_source="evaluate", seconds=3.0)
    outcome = outcome_of(Ended(EndingKind.FINISHED, "done", "c1", 9.0), result)
    assert (outcome.accuracy, outcome.accuracy_source, outcome.seconds) == (0.7, "evaluate", 3.0)


def test_a_training_without_accuracy_says_how_to_report_one() -> None:
    outcome = outcome_of(Ended(EndingKind.FINISHED, "done"), Result("finished"))
    assert outcome.accuracy is None
    assert "write it to accuracy.txt" in str(outcome.error)


@pytest.mark.parametrize("ending", [EndingKind.FINISHED, EndingKind.SCRIPT_ERROR])
def test_a_training_that_ended_as_asked_is_pruned_even_where_its_script_missed_epochs(
    ending: EndingKind,
) -> None:
    result = Result("finished", accuracy=0.4, accuracy_source="evaluate", pruned_after=3, error="IndexError")
    outcome = outcome_of(Ended(ending, "ended"), result, "pruned after epoch 3 of 9")
    assert (outcome.pruned, outcome.accuracy, outcome.error) == ("pruned after epoch 3 of 9", 0.4, None)


@pytest.mark.parametrize(("asked", "after"), [(None, 3), ("behind", None)])
def test_a_training_is_pruned_only_if_it_was_asked_to_end_and_did(
    asked: str | None, after: int | None
) -> None:
    result = Result("finished", accuracy=0.4, pruned_after=after)
    assert outcome_of(Ended(EndingKind.FINISHED, "done"), result, asked).pruned is None


def test_a_script_that_failed_cannot_pass_for_pruned_by_itself() -> None:
    result = Result("failed", accuracy=0.4, pruned_after=3, error="IndexError")
    outcome = outcome_of(Ended(EndingKind.SCRIPT_ERROR, "ended"), result, None)
    assert (outcome.pruned, outcome.accuracy, outcome.error) == (None, None, "IndexError")


def test_the_search_goes_on_after_a_pruned_trial_whatever_accuracy_it_has() -> None:
    trials = [trial(1, 0.5), replace(trial(2, 0.95), pruned="pruned after epoch 3")]
    judgement = decide(trials[-1], trials, GOALS, 0.1)
    assert judgement.next is Next.TWEAK
    assert judgement.reason.startswith("trial 2: pruned after epoch 3; accuracy 0.9500")


def test_the_accuracy_of_a_training_that_was_killed_does_not_count() -> None:
    outcome = outcome_of(Ended(EndingKind.OUT_OF_MEMORY, "too big"), Result("finished", accuracy=0.99))
    assert (outcome.accuracy, outcome.error) == (None, "too big")

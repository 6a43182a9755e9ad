"""The fault matrix: whatever is broken while a trial trains, the experiment ends as if nothing had been."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.experiments.records import State
from tests.chaos.trouble import EPOCHS, FAULTS, Chaos, Fault, Run

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(2400)]

ONCE = tuple(range(1, EPOCHS + 1))


def test_an_undisturbed_experiment_trains_each_trial_once(undisturbed: Run) -> None:
    assert undisturbed.state is State.BUDGET_SPENT
    assert undisturbed.epochs == (ONCE, ONCE)
    assert undisturbed.relaunches == 0
    assert len({values for values, _ in undisturbed.trials}) == 2
    assert (undisturbed.mails, undisturbed.containers) == (1, 0)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.repository)
def test_the_experiment_ends_as_if_nothing_had_happened(
    chaos: Chaos, undisturbed: Run, fault: Fault, tmp_path: Path
) -> None:
    ended = chaos.run(fault.repository, fault.breaks, tmp_path)
    assert (ended.state, ended.trials) == (undisturbed.state, undisturbed.trials)
    assert ended.epochs == undisturbed.epochs
    assert fault.relaunches in (None, ended.relaunches > 0)
    assert set(ended.runs) == {"success"}
    assert (ended.mails, ended.containers) == (1, 0)

"""The fault matrix in a reduced form (`make chaos`: the whole). It comes last, as it breaks the stack."""

from pathlib import Path

import pytest

from include.experiments.records import State
from tests.chaos.trouble import (
    EPOCHS,
    Chaos,
    Fault,
    MachinesEngine,
    Run,
    Trial,
    kill_container,
    kill_scheduler,
    kill_triggerer,
    remove_container,
)
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

REPOSITORY = "wrecked"  # one for all of them: each repository that is watched costs a poll every few seconds
ONCE = tuple(range(1, EPOCHS + 1))


def kill_all(chaos: Chaos, trial: Trial) -> None:
    """Have nobody there who could answer at once."""
    kill_scheduler(chaos, trial)
    kill_triggerer(chaos, trial)
    remove_container(chaos, trial)


REDUCED = (Fault("container-killed", kill_container), Fault("container-and-watchers-gone", kill_all))


@pytest.fixture(scope="module")
def chaos(world: World) -> Chaos:
    """What is broken: the stack of all end-to-end tests, on the machine's engine."""
    return Chaos(world, MachinesEngine())


@pytest.fixture(scope="module")
def undisturbed(chaos: Chaos, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The experiment as it goes when nothing is broken."""
    return chaos.run(REPOSITORY, lambda _chaos, _trial: None, tmp_path_factory.mktemp("undisturbed"))


def test_an_undisturbed_experiment_needs_no_relaunch(undisturbed: Run) -> None:
    assert (undisturbed.state, undisturbed.epochs) == (State.BUDGET_SPENT, (ONCE,))
    assert (undisturbed.relaunches, undisturbed.mails, undisturbed.containers) == (0, 1, 0)


@pytest.mark.parametrize("fault", REDUCED, ids=lambda fault: fault.repository)
def test_a_training_that_is_cut_off_comes_to_what_it_would_have_come_to(
    chaos: Chaos, undisturbed: Run, fault: Fault, tmp_path: Path
) -> None:
    ended = chaos.run(REPOSITORY, fault.breaks, tmp_path)
    assert (ended.state, ended.trials) == (undisturbed.state, undisturbed.trials)
    assert ended.epochs == undisturbed.epochs, "each epoch was trained once, in mid-training it went on"
    assert ended.relaunches == 1
    assert set(ended.runs) == {"success"}
    assert (ended.mails, ended.containers) == (1, 0)

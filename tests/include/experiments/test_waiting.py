"""The next trial's container, started ahead: when, as what, and never left behind."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from include.containers import ContainerState, Engine, begin_training
from include.containers.outcome import record_outcome
from include.containers.waiting import CALL_SECONDS, waits
from include.experiments.installation import Installation
from include.experiments.judging import foresee, judge_trial
from include.experiments.layout import laid_out, lay_out
from include.experiments.training import prepare_training
from include.experiments.waiting import end_waiting
from include.repositories import TWEAK_SCRIPT
from tests.include.experiments.ahead import (
    ENDED,
    FAILED,
    MISSED,
    REACHED,
    MakeTrained,
    engine,
    installation,
    make_trained,
)

__all__ = ["engine", "installation", "make_trained"]

pytestmark = pytest.mark.docker

TWEAKS = """
text = open("mycode.py").read()
open("mycode.py", "w").write(text.replace("Conv2D(2", "Conv2D(4"))
"""


def test_a_trial_after_a_missed_target_begins_in_the_container_started_ahead(
    engine: Engine, make_trained: MakeTrained
) -> None:
    trained = make_trained()
    waiting = trained.start_next(engine)
    assert waiting is not None
    assert (waiting.trial, waiting.status) == (2, "running")
    assert not any((trained.folder(2) / "work").iterdir())  # it sees nothing of the push yet
    assert trained.judge(1).number == 2
    begun = begin_training(engine, prepare_training(trained.experiment, 2))
    assert isinstance(begun, ContainerState)
    assert begun.id == waiting.id
    assert (trained.folder(2) / "work" / "mycode.py").exists()


def test_the_trial_that_a_tweak_script_makes_begins_in_it_too(
    engine: Engine, make_trained: MakeTrained
) -> None:
    trained = make_trained(files={"tweak.py": TWEAKS}, strategy=TWEAK_SCRIPT)
    waiting = trained.start_next(engine)
    assert waiting is not None
    assert trained.judge(1).number == 2
    begun = begin_training(engine, prepare_training(trained.experiment, 2))
    assert isinstance(begun, ContainerState)
    assert begun.id == waiting.id
    assert "Conv2D(4" in (trained.folder(2) / "work" / "mycode.py").read_text()


@pytest.mark.parametrize(
    ("result", "changed"),
    [
        (REACHED, {}),
        (FAILED.replace("failed", "finished"), {}),
        (MISSED, {"max_trials": 1}),
        (MISSED, {"max_hours": 1e-9}),
        (MISSED, {"parallel_trials": 2}),
    ],
    ids=["target met", "no accuracy in trial 1", "trials spent", "hours spent", "trials in parallel"],
)
def test_none_is_started_where_no_trial_follows_or_several_do(
    engine: Engine, make_trained: MakeTrained, result: str, changed: dict[str, object]
) -> None:
    trained = make_trained(result, **changed)
    assert trained.start_next(engine) is None
    assert engine.find() == ()
    assert not trained.folder(2).exists()


def test_one_is_started_while_a_training_goes_on_whose_epochs_miss_the_target(
    engine: Engine, make_trained: MakeTrained
) -> None:
    trained = make_trained()
    trained.reach(0.5)
    waiting = trained.start_next(engine, ends=False)
    assert waiting is not None
    assert (waiting.trial, waiting.status) == (2, "running")
    assert trained.start_next(engine) is None  # the training ends: it is there already
    assert len(engine.find()) == 1


@pytest.mark.parametrize(
    ("accuracy", "changed"),
    [(0.95, {}), (0.5, {"max_trials": 1}), (0.5, {"max_hours": 1e-9})],
    ids=["target met", "trials spent", "hours spent"],
)
def test_none_is_started_while_a_training_goes_on_that_will_be_the_last(
    engine: Engine, make_trained: MakeTrained, accuracy: float, changed: dict[str, object]
) -> None:
    trained = make_trained(**changed)
    trained.reach(accuracy)
    assert trained.start_next(engine, ends=False) is None
    assert engine.find() == ()


@pytest.mark.parametrize("how", ["ended", "old"])
def test_one_that_is_of_no_use_when_the_training_ends_is_replaced(
    engine: Engine, make_trained: MakeTrained, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    trained = make_trained()
    early = trained.start_next(engine, ends=False)
    assert early is not None
    if how == "ended":
        engine.stop(str(early.id))
    else:
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + CALL_SECONDS - 5)  # it was called in time no more
    late = trained.start_next(engine)
    assert late is not None
    assert late.id != early.id
    assert [state.id for state in engine.find()] == [late.id]


def test_none_is_started_where_the_operator_wants_none(engine: Engine, make_trained: MakeTrained) -> None:
    trained = make_trained()
    file = trained.installation.settings.repositories_file
    file.write_text("repositories: [{name: admin/mnist, warm_containers: false}]")
    off = replace(trained, installation=Installation.from_environment())
    assert off.start_next(engine) is None


def test_none_is_started_for_a_trial_that_is_there_already(engine: Engine, make_trained: MakeTrained) -> None:
    trained = make_trained()
    trained.judge(1)
    assert trained.start_next(engine) is None
    assert engine.find() == ()


def test_one_that_is_not_needed_in_the_end_is_removed(engine: Engine, make_trained: MakeTrained) -> None:
    trained = make_trained()
    assert trained.start_next(engine) is not None
    end_waiting(trained.installation, trained.experiment, 1)
    assert engine.find() == ()
    assert not waits(trained.folder(2))
    end_waiting(trained.installation, trained.experiment, 1)  # a cleared task


@pytest.mark.parametrize("result", [MISSED, REACHED, FAILED], ids=["missed", "reached", "failed"])
def test_what_is_foreseen_is_what_is_judged(make_trained: MakeTrained, result: str) -> None:
    trained = make_trained(result)
    foreseen = foresee(trained.installation, trained.experiment, 1, ENDED)
    record_outcome(trained.folder(1), ENDED)
    assert foreseen == judge_trial(trained.installation, trained.experiment, 1)


def test_a_trial_is_laid_out_in_the_very_folders_that_its_container_has_mounted(
    make_trained: MakeTrained,
) -> None:
    trained = make_trained()
    folder = trained.folder(1)
    wanted = sorted(path.name for path in folder.iterdir())
    whole = (folder / "in" / "launch.json").read_text()
    (folder / "in" / "launch.json").unlink()  # killed while it was laid out
    (folder / "work" / "left").mkdir()
    (folder / "work" / "link").symlink_to("/etc")
    mounted = [(folder / name).stat().st_ino for name in ("work", "in")]
    experiment = trained.installation.store.get(trained.experiment)
    assert not laid_out(folder)
    assert laid_out(lay_out(trained.installation, experiment, 1))
    assert [(folder / name).stat().st_ino for name in ("work", "in")] == mounted
    assert sorted(path.name for path in folder.iterdir()) == wanted
    assert [path.name for path in (folder / "work").iterdir()] == ["mycode.py"]
    assert (folder / "in" / "launch.json").read_text() == whole

"""The next trial's container, started ahead: when, as what, and never left behind."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from include.containers import ContainerState, EndingKind, Engine, Outcome, begin_training
from include.containers.files import write_spec
from include.containers.outcome import record_outcome
from include.containers.waiting import waits
from include.experiments.experiment import Experiment
from include.experiments.inspection import inspect_push
from include.experiments.installation import Installation
from include.experiments.judging import foresee, judge_trial
from include.experiments.layout import laid_out, lay_out
from include.experiments.records import Goals
from include.experiments.training import prepare_training
from include.experiments.tuning import NextTrial, next_trial
from include.experiments.waiting import end_waiting, start_next
from include.repositories import TWEAK_SCRIPT
from include.source.push import Push
from tests.e2e.scripts import NETWORK

pytestmark = pytest.mark.docker

ENDED = Outcome(EndingKind.FINISHED, "done", "container")
TWEAKS = """
text = open("mycode.py").read()
open("mycode.py", "w").write(text.replace("Conv2D(2", "Conv2D(4"))
"""


@pytest.fixture
def engine(installation: Installation) -> Iterator[Engine]:
    found = Engine.connect(installation.settings.stack)
    yield found
    for state in found.find():
        found.remove(str(state.id))
    found.close()


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    config = tmp_path / "config"
    config.mkdir()
    (config / "repositories.yaml").write_text("repositories: [{name: admin/mnist}]")
    monkeypatch.setenv("CNN_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("CNN_CONFIG_DIR", str(config))
    monkeypatch.setenv("CNN_STACK", f"test-{os.getpid()}-{uuid.uuid4().hex[:6]}")
    return Installation.from_environment()


@dataclass(frozen=True)
class Trained:
    """An experiment whose last trial's training has ended, and is not judged."""

    installation: Installation
    experiment: str

    def start_next(self, engine: Engine, trial: int = 1) -> ContainerState | None:
        return start_next(self.installation, engine, self.experiment, trial, ENDED)

    def folder(self, trial: int) -> Path:
        return self.installation.settings.trial(self.experiment, trial)

    def train(self, number: int, result: str) -> None:
        request = prepare_training(self.experiment, number)
        write_spec(request.trial_dir, request.spec)
        (request.trial_dir / "out" / "result.json").write_text(result)

    def judge(self, number: int) -> NextTrial:
        record_outcome(self.folder(number), ENDED)
        judge_trial(self.installation, self.experiment, number)
        found = next_trial(self.installation, self.experiment, number)
        assert isinstance(found, NextTrial)
        return found


MISSED = '{"status": "finished", "accuracy": 0.5, "accuracy_source": "evaluate", "seconds": 1.0}'
MakeTrained = Callable[..., Trained]


@pytest.fixture
def make_trained(installation: Installation, push: Push, goals: Goals) -> MakeTrained:
    """Give a function that makes an experiment with trial 1 trained."""

    def make(result: str = MISSED, files: dict[str, str] | None = None, **changed: object) -> Trained:
        tree = installation.settings.tree(push.repository, push.sha)
        tree.mkdir(parents=True)
        for name, text in {"mycode.py": NETWORK, **(files or {})}.items():
            (tree / name).write_text(text)
        claimed = installation.store.claim(push, replace(goals, **changed), "run-1")  # type: ignore[arg-type]
        assert isinstance(claimed, Experiment)
        inspect_push(installation, str(claimed))
        made = Trained(installation, str(claimed))
        made.train(1, result)
        return made

    return make


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


REACHED = MISSED.replace("0.5", "0.95")
FAILED = '{"status": "failed", "error": "ValueError: no", "seconds": 1.0}'


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

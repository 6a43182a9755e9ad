"""`make status`: experiments and the running training, for a person and for scripts, running or not."""

import io
import json
import re
from typing import Any

import pytest
from rich.console import Console

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import Outcome, State
from include.settings import PROJECT_ROOT
from include.tweaker import Proposal
from ops import __main__ as ops_main
from ops.status import read_status, show
from tests.ops.installed import claimed, installation

__all__ = ["installation"]


def training(installation: Installation, message: str = "Try it") -> Experiment:
    """An experiment with one trial behind it and one in its second epoch of five."""
    experiment = claimed(installation, "a", message)
    experiment.propose(1, Proposal({"filters": 8}, "The values as pushed."))
    experiment.tell(1, Outcome("finished", 0.75, "evaluate"))
    experiment.propose(2, Proposal({"filters": 16}, "filters: 8 → 16"))
    for epoch, accuracy in ((1, 0.5), (2, 0.625)):
        experiment.report(2, epoch, accuracy)
    out = installation.settings.trial(str(experiment), 2) / "out"
    out.mkdir(parents=True)
    lines = [{"epoch": n, "planned": 5, "val_accuracy": a} for n, a in ((1, 0.5), (2, 0.625))]
    (out / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return experiment


def shown(installation: Installation, width: int = 200, terminal: bool = False) -> str:
    """What a person sees."""
    var = installation.settings.var
    status = read_status(var, var.parent / "config", {})
    sink = io.StringIO()
    show(status, Console(file=sink, width=width, force_terminal=terminal, highlight=False))
    return sink.getvalue()


def as_json(installation: Installation, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """Exit code and document of the command."""
    code = ops_main.main(["--var", str(installation.settings.var), "status", "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_running_trial_is_shown_with_its_epochs_and_accuracy_so_far(installation: Installation) -> None:
    training(installation)
    text = shown(installation)
    assert "admin/mnist@aaaaaaa" in text
    assert "0.750 < 0.900    1/5 trials" in text
    bar = next(line for line in text.splitlines() if "trial 2" in line)
    assert "epoch 2/5 · 0.625 < 0.900" in bar
    assert (bar.count("━"), bar.count("─")) == (11, 17)
    assert "filters: 8 → 16" in bar


def test_experiments_are_shown_newest_first(installation: Installation) -> None:
    for digit in "abc":
        claimed(installation, digit).end(State.BUDGET_SPENT)
    assert re.findall(r"admin/mnist@(.)", shown(installation)) == ["c", "b", "a"]


def test_an_old_experiment_that_runs_is_shown_among_the_newest(installation: Installation) -> None:
    training(installation)
    for number in range(1, 10):
        claimed(installation, str(number)).end(State.BUDGET_SPENT)
    for digit in "bcdef":
        claimed(installation, digit).end(State.BUDGET_SPENT)
    found = re.findall(r"admin/mnist@(.)", shown(installation))
    assert found == ["f", "e", "d", "c", "b", "9", "8", "7", "6", "5", "a"]


def test_a_script_reads_the_documented_keys(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    training(installation)
    code, document = as_json(installation, capsys)
    assert (code, document["healthy"], document["components"]) == (1, False, [])
    (experiment,) = document["experiments"]
    assert (experiment["state"], experiment["accuracy"], experiment["best_trial"]) == ("running", 0.75, 1)
    (trial,) = experiment["training"]
    assert (trial["trial"], trial["epoch"], trial["epochs"], trial["accuracy"]) == (2, 2, 5, 0.625)
    page = (PROJECT_ROOT / "docs" / "status.md").read_text()
    assert [key for key in (*document, *experiment, *trial) if f"`{key}`" not in page] == []


def test_looking_makes_nothing(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    code, document = as_json(installation, capsys)
    assert (code, document["experiments"]) == (1, [])
    assert not installation.settings.var.exists()


def test_a_push_can_not_reach_the_terminal(installation: Installation) -> None:
    training(installation, "\x1b[2J\x1b]0;owned\x07[bold red]x[/] \u202e")
    text = shown(installation, terminal=True)
    assert "\x1b[2J" not in text
    assert "owned" not in text
    assert "\u202e" not in text
    assert "[bold red]x[/]" in text


def test_lines_fit_a_narrow_terminal(installation: Installation) -> None:
    training(installation, "m" * 500)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown(installation, width=80, terminal=True)).splitlines()
    assert max(len(line) for line in lines) <= 80
    assert any(line.endswith("…") for line in lines)
    assert not any(line.startswith("m") for line in lines)  # cut, not wrapped


def test_a_hostile_metrics_file_hides_no_experiment(installation: Installation) -> None:
    experiment = training(installation)
    metrics = installation.settings.trial(str(experiment), 2) / "out" / "metrics.jsonl"
    metrics.unlink()
    metrics.symlink_to("/etc/passwd")
    assert "epoch 2 · 0.625 < 0.900" in shown(installation)


def test_mails_that_wait_are_counted(installation: Installation) -> None:
    for place in ("pending/a", "pending/b", "refused/c"):
        (installation.settings.outbox / place).mkdir(parents=True)
    assert "2 waiting, 1 refused" in shown(installation)

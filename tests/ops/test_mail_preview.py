"""`python -m ops mail`: an operator sees what own templates make of a real experiment, and sends nothing."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from include.experiments.installation import Installation
from include.experiments.records import State
from ops import __main__ as ops_main
from tests.ops.installed import claimed, installation

__all__ = ["installation"]  # the fixture


def run(installation: Installation, folder: Path, *arguments: str) -> int:
    """Run the command."""
    return ops_main.main(["--var", str(installation.settings.var), "mail", str(folder), *arguments])


def test_the_newest_ended_experiment_is_shown_with_the_operators_templates(
    installation: Installation, tmp_path: Path
) -> None:
    claimed(installation, "a", "An older push").end(State.BUDGET_SPENT)
    claimed(installation, "b", "A newer push").end(State.BUDGET_SPENT)
    claimed(installation, "c", "One that runs")
    templates = tmp_path / "config" / "templates"
    templates.mkdir()
    (templates / "budget_spent.html.j2").write_text("<p>Ours: {{ push.message }}</p>")
    assert run(installation, tmp_path / "out") == 0
    assert (tmp_path / "out" / "mail.html").read_text() == "<p>Ours: A newer push</p>"
    assert (tmp_path / "out" / "mail.txt").read_text().startswith("No accuracy after 0 trials, budget spent")
    mail = message_from_bytes((tmp_path / "out" / "mail.eml").read_bytes(), policy=policy.default)
    assert mail["Subject"].endswith("admin/mnist@bbbbbbb")
    assert not installation.settings.outbox.exists()


def test_a_broken_template_is_named(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    claimed(installation, "a").end(State.BUDGET_SPENT)
    templates = tmp_path / "config" / "templates"
    templates.mkdir()
    (templates / "budget_spent.html.j2").write_text("{{ no_such_name }}")
    assert run(installation, tmp_path / "out") == 0
    assert (
        "Made with the built-in templates: the mail template budget_spent.html.j2" in capsys.readouterr().out
    )
    assert "budget" in (tmp_path / "out" / "mail.html").read_text()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (None, "No experiment has ended here yet"),
        ("admin/mnist@" + "a" * 40, "has not ended"),
        ("admin/mnist@" + "d" * 40, "no experiment admin/mnist@ddd"),
        ("nonsense", "no experiment nonsense in the store"),
    ],
)
def test_without_an_ended_experiment_it_says_so(
    installation: Installation,
    tmp_path: Path,
    name: str | None,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    claimed(installation, "a")
    assert run(installation, tmp_path / "out", *(("--experiment", name) if name else ())) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

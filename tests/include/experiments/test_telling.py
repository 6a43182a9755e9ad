"""How the end of an experiment is told: by which mail, made with whose templates, to whom."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from include.containers.ending import EndingKind
from include.containers.outcome import Outcome as Ended
from include.containers.outcome import record_outcome
from include.experiments.crashing import give_up
from include.experiments.experiment import Experiment
from include.experiments.inspection import inspect_push
from include.experiments.installation import Installation
from include.experiments.records import Goals, State
from include.experiments.telling import compose, tell_developer
from include.experiments.training import prepare_training
from include.report import MailKind, Outbox
from include.source.push import Push
from include.tweaker.space import Proposal
from ops.mail_server import running_mail_server
from tests.e2e.scripts import DENSE, NETWORK
from tests.include.experiments.journey import SENDER, claim
from tests.include.report.posting import sender_to

ADA = ("ada@example.com",)
OPS = "alerts: [ops@example.com, 'no address@']\nrepositories: [{name: admin/mnist, target: 0.9}]\n"


@pytest.fixture
def templates(installation: Installation) -> Path:
    """The operator's folder of templates."""
    folder = installation.settings.config / "templates"
    folder.mkdir()
    return folder


@pytest.fixture
def spent(installation: Installation, push: Push, goals: Goals) -> Experiment:
    """An experiment whose budget is spent; the operator gets alerts."""
    installation.settings.repositories_file.write_text(OPS)
    experiment = claim(installation, push, goals, NETWORK)
    experiment.end(State.BUDGET_SPENT)
    installation.__dict__.pop("watched", None)
    return experiment


def delivered(installation: Installation, folder: Path) -> list[EmailMessage]:
    """What a real SMTP server gets of the outbox."""
    with running_mail_server(folder) as server:
        Outbox(installation.settings.outbox).deliver(sender_to(server.port))
        return server.mails()


def test_an_operators_template_makes_the_mail(
    installation: Installation, templates: Path, spent: Experiment
) -> None:
    (templates / "budget_spent.html.j2").write_text(
        '{% extends "built-in/budget_spent.html.j2" %}'
        "{% block intro %}Sorry, {{ push.author }}!{% endblock %}"
    )
    mail = compose(installation, spent, ADA)
    assert "Sorry, Ada!" in mail.html
    assert "Trials" in mail.html


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ no_such_name }}", "'no_such_name' is undefined"),
        ("{% if %}", "Expected an expression, got 'end of statement block' (line 1)"),
        ("{{ 1 // 0 }}", "ZeroDivisionError"),
        ('{% extends "budget_spent.html.j2" %}', "RecursionError"),
    ],
)
def test_a_broken_template_falls_back_to_ours_and_the_operator_is_told_once(
    installation: Installation, templates: Path, spent: Experiment, tmp_path: Path, source: str, said: str
) -> None:
    (templates / "budget_spent.html.j2").write_text(source)
    for _ in range(2):
        tell_developer(installation, str(spent), SENDER)
    alert, mail = delivered(installation, tmp_path / "mails")
    assert (alert["To"], mail["To"]) == ("ops@example.com", "ada@example.com")
    assert alert["Subject"] == "[better-cnn] the mail template budget_spent.html.j2 is broken"
    text = alert.get_content()
    assert said in text
    assert str(templates) in text
    page = mail.get_body(("html",))
    assert page is not None
    assert "best trial so far is below" in page.get_content() or "no trial came" in page.get_content()


def test_a_broken_template_loses_no_mail_where_nobody_gets_alerts(
    installation: Installation, templates: Path, spent: Experiment, tmp_path: Path
) -> None:
    installation.settings.repositories_file.write_text(OPS.partition("\n")[2])
    installation.__dict__.pop("watched", None)
    (templates / "base.txt.j2").write_bytes(b"\xff")
    tell_developer(installation, str(spent), SENDER)
    (mail,) = delivered(installation, tmp_path / "mails")
    assert mail["To"] == "ada@example.com"


def test_a_retried_task_sends_no_second_mail(
    installation: Installation, spent: Experiment, tmp_path: Path
) -> None:
    tell_developer(installation, str(spent), SENDER)
    assert len(delivered(installation, tmp_path / "mails")) == 1
    assert not tell_developer(installation, str(spent), SENDER).posted
    assert delivered(installation, tmp_path / "later") == []


def test_links_to_run_and_experiment_are_in_the_mail(installation: Installation, spent: Experiment) -> None:
    mail = compose(installation, spent, ADA, "http://a.example/run", "http://a.example/experiment")
    for form in (mail.html, mail.text):
        assert "http://a.example/run" in form
        assert "http://a.example/experiment" in form
        assert spent.push.url in form


@pytest.mark.parametrize(
    ("ending", "kind", "said"),
    [
        (EndingKind.CRASHED, MailKind.CRASHED, "killed by signal 9"),
        (EndingKind.STOPPED, MailKind.STOPPED, "Trial 1 was stopped"),
        (None, MailKind.SYSTEM_FAILED, "trial 1 could not be trained"),
    ],
)
def test_a_training_that_was_given_up_is_told_as_what_it_was(
    installation: Installation,
    push: Push,
    goals: Goals,
    ending: EndingKind | None,
    kind: MailKind,
    said: str,
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    folder = installation.settings.trial(str(experiment), 1)
    if ending is not None:
        folder.mkdir(parents=True)
        record_outcome(folder, Ended(ending, "killed by signal 9", "container-1"))
    give_up(installation, str(experiment), 1)
    mail = compose(installation, experiment, ADA)
    assert (mail.kind, said in mail.text) == (kind, True)
    assert bool(experiment.attribute("stopped")) == (kind is MailKind.STOPPED)


def test_a_trial_that_is_lost_after_an_earlier_one_was_stopped_and_trained_on_is_no_stop(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    give_up(installation, str(experiment), 1, task_failed=True)
    experiment.propose(2, Proposal({}, "more filters"))
    give_up(installation, str(experiment), 2)
    assert not experiment.attribute("stopped")
    assert compose(installation, experiment, ADA).kind is MailKind.SYSTEM_FAILED


@pytest.mark.parametrize("is_proposed", [True, False])
def test_a_task_that_a_person_ended_before_it_ran_is_told_as_a_stop(
    installation: Installation, push: Push, goals: Goals, is_proposed: bool
) -> None:
    claimed = installation.store.claim(push, goals, "run-1") if not is_proposed else None
    experiment = claimed or claim(installation, push, goals, NETWORK)
    give_up(installation, str(experiment), 1, task_failed=True)
    mail = compose(installation, experiment, ADA)
    assert (mail.kind, "A person ended it before" in mail.text) == (MailKind.STOPPED, True)


@pytest.mark.parametrize("source", [NETWORK, DENSE])
def test_a_push_that_a_person_stopped_while_it_was_inspected_stays_stopped(
    installation: Installation, push: Push, goals: Goals, source: str
) -> None:
    experiment = installation.store.claim(push, goals, "run-1")
    assert experiment is not None
    give_up(installation, str(experiment), 1, task_failed=True)
    tree = installation.settings.tree(push.repository, push.sha)
    tree.mkdir(parents=True)
    (tree / "mycode.py").write_text(source)
    inspect_push(installation, str(experiment))
    assert (experiment.state, all(trial.finished for trial in experiment.trials())) == (State.CRASHED, True)
    assert compose(installation, experiment, ADA).kind is MailKind.STOPPED


def test_a_task_that_failed_when_it_had_run_is_told_as_the_systems_failure(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, NETWORK)
    prepare_training(str(experiment), 1)
    give_up(installation, str(experiment), 1, task_failed=True)
    assert compose(installation, experiment, ADA).kind is MailKind.SYSTEM_FAILED


def test_a_push_that_could_not_be_fetched_is_told_as_the_systems_failure(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = installation.store.claim(push, goals, "run-1")
    assert experiment is not None
    give_up(installation, str(experiment), 1)
    mail = compose(installation, experiment, ADA)
    assert mail.kind is MailKind.SYSTEM_FAILED
    assert "could not fetch or inspect your push" in mail.text
    assert "Please tell its operator." in mail.text


def test_a_push_that_is_no_cnn_is_linked_to_its_experiment_too(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = claim(installation, push, goals, DENSE)
    mail = compose(installation, experiment, ADA, "http://a.example/run", "http://a.example/experiment")
    assert mail.kind is MailKind.NOT_A_CNN
    assert "http://a.example/experiment" in mail.text

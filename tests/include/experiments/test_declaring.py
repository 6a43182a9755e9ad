"""A push with `tweak.yaml`: it narrows what the operator allows, and its mistakes are told."""

import json

import pytest

from include.detector import Kind
from include.experiments.declaring import refused_wishes
from include.experiments.experiment import Experiment
from include.experiments.inspection import inspect_push
from include.experiments.installation import Installation
from include.experiments.records import Goals, State
from include.experiments.telling import compose, recipients_of, tell_developer
from include.source.push import Push
from include.tweaker.errors import DeclarationError
from tests.e2e.scripts import NETWORK
from tests.include.experiments.journey import SENDER


def pushed(installation: Installation, push: Push, goals: Goals, declaration: str) -> Experiment:
    """An experiment whose push has this `tweak.yaml`."""
    tree = installation.settings.tree(push.repository, push.sha)
    tree.mkdir(parents=True)
    (tree / "mycode.py").write_text(NETWORK)
    (tree / "tweak.yaml").write_text(declaration)
    experiment = installation.store.claim(push, goals, "run-1")
    assert experiment is not None
    return experiment


def of_operator(installation: Installation, text: str) -> None:
    """Write the operator's declaration for `admin/mnist`."""
    folder = installation.settings.config / "tweak"
    folder.mkdir(parents=True)
    (folder / "admin__mnist.yaml").write_text(text)


def allow(installation: Installation, *domains: str) -> None:
    """Let pushes to `admin/mnist` name addresses at these domains."""
    entry = {"name": "admin/mnist", "target": 0.9, "recipient_domains": list(domains)}
    installation.settings.repositories_file.write_text(json.dumps({"repositories": [entry]}))
    installation.__dict__.pop("watched", None)


def test_a_declaration_raises_the_target_and_lowers_the_budget(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = pushed(installation, push, goals, "target: 0.95\nbudget: {trials: 2}\n")
    inspect_push(installation, str(experiment))
    assert (experiment.goals.target, experiment.goals.max_trials, experiment.goals.max_hours) == (0.95, 2, 1)


def test_a_wish_beyond_what_the_operator_set_is_refused_and_told(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = pushed(installation, push, goals, "target: 0.5\nbudget: {trials: 50}\n")
    inspect_push(installation, str(experiment))
    assert (experiment.goals.target, experiment.goals.max_trials) == (0.9, 5)
    experiment.end(State.BUDGET_SPENT)
    mail = compose(installation, experiment, ["ada@example.com"], None)
    assert all(wish in mail.text for wish in refused_wishes(experiment))
    assert len(refused_wishes(experiment)) == 2


def test_a_declared_range_is_the_search_space(installation: Installation, push: Push, goals: Goals) -> None:
    wish = "parameters:\n  conv1.filters: {low: 2, high: 6, step: 1}\nfixed: [conv1.kernel_size]\n"
    experiment = pushed(installation, push, goals, wish)
    inspect_push(installation, str(experiment))
    assert experiment.space is not None
    ranges = {parameter.name: parameter.distribution for parameter in experiment.space.parameters}
    assert "conv1.kernel_size" not in ranges
    assert (ranges["conv1.filters"].low, ranges["conv1.filters"].high) == (2, 6)  # type: ignore[attr-defined]


def test_a_mistake_is_told_with_file_key_and_the_nearest_name(
    installation: Installation, push: Push, goals: Goals
) -> None:
    experiment = pushed(installation, push, goals, "parameters:\n  conv1.filter: {low: 2, high: 6}\n")
    verdict = inspect_push(installation, str(experiment))
    assert (verdict.kind, experiment.state) == (Kind.UNREADABLE, State.NOT_TRAINABLE)
    assert "tweak.yaml" in verdict.reason
    assert "conv1.filters" in verdict.reason
    assert inspect_push(installation, str(experiment)) == verdict
    assert tell_developer(installation, str(experiment), SENDER).posted


def test_a_mistake_of_the_operator_is_not_the_developers(
    installation: Installation, push: Push, goals: Goals
) -> None:
    of_operator(installation, "targt: 0.9\n")
    experiment = pushed(installation, push, goals, "")
    with pytest.raises(DeclarationError, match=r"admin__mnist\.yaml.*targt.*target"):
        inspect_push(installation, str(experiment))
    assert experiment.verdict is None


def test_declared_recipients_are_told_besides_the_author(
    installation: Installation, push: Push, goals: Goals
) -> None:
    of_operator(installation, "recipients: [team@elsewhere.example]\n")
    experiment = pushed(installation, push, goals, "recipients: [bob@example.com]\n")
    inspect_push(installation, str(experiment))
    experiment.end(State.BUDGET_SPENT)
    allow(installation, "example.com")
    to = recipients_of(installation, experiment).addresses
    assert to == ("ada@example.com", "team@elsewhere.example", "bob@example.com")


@pytest.mark.parametrize("allowed", [(), ("example.org", "*.example.com", "ample.com")])
def test_a_push_names_no_stranger_and_is_told_so(
    installation: Installation, push: Push, goals: Goals, allowed: tuple[str, ...]
) -> None:
    experiment = pushed(installation, push, goals, "recipients: [bob@example.com]\n")
    inspect_push(installation, str(experiment))
    experiment.end(State.BUDGET_SPENT)
    allow(installation, *allowed)
    chosen = recipients_of(installation, experiment)
    assert chosen.addresses == ("ada@example.com",)
    assert "bob@example.com gets no mail" in chosen.explanation
    mail = compose(installation, experiment, chosen.addresses)
    assert "`recipients` bob@example.com gets no mail: the operator's `recipient_domains`" in mail.text

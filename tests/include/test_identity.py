"""Names of experiments and of the runs that carry their trials."""

import re

import pytest

from include.identity import BadExperimentId, ExperimentId

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("attempt", [1, 2, 13])
def test_an_id_is_read_back_as_it_was_written(attempt: int) -> None:
    identity = ExperimentId("admin/mnist", SHA, attempt)
    assert ExperimentId.parse(str(identity)) == identity


@pytest.mark.parametrize(
    "text", ["", "admin/mnist", f"admin@{SHA}", f"a/b@{SHA[:12]}", f"a/b@{SHA}+0", f"a/b@{SHA}x"]
)
def test_a_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(BadExperimentId, match="names no experiment; the form is"):
        ExperimentId.parse(text)


def test_a_run_is_named_by_commit_and_trial_and_attempt() -> None:
    assert ExperimentId("a/b", SHA).run_id(3) == "0123456789ab.trial-3"
    assert ExperimentId("a/b", SHA, 2).run_id(1) == "0123456789ab+2.trial-1"


def test_run_ids_are_ones_that_airflow_allows() -> None:
    allowed = re.compile(r"^[A-Za-z0-9_.~:+-]+$")  # [core] allowed_run_id_pattern of Airflow 3.3
    assert allowed.match(ExperimentId("a/b", SHA, 2).run_id(12))


def test_the_conf_leads_back_to_the_experiment() -> None:
    identity = ExperimentId("a/b", SHA, 2)
    conf = identity.conf(4)
    assert ExperimentId.parse(f"a/b@{conf['sha']}") == identity
    assert conf["trial"] == 4

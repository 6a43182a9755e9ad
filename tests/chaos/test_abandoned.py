"""A person ends a run while no triggerer is there that would stop its container: the monitor does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from docker.models.containers import Container

from include.containers.naming import EXPERIMENT
from include.experiments.records import State
from ops.airflow_api import AirflowApi
from tests.chaos.trouble import EPOCHS, SCRIPT, Chaos, Trial

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(2400)]

LONG = SCRIPT.replace(f"epochs={EPOCHS}", "epochs=1000")
DAG = "dags/train_cnn__admin__abandoned"


def mark_failed(api: AirflowApi, run: str) -> None:
    api.patch(f"{DAG}/dagRuns/{run}", {"state": "failed"})


def mark_success(api: AirflowApi, run: str) -> None:
    api.patch(f"{DAG}/dagRuns/{run}", {"state": "success"})


@pytest.mark.parametrize("end", [mark_failed, mark_success])
def test_the_container_goes_and_the_developer_is_told_while_the_triggerer_is_still_down(
    chaos: Chaos, end: Callable[[AirflowApi, str], None], tmp_path: Path
) -> None:
    trial = chaos.pushed("abandoned", LONG, tmp_path)
    known = chaos.world.known(trial.experiment)
    assert known is not None
    with chaos.stopped("triggerer"):
        end(chaos.world.api, known.run_id(1))
        ended = chaos.world.ended(trial.experiment)
        chaos.world.eventually(lambda: not _containers(chaos, trial), "its container goes", 300)
    assert (ended.state, ended.attribute("stopped")) == (State.CRASHED, "A person stopped it.")
    (mail,) = chaos.world.mails(ended.identity.sha)
    assert str(mail["subject"]).startswith("Stopped in trial 1")
    assert _answers(chaos, trial)[0] == "stop"
    assert "relaunch" not in _answers(chaos, trial)


def _answers(chaos: Chaos, trial: Trial) -> list[str]:
    lines = chaos.world.stage.settings.audit_file.read_text(encoding="utf-8").splitlines()
    return [line["action"] for line in map(json.loads, lines) if line["experiment"] == trial.experiment]


def _containers(chaos: Chaos, trial: Trial) -> list[Container]:
    return chaos.engine.client().containers.list(
        all=True, filters={"label": f"{EXPERIMENT}={trial.experiment}"}
    )

"""What the operator is told of a failure of the system, by a real SMTP server."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from airflow.sdk import DAG

from ops.mail_server import running_mail_server
from plugins.operators.alerts import operator_alerts

LOG = "http://127.0.0.1:8080/dags/d/runs/r/tasks/train?try_number=4"


def context(exception: BaseException) -> Any:
    """As a failed task gives it to its callbacks."""
    task = SimpleNamespace(task_id="train", try_number=4, log_url=LOG)
    return {"dag": DAG("d", schedule=None), "ti": task, "run_id": "r", "exception": exception}


def test_an_alert_names_the_task_its_exception_and_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (notifier,) = operator_alerts(("ops@example.com",))["on_failure_callback"]
    with running_mail_server(tmp_path) as server:
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "cnn@example.com"}
        connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": server.port, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(connection))
        notifier(context(RuntimeError("<script>x</script> {{ 7 * 191 }}")))
        (mail,) = server.mails()
    assert (mail["To"], mail["Subject"]) == ("ops@example.com", "[better-cnn] d.train failed in r")
    body = mail.get_body(("html",))
    assert body is not None
    page = cast(str, body.get_content())
    assert "&lt;script&gt;x&lt;/script&gt; {{ 7 * 191 }}" in page
    assert f'<a href="{LOG}">' in page
    assert "1337" not in page


def test_without_an_address_no_alert_is_sent() -> None:
    assert operator_alerts(()) == {}

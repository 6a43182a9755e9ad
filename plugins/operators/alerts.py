"""Alerts to the operator for failures of the system itself."""

from typing import Any

from airflow.providers.smtp.notifications.smtp import SmtpNotifier

_SUBJECT = "[better-cnn] {{ dag.dag_id }}.{{ ti.task_id }} failed in {{ run_id }}"
_BODY = """<p>Task <b>{{ ti.task_id }}</b> of <b>{{ dag.dag_id }}</b> failed for good in run
<code>{{ run_id }}</code> (try {{ ti.try_number }}).</p><p>{{ exception | e }}</p>
<p>Its log is in the Airflow UI; clearing the task tries again and does nothing twice.</p>"""


def operator_alerts(addresses: tuple[str, ...]) -> dict[str, Any]:
    """Default arguments of a DAG that mail its failures to the operator; none without an address."""
    if not addresses:
        return {}
    return {"on_failure_callback": [SmtpNotifier(to=list(addresses), subject=_SUBJECT, html_content=_BODY)]}

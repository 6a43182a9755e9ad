"""Alerts to the operator for failures of the system itself."""

from typing import Any

from airflow.providers.smtp.notifications.smtp import SmtpNotifier

_SUBJECT = "[better-cnn] {{ dag.dag_id }}.{{ ti.task_id }} failed in {{ run_id }}"
# `e` escapes: an exception may hold text of a push.
_BODY = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>
<body style="margin:0 auto;max-width:600px;padding:24px;font-family:-apple-system,Segoe UI,Roboto,Arial,sans-serif;line-height:1.5">
<h1 style="font-size:20px;margin:0 0 4px">{{ ti.task_id | e }} failed</h1>
<p style="margin:0 0 18px">of {{ dag.dag_id | e }}, run <code>{{ run_id | e }}</code>, for good at try {{ ti.try_number }}</p>
<pre style="white-space:pre-wrap;overflow-wrap:anywhere;border-left:4px solid #dd5b5b;padding:4px 14px;margin:0 0 18px">{{ (exception | string)[:4000] | e }}</pre>
<p><a href="{{ ti.log_url | e }}">Open its log</a></p>
<p>Once the cause is mended, clear the task: it tries again, and nothing is done twice.</p>
</body></html>"""  # noqa: E501 - a tag is one line


def operator_alerts(addresses: tuple[str, ...]) -> dict[str, Any]:
    """Default arguments of a DAG that mail its failures to the operator; none without an address."""
    if not addresses:
        return {}
    return {"on_failure_callback": [SmtpNotifier(to=list(addresses), subject=_SUBJECT, html_content=_BODY)]}

"""The monitor's operator that hands over mails, and what Slack and webhooks are told, which had to wait."""

from typing import Any

from airflow.sdk import BaseOperator, Context

from include.experiments.installation import Installation
from plugins.hooks.ends import hand_over


class DeliverMailOperator(BaseOperator):
    """Tries again to send what is in the outbox.

    Args:
        smtp_conn_id: The SMTP connection.
    """

    ui_color = "#e6f7e6"

    def __init__(self, *, smtp_conn_id: str = "smtp_default", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.smtp_conn_id = smtp_conn_id

    def execute(self, context: Context) -> None:
        """Hand over what is due."""
        del context
        hand_over(Installation.from_environment(), self.smtp_conn_id, self.log)

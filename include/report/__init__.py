"""What the developer gets back: mails, their chart, who gets them, and the outbox that loses none.

The builders are in `include.report.mails`; they are not imported here, because they bring in the detector.
"""

from include.report._render import BrokenTemplate
from include.report.message import (
    Attachment,
    InlineImage,
    InvalidAddress,
    Mail,
    MailKind,
    message_id,
    to_message,
)
from include.report.outbox import Delivery, Outbox
from include.report.recipients import Recipients, choose_recipients
from include.report.report import ExperimentReport, Relaunched, TrialLine

__all__ = [
    "Attachment",
    "BrokenTemplate",
    "Delivery",
    "ExperimentReport",
    "InlineImage",
    "InvalidAddress",
    "Mail",
    "MailKind",
    "Outbox",
    "Recipients",
    "Relaunched",
    "TrialLine",
    "choose_recipients",
    "message_id",
    "to_message",
]

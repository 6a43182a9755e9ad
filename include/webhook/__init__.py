"""GitHub's webhooks: who may call, what was said before, and which push is meant."""

from include.webhook.deliveries import Deliveries
from include.webhook.pushes import PushEvent
from include.webhook.receiver import MOST_BYTES, Answer, Receiver, Sources

__all__ = ["MOST_BYTES", "Answer", "Deliveries", "PushEvent", "Receiver", "Sources"]

"""What the developer sees on GitHub: commit status, check run, comment and pull request of a push."""

from include.feedback.memory import Memory
from include.feedback.news import News
from include.feedback.pending import Pages, Pending, PendingPushes
from include.feedback.telling import CHANNELS, Told, tell

__all__ = ["CHANNELS", "Memory", "News", "Pages", "Pending", "PendingPushes", "Told", "tell"]

"""All that is told on GitHub of one push; a failure of one kind keeps none of the others from being told."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from include.feedback.check_runs import tell_check_run
from include.feedback.comments import tell_comment
from include.feedback.memory import Memory
from include.feedback.news import News
from include.feedback.pull_requests import tell_pull_request
from include.feedback.statuses import tell_status
from include.source import Api, BadCredentials, SourceError, WrongAddress

if TYPE_CHECKING:
    from github import Github

Channel = Callable[[Api, News, Memory], str | None]

# In this order: check run and comment link the pull request.
CHANNELS: dict[str, Channel] = {
    "commit_status": tell_status,
    "pull_request": tell_pull_request,
    "check_run": tell_check_run,
    "commit_comment": tell_comment,
}


@dataclass(frozen=True)
class Told:
    """What became of one kind of feedback.

    Args:
        channel: Which one, as the operator switches it.
        state: "told"; "delayed": waiting may help; "refused": only a person can.
        detail: What was done, or what happened and what to do.
        retry_after: Seconds that GitHub asked to wait, where it did.
    """

    channel: str
    state: Literal["told", "delayed", "refused"]
    detail: str
    retry_after: float | None = None


def tell(
    client: "Github", news: News, channels: Collection[str], memory: Memory, now: float
) -> tuple[Told, ...]:
    """Bring what GitHub shows of a push up to date.

    Args:
        client: Whose credentials to use.
        news: How the push stands.
        channels: Those of `CHANNELS` that the operator wants.
        memory: What was told of it.
        now: POSIX time.

    Returns:
        What was done, and what failed; nothing where GitHub shows it all already.
    """
    api = Api(client, news.report.repository)
    told: list[Told] = []
    for name, channel in CHANNELS.items():
        if name not in channels:
            continue
        try:
            said = channel(api, news, memory)
        except SourceError as error:
            told.append(failed(name, error, now))
            if told[-1].state == "delayed":
                break  # what stops one request stops the next one
        else:
            told += [Told(name, "told", said)] if said else []
    return tuple(told)


def failed(name: str, error: SourceError, now: float) -> Told:
    """What a failure of a channel means: credentials and address are the operator's to mend, soon."""
    may_pass = error.transient or isinstance(error, BadCredentials | WrongAddress)
    return Told(name, "delayed" if may_pass else "refused", str(error), error.retry_after(now))

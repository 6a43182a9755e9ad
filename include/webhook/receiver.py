"""One request of GitHub's, from its headers to the push that is started, or to why none is."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from include.repositories import Repository
from include.source import is_tuned
from include.webhook.deliveries import KEPT_SECONDS, Deliveries
from include.webhook.pushes import BadPayload, PushEvent, read_push
from include.webhook.signature import is_signature, signers

log = logging.getLogger(__name__)

# GitHub sends up to 25 MB: a push that is described at such length is seen by polling.
MOST_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True)
class Sources:
    """Whose requests are taken.

    Args:
        secrets: Airflow connection → the secret that GitHub signs with; without one, nothing is taken.
        repositories: The watched repositories.
    """

    secrets: Mapping[str, str]
    repositories: tuple[Repository, ...]


@dataclass(frozen=True)
class Answer:
    """What GitHub is answered: a status, and a few words that tell a stranger nothing."""

    status: int
    said: str


_UNSIGNED = Answer(401, "a signature is needed")
_REFUSED = Answer(403, "the signature is not accepted")

Start = Callable[[Repository, PushEvent], None]


class Receiver:
    """Takes GitHub's requests.

    Args:
        sources: Says whose requests are taken; asked once for each request that has a signature.
        deliveries: The memory of deliveries.
        start: Starts the training of a push.
        clock: Source of POSIX time.
    """

    def __init__(
        self,
        sources: Callable[[], Sources],
        deliveries: Deliveries,
        start: Start,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sources = sources
        self._deliveries = deliveries
        self._start = start
        self._clock = clock

    def receive(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Handle one request; only what is signed is looked at at all.

        Args:
            headers: Names in lower case.
            body: The raw body, of at most `MOST_BYTES`.

        Raises:
            Exception: whatever `start` raises; the delivery may be repeated then.
        """
        signature = headers.get("x-hub-signature-256")
        if signature is None or not is_signature(signature):
            return _UNSIGNED
        sources = self._sources()
        verified = signers(sources.secrets, body, signature)
        if not verified:
            return _REFUSED
        match headers.get("x-github-event"):
            case "ping":
                return Answer(200, "pong")
            case "push":
                return self._push(headers, body, sources, verified)
            case _:
                return Answer(200, "ignored: only pushes matter")

    def _push(
        self, headers: Mapping[str, str], body: bytes, sources: Sources, verified: frozenset[str]
    ) -> Answer:
        try:
            event = read_push(body, headers.get("content-type", ""))
        except BadPayload as error:
            return Answer(400, str(error))
        repository = _watched(event, sources, verified)
        ignored = "the repository is not watched" if repository is None else self._why_not(event, repository)
        if repository is None or ignored is not None:
            return Answer(200, f"ignored: {ignored}")
        delivery = headers.get("x-github-delivery", "")
        if not self._deliveries.claim(delivery, body):
            return Answer(200, "ignored: it was handled before")
        try:
            self._start(repository, event)
        except BaseException:
            self._deliveries.release(delivery, body)
            raise
        log.info("GitHub told of %s on %s@%s.", event.sha, repository.name, event.branch)
        return Answer(202, "started")

    def _why_not(self, event: PushEvent, repository: Repository) -> str | None:
        if event.branch is None or event.sha is None:
            return "no branch got a commit"
        if is_tuned(event.branch):
            return "the branch holds values that were tuned here"
        if event.branch != (repository.branch or event.default_branch):
            return "the branch is not watched"
        if event.pushed_at is not None and event.pushed_at < self._clock() - KEPT_SECONDS:
            return "the push is too old"
        return None


def _watched(event: PushEvent, sources: Sources, verified: frozenset[str]) -> Repository | None:
    """The repository of a push, if the secret of its own connection has signed it."""
    for repository in sources.repositories:
        if repository.name.lower() == event.repository.lower() and repository.connection in verified:
            return repository
    return None

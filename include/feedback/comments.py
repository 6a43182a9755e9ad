"""The one comment on the pushed commit, edited as trials finish."""

from include.feedback.answers import all_rows, number_of
from include.feedback.memory import Memory
from include.feedback.news import News
from include.feedback.pages import summary
from include.source import Api, RepositoryNotFound

_GONE = "gone"


def tell_comment(api: Api, news: News, memory: Memory) -> str | None:
    """Write the comment, or edit it; one that a person has deleted is not written again.

    Args:
        api: The repository.
        news: How the push stands.
        memory: What was told of it.

    Returns:
        What was done; None where nothing was to be done.

    Raises:
        SourceError: GitHub refused, or is away.
    """
    pull_request = memory.get("pull_request") or {}
    body = f"{memory.marker}\n{summary(news, pull_request.get('url'))}"
    if memory.get("comment") == _GONE or memory.stands("comment", body):
        return None
    number = memory.get("comment") or _find(api, news.report.sha, memory)
    if number is None:
        made = api.send("POST", f"commits/{news.report.sha}/comments", {"body": body})
        memory.told("comment", body, comment=number_of(made))
        return "comment written"
    return _edit(api, news.report.sha, int(number), body, memory)


def _find(api: Api, sha: str, memory: Memory) -> int | None:
    """Our comment, where the answer to its writing was lost; of copies of its text the first."""
    numbers = [
        number_of(row)
        for row in all_rows(api, f"commits/{sha}/comments")
        if str(row.get("body") or "").startswith(memory.marker)
    ]
    return min(numbers, default=None)


def _edit(api: Api, sha: str, number: int, body: str, memory: Memory) -> str:
    try:
        api.send("PATCH", f"comments/{number}", {"body": body})
    except RepositoryNotFound:
        # The same answer means "deleted" and "not allowed"; the list of comments tells which.
        if any(number_of(row) == number for row in all_rows(api, f"commits/{sha}/comments")):
            raise
        memory.set(comment=_GONE)
        return "the comment was deleted by somebody, and is not written again"
    memory.told("comment", body, comment=number)
    return "comment edited"

"""The commit status: pending, then success or failure, with accuracy and target."""

from include.feedback.answers import rows_of
from include.feedback.memory import Memory
from include.feedback.news import News
from include.report._text import one_line, web_link
from include.source import Api

CONTEXT = "better-cnn"
_COMPARED = ("state", "description")  # not the link, which each run of an experiment has its own of
_MOST_PENDING = 800  # GitHub takes 1,000 for a commit; the end of each repeat must be among them
_LONGEST = 140  # GitHub refuses longer descriptions


def tell_status(api: Api, news: News, memory: Memory) -> str | None:
    """Set the status of the pushed commit, unless it stands there already.

    Args:
        api: The repository.
        news: How the push stands.
        memory: What was told of it.

    Returns:
        What was done; None where nothing was to be done.

    Raises:
        SourceError: GitHub refused, or is away.
    """
    status, before = _status(news), int(memory.get("statuses") or 0)
    said = {key: status[key] for key in _COMPARED}
    if memory.stands("status", said) or (not news.ended and before >= _MOST_PENDING):
        return None
    if not _is_there(api, news.report.sha, status):  # an answer that was lost is no reason for a second one
        api.send("POST", f"statuses/{news.report.sha}", status)
    memory.told("status", said, statuses=before + 1)
    return f"status {status['state']}: {status['description']}"


def _status(news: News) -> dict[str, str]:
    status = {
        "state": news.status,
        "context": CONTEXT,
        "description": one_line(news.headline, _LONGEST),
    }
    url = web_link(news.page)
    return status if url is None else {**status, "target_url": url}


def _is_there(api: Api, sha: str, status: dict[str, str]) -> bool:
    newest_first = rows_of(api.get(f"commits/{sha}/statuses", parameters={"per_page": 100}).data)
    ours = [row for row in newest_first if row.get("context") == CONTEXT]
    return bool(ours) and all((ours[0].get(key) or "") == status.get(key, "") for key in _COMPARED)

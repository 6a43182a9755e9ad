"""The check run, which only GitHub Apps may make: the same as the status, with a page of its own."""

from collections.abc import Mapping

from include.feedback.answers import number_of, rows_of
from include.feedback.memory import Memory
from include.feedback.news import News
from include.feedback.pages import summary
from include.feedback.statuses import CONTEXT
from include.report._text import one_line, web_link
from include.source import Api

_CONCLUSIONS = {"success": "success", "failure": "failure", "error": "failure"}
_LONGEST = 200


def is_app(api: Api) -> bool:
    """Say whether the credentials are a GitHub App's installation."""
    from github.Auth import AppInstallationAuth  # 0.8 s: too much for whoever only names these functions

    return isinstance(api.client.requester.auth, AppInstallationAuth)


def tell_check_run(api: Api, news: News, memory: Memory) -> str | None:
    """Make or update the check run of an experiment; do nothing without a GitHub App.

    Args:
        api: The repository.
        news: How the push stands.
        memory: What was told of it.

    Returns:
        What was done; None where nothing was to be done.

    Raises:
        SourceError: GitHub refused, or is away.
    """
    if not is_app(api):
        return None
    run = _run(news, memory)
    if memory.stands("check_run", run):
        return None
    number = _known(api, news, memory)
    if number is None:
        made = api.send("POST", "check-runs", {"head_sha": news.report.sha, **run})
        number = number_of(made)
        done = "made"
    else:
        api.send("PATCH", f"check-runs/{number}", run)
        done = "updated"
    memory.told("check_run", run, check_run={"experiment": news.experiment, "id": number})
    return f"check run {number} {done}"


def _run(news: News, memory: Memory) -> dict[str, object]:
    pull_request = memory.get("pull_request") or {}
    run: dict[str, object] = {
        "name": CONTEXT,
        "external_id": news.experiment,
        "status": "completed" if news.ended else "in_progress",
        "started_at": news.report.started_at,
        "output": {
            "title": one_line(news.headline, _LONGEST),
            "summary": summary(news, pull_request.get("url")),
        },
    }
    if news.ended:
        run["conclusion"] = _CONCLUSIONS[news.status]
    url = web_link(news.page)
    return run if url is None else {**run, "details_url": url}


def _known(api: Api, news: News, memory: Memory) -> int | None:
    """The experiment's check run: as remembered, else as GitHub has it (its answer may have been lost)."""
    remembered = memory.get("check_run") or {}
    if remembered.get("experiment") == news.experiment:
        return int(remembered["id"])
    query = {"check_name": CONTEXT, "filter": "all", "per_page": 100}
    answer = api.get(f"commits/{news.report.sha}/check-runs", parameters=query).data
    rows = rows_of(answer.get("check_runs") if isinstance(answer, Mapping) else answer)
    return min((number_of(row) for row in rows if row.get("external_id") == news.experiment), default=None)

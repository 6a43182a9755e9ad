"""The pull request with the winning values: the patch of the mail, as one commit on the pushed one."""

import hashlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from include.containers.copying import read_inside
from include.experiments.records import State
from include.feedback.answers import number_of, rows_of
from include.feedback.errors import BranchTaken, PatchMismatch, PatchRefused
from include.feedback.markdown import plain
from include.feedback.memory import Memory
from include.feedback.news import News
from include.feedback.pages import pull_request_body
from include.feedback.patching import FilePatch, read_patch
from include.report._text import web_link
from include.report._view import value_rows
from include.source import TUNED_BRANCHES, Api, FileChange, branch_head, commit_on, point_branch

_WON = frozenset({State.TARGET_MET, State.BUDGET_SPENT, State.EXHAUSTED})
_FILE_BYTES = 10 * 1024 * 1024
_TITLE = 200


def branch_of(sha: str) -> str:
    """The branch that holds the winning values of a push."""
    return f"{TUNED_BRANCHES}{sha[:12]}"


def tell_pull_request(api: Api, news: News, memory: Memory) -> str | None:
    """Open the pull request, or update the open one; one that a person closed or merged is left alone.

    Args:
        api: The repository.
        news: How the push stands, with the winning patch and the folder of the pushed files.
        memory: What was told of it.

    Returns:
        What was done; None where nothing was to be done.

    Raises:
        BranchTaken: somebody else has put commits on the branch.
        PatchMismatch: the patch does not fit the pushed files.
        PatchRefused: it changes files that GitHub acts on.
        SourceError: GitHub refused, or is away.
    """
    if news.state not in _WON or not news.report.patch:
        return None
    title, body = _title(news), pull_request_body(news)
    wanted = {"title": title, "body": body, "patch": news.report.patch}
    if memory.stands("pull_request", wanted):
        return None
    found = _pull_requests(api, branch_of(news.report.sha))
    current = next((row for row in found if row.get("state") == "open"), None)
    if current is None and _was_closed(found, news, memory):
        return None
    _put_branch(api, news, title, memory)
    document = {"title": title, "body": body}
    if current is None:
        head, base = branch_of(news.report.sha), news.report.branch
        made = api.send("POST", "pulls", {**document, "head": head, "base": base})
    else:
        made = api.send("PATCH", f"pulls/{number_of(current, 'number')}", document)
    number, url = number_of(made, "number"), web_link(str(made.get("html_url")))
    known = {"number": number, "url": url, "experiment": news.experiment}
    memory.told("pull_request", wanted, pull_request=known)
    return f"pull request {number} {'opened' if current is None else 'updated'}"


def _pull_requests(api: Api, branch: str) -> list[Mapping[str, Any]]:
    """All that ever came from our branch, newest first."""
    owner = api.repository.partition("/")[0]
    query = {"head": f"{owner}:{branch}", "state": "all", "per_page": 100}
    rows = rows_of(api.get("pulls", parameters=query).data)
    return [row for row in rows if isinstance(row.get("head"), Mapping) and row["head"].get("ref") == branch]


def _was_closed(found: list[Mapping[str, Any]], news: News, memory: Memory) -> bool:
    """Say whether a person has decided on the pull request; only a forced repeat asks again."""
    known = memory.get("pull_request") or {}
    return bool(found) and known.get("experiment") in (None, news.experiment)


def _title(news: News) -> str:
    return plain(f"Tune hyper-parameters: {news.headline}", _TITLE)


def _put_branch(api: Api, news: News, title: str, memory: Memory) -> None:
    """Make the commit the head of our branch, unless it was put there before; commits of others stay."""
    digest = hashlib.sha256(news.report.patch.encode("utf-8", "surrogateescape")).hexdigest()
    commits: dict[str, str] = memory.get("commits") or {}
    repository, branch = api.repository, branch_of(news.report.sha)
    head = branch_head(api.client, repository, branch)
    if head is not None and head == commits.get(digest):
        return
    if head is not None and head not in commits.values():
        raise BranchTaken(repository, branch)
    sha = commits.get(digest)
    if sha is None:
        message = f"{title}\n\n{_changes(news)}"
        sha = commit_on(api.client, repository, news.report.sha, changed_files(news), message)
        memory.set(commits={**commits, digest: sha})  # before the branch shows it: then it is known as ours
    point_branch(api.client, repository, branch, sha, head)


def _changes(news: News) -> str:
    rows = [row for row in value_rows(news.report) if row.changed]
    lines = [f"{plain(row.name, 60)}: {plain(row.before, 60)} → {plain(row.after, 60)}" for row in rows]
    return "\n".join([*lines, "", f"Tuned from {news.report.sha}."]).lstrip("\n")


def changed_files(news: News) -> list[FileChange]:
    """The files of the commit: the pushed bytes with the winning patch applied; no pushed code is run.

    Raises:
        PatchMismatch: the patch does not fit the pushed files.
        PatchRefused: it changes files that GitHub acts on.
    """
    return [_changed(news, file) for file in read_patch(news.report.patch)]


def _changed(news: News, file: FilePatch) -> FileChange:
    parts = PurePosixPath(file.path.lower()).parts
    if parts[:1] == (".github",) or ".git" in parts or ".." in parts:
        raise PatchRefused(file.path)
    before = b"" if file.is_new else read_inside(news.tree, file.path, _FILE_BYTES)
    if before is None:
        raise PatchMismatch(file.path)
    executable = not file.is_new and bool((news.tree / file.path).stat().st_mode & 0o100)
    return FileChange(file.path, file.apply(before), executable)

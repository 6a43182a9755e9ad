"""What a person is told of the watched repositories at `make up`: also that GitHub refuses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from include.repositories import Repository, Watched
from include.source import BranchWatch, EmptyRepository, GitHubUnavailable, SourceError
from ops.errors import OpsError
from ops.github_connection import client_of, variable_of


def watched_lines(watched: Watched, environment: Mapping[str, str], connections: Path) -> Iterator[str]:
    """Give a line for each repository, and one for each thing that keeps it from being watched.

    Args:
        watched: What the configuration says.
        environment: Of the components, with the connections that were written into the operator's file.
        connections: That file.
    """
    missing: set[str] = set()
    is_silent = False
    for repository in watched.repositories:
        branch = repository.branch or "its default branch"
        yield f"Watched   {repository.name}, {branch}, target {repository.target:g}"
        variable = variable_of(repository.connection)
        if variable not in environment:
            missing.add(variable)
        elif not is_silent:  # one time-out is enough to wait for
            problem = _problem(repository, environment)
            is_silent = isinstance(problem, GitHubUnavailable)
            yield from [] if problem is None else [f"Problem   {problem}"]
    yield from (f"Problem   {problem}" for problem in watched.problems)
    for variable in sorted(missing):
        yield (
            f"Missing   a GitHub connection: fill {variable} in {connections}, then `make down up`, "
            "or create it in the web UI (Admin, Connections)"
        )


def _problem(repository: Repository, environment: Mapping[str, str]) -> SourceError | OpsError | None:
    """Ask GitHub once as the watcher will."""
    try:
        client = client_of(repository.connection, environment)
        BranchWatch(lambda: client, repository.name, repository.branch).news(None)
    except EmptyRepository:  # its first push will be noticed
        return None
    except (SourceError, OpsError) as error:
        return error
    return None

"""From a claimed push to its files in the workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from include.experiments.inspection import refuse_push
from include.experiments.installation import Installation
from include.source import FetchLimits, RefusedTree, TreeTooLarge, fetch_tree
from include.source.limits import MIB

if TYPE_CHECKING:
    from github import Github


def fetch_push(installation: Installation, experiment: str, client: Callable[[], Github]) -> str:
    """Fetch the tree of a push unless it is there; a tree that is refused becomes the push's verdict.

    Args:
        installation: Whose workspace it goes to.
        experiment: Id of the experiment.
        client: Makes a GitHub client; called only where something is to be fetched.

    Returns:
        What was done, for the log.

    Raises:
        SourceError: GitHub could not tell; `transient` says whether to try again.
    """
    found = installation.store.get(experiment)
    identity, repository = found.identity, installation.repository(found)
    tree = installation.settings.tree(identity.repository, identity.sha)
    if tree.exists():
        return f"{identity.short} is in the workspace already"
    limits = FetchLimits(max_files=repository.max_files, max_bytes=repository.max_mb * MIB)
    try:
        report = fetch_tree(
            client(), identity.repository, identity.sha, tree, installation.settings.blobs, limits
        )
    except (RefusedTree, TreeTooLarge) as error:
        refuse_push(installation, experiment, str(error))
        return f"{identity.short} is refused: {error}"
    return (
        f"{identity.short}: {report.files} files, {report.bytes:,} bytes, "
        f"{report.requests} requests, {report.cached} files cached"
    )

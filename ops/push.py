"""Commit a folder to the watched repository through GitHub's API: `python -m ops.push DIR`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path

from include.repositories import load_repositories
from include.settings import Settings
from include.source import Push, SourceError, UnreadableFolder, commit_folder, default_branch
from ops.errors import OpsError
from ops.github_connection import client_of


class NoRepository(OpsError):
    """Nobody said which repository to push to."""


class NoAuthor(OpsError):
    """Nobody said who the commit's author is: that is where the mail goes."""


@dataclass(frozen=True)
class Target:
    """Where to push.

    Args:
        repository: `owner/repo`.
        branch: The branch; None for the default branch.
        connection: Id of the Airflow connection with the credentials.
    """

    repository: str
    branch: str | None
    connection: str


def push_folder(
    folder: Path,
    target: Target,
    message: str,
    author: tuple[str, str],
    environment: Mapping[str, str] = os.environ,
) -> Push:
    """Make one commit of a folder; see `include.source.commit_folder`.

    Raises:
        SourceError: GitHub refused, or is not there; or there is no such folder.
        OpsError: the credentials are missing.
    """
    if not folder.is_dir():  # before anything is asked of anybody
        raise UnreadableFolder(f"{folder} is not a folder. Give the folder whose files to push.")
    client = client_of(target.connection, environment)
    branch = target.branch or default_branch(client, target.repository)
    return commit_folder(client, target.repository, branch, folder, message, author)


def target_of(repository: str | None, branch: str | None, connection: str | None, file: Path) -> Target:
    """Fill what was not said from the watched repositories.

    Args:
        repository: `owner/repo`; None for the only watched one.
        branch: None for the watched one.
        connection: None for the configured one.
        file: `repositories.yaml`.

    Raises:
        NoRepository: none was said and not exactly one is watched.
    """
    watched = {entry.name: entry for entry in load_repositories(file).repositories}
    if repository is None and len(watched) != 1:
        raise NoRepository(
            f"{file} watches {len(watched)} repositories ({', '.join(watched) or 'none'})",
            "Say which one with --repository owner/name (make push: REPOSITORY=owner/name)",
        )
    name = repository or next(iter(watched))
    entry = watched.get(name)
    return Target(
        name,
        branch or (entry.branch if entry else None),
        connection or (entry.connection if entry else "github_default"),
    )


def author_of(text: str | None, environment: Mapping[str, str] = os.environ) -> tuple[str, str]:
    """Read `Name <address>`; without it, ask the environment, then git.

    Raises:
        NoAuthor: nobody knows, or the text has no address.
    """
    if text is None:
        name = environment.get("GIT_AUTHOR_NAME") or _git_config("user.name")
        address = environment.get("GIT_AUTHOR_EMAIL") or _git_config("user.email")
    else:
        name, address = parseaddr(text)
    if "@" not in address:
        raise NoAuthor(
            "The commit has no author, so nobody would get the mail",
            "Add --author 'Name <address>' (make push: AUTHOR='Name <address>'), or tell git your user.email",
        )
    return name or address.partition("@")[0], address


def _git_config(key: str) -> str:
    try:
        answer = subprocess.run(["git", "config", key], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return answer.stdout.strip()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ops.push", description=__doc__)
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="the commit's tree will be exactly this folder"
    )
    parser.add_argument("--repository", help="owner/name; default: the one in config/repositories.yaml")
    parser.add_argument("--branch", help="default: the watched branch")
    parser.add_argument("--message", help="commit message; default: names the folder")
    parser.add_argument("--author", help="'Name <address>'; default: git's user.name and user.email")
    parser.add_argument("--connection", help="id of the Airflow connection; default: the configured one")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Push, print the SHA, return the exit code."""
    given = _arguments(argv)
    try:
        target = target_of(
            given.repository, given.branch, given.connection, Settings.from_environment().repositories_file
        )
        message = given.message or f"Push {given.folder.resolve().name}"
        push = push_folder(given.folder, target, message, author_of(given.author))
    except (SourceError, OpsError) as error:
        print(f"Nothing was pushed. {error}", file=sys.stderr)
        return 1
    print(f"Pushed {given.folder} to {push.repository}, branch {push.branch}.", file=sys.stderr)
    print(push.sha)
    return 0


if __name__ == "__main__":
    sys.exit(main())

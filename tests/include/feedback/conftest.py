"""A real GitHub emulator behind a gateway that knows GitHub's description, and a pushed commit on it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from github import Github
from github.Auth import Token
from github.Repository import Repository

from include.experiments.records import State
from include.feedback import Memory, News
from include.source import Push, client_for, commit_folder, create_repository
from include.tweaker.patches import unified_patch
from ops.emulator import TOKEN, Emulator, running_emulator
from tests.include.feedback.gateway import Gateway, running_gateway
from tests.include.report.samples import make_report

_numbers = itertools.count(1)
SOURCE = b"model.add(Conv2D(8, (3, 3)))\r\nmodel.fit(x, y)\r\n"
TUNED = SOURCE.replace(b"Conv2D(8", b"Conv2D(32")


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture
def gateway(emulator: Emulator) -> Iterator[Gateway]:
    """A gateway that has no complaint in the end."""
    with running_gateway(emulator.base_url) as running:
        yield running
        assert running.complaints == []


@pytest.fixture
def client(gateway: Gateway) -> Github:
    return gateway.client(TOKEN)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The pushed files."""
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "mycode.py").write_bytes(SOURCE)
    (folder / "data.txt").write_bytes(b"1 2 3\n")
    return folder


@pytest.fixture
def person(emulator: Emulator) -> Github:
    """Somebody who uses GitHub itself."""
    return client_for(Token(emulator.token), emulator.base_url)


@dataclass(frozen=True)
class Seen:
    """What a person sees of a push."""

    person: Github
    push: Push

    @property
    def repository(self) -> Repository:
        """The repository."""
        return self.person.get_repo(self.push.repository)

    def comments(self) -> list[str]:
        """The comments on the commit."""
        return [comment.body for comment in self.repository.get_commit(self.push.sha).get_comments()]

    def pulls(self) -> list[tuple[str, str, str, str]]:
        """State, head, base and title of every pull request."""
        found = self.repository.get_pulls(state="all")
        return [(pull.state, pull.head.ref, pull.base.ref, pull.title) for pull in found]


@pytest.fixture
def seen(person: Github, push: Push) -> Seen:
    return Seen(person, push)


@pytest.fixture
def push(person: Github, tree: Path) -> Push:
    """A commit in a repository of its own for each test."""
    repository = create_repository(person, f"feedback-{next(_numbers)}", private=False)
    return commit_folder(person, repository, "main", tree, "Train", ("Ada", "ada@example.org"))


@pytest.fixture
def news(push: Push, tree: Path) -> Callable[..., News]:
    """Makes news of the push: by default that its fourth trial reached the target with a patch."""

    def make(state: State = State.TARGET_MET, *, experiment: str = "", **changes: Any) -> News:
        patch = unified_patch("mycode.py", SOURCE, TUNED)
        about = {"repository": push.repository, "branch": push.branch, "sha": push.sha, "patch": patch}
        report = make_report(**{**about, **changes})
        identity = experiment or f"{push.repository}@{push.sha}"
        return News(experiment=identity, state=state, report=report, max_trials=20, tree=tree)

    return make


class Kept:
    """A memory that outlives the process that has it, as the store's does."""

    def __init__(self) -> None:
        self.text = "{}"

    def memory(self) -> Memory:
        """Read it again."""
        return Memory(json.loads(self.text), self._save)

    def _save(self, document: dict[str, Any]) -> None:
        self.text = json.dumps(document)


@pytest.fixture
def kept() -> Kept:
    return Kept()

"""A real GitHub emulator for the session, and an HTTP double for what it lacks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from github import Github
from github.Auth import Token

from include.source import client_for, create_repository
from ops.emulator import Emulator, running_emulator
from tests.include.source.github_double import GitHubDouble, running_double

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Github:
    return client_for(Token(emulator.token), emulator.base_url)


@pytest.fixture
def emulator_clients(emulator: Emulator) -> Callable[[], Github]:
    """Makes clients that share no connection, as several processes do not."""
    return lambda: client_for(Token(emulator.token), emulator.base_url)


@pytest.fixture
def repository(client: Github) -> str:
    """An empty repository of its own for each test."""
    return create_repository(client, f"repository-{next(_numbers)}")


@pytest.fixture
def double() -> Iterator[GitHubDouble]:
    with running_double() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes files, given as name=bytes or {path: bytes}, into a fresh folder."""

    def make(files: dict[str, bytes]) -> Path:
        root = tmp_path / f"folder-{next(_numbers)}"
        for name, data in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return root

    return make

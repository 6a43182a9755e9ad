"""Debian's side of the host: installing packages, finding its mirror. Standard library only."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ops.commands import CommandFailedError, Say, run_logged
from ops.errors import OpsError
from ops.paths import LOGS

# Unattended upgrades, which many machines begin with, hold apt's locks for a few minutes.
_LOCK_SECONDS = 300.0
_LOCKED = "Could not get lock"


class PackageMissingError(OpsError):
    """A Debian package is needed and this process may not install it."""


@dataclass(frozen=True)
class Mirror:
    """One place the host takes Debian packages from.

    Args:
        url: The archive's root, as `debootstrap` wants it.
        suite: Release, such as `bookworm`.
        components: Such as `main`.
    """

    url: str
    suite: str
    components: tuple[str, ...]


def can_install() -> bool:
    """Say whether this process may install Debian packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Iterable[str], say: Say, *, why: str) -> None:
    """Install Debian or Ubuntu packages, or say which to install.

    Args:
        packages: Their names.
        say: Where progress goes.
        why: What they are needed for; part of the sentence.

    Raises:
        PackageMissingError: Not root, or not a machine with apt.
    """
    names = tuple(packages)
    if not can_install():
        raise PackageMissingError(
            f"{why} is missing and this process may not install it",
            f"Install it as root (on Debian or Ubuntu: apt-get install {' '.join(names)}) and run this again",
        )
    say(f"Installing {why} ({' '.join(names)})")
    _apt_get("update", "-q")
    seconds = _apt_get("install", "-y", "-q", "--no-install-recommends", *names)
    say(f"Installed {why} in {seconds:.0f} s")


def _apt_get(*arguments: str) -> float:
    """Run apt-get, and wait while another one works: of the two locks it waits for dpkg's alone by itself."""
    command = ("apt-get", *arguments, "-o", f"DPkg::Lock::Timeout={_LOCK_SECONDS:.0f}")
    remedy = "Check that the machine reaches its Debian mirror (apt-get update), then run this again"
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            quiet = {"DEBIAN_FRONTEND": "noninteractive"}
            return run_logged(command, LOGS / "apt.log", remedy=remedy, environment=quiet)
        except CommandFailedError as error:
            if _LOCKED not in str(error) or time.monotonic() > deadline:
                raise
        time.sleep(1)


def codename(os_release: Path = Path("/etc/os-release")) -> str | None:
    """Read the release's name (`bookworm`, `noble`) from the host, or None where it has none."""
    if not os_release.exists():
        return None
    pairs = (line.partition("=") for line in os_release.read_text().splitlines())
    values = {key: value.strip().strip('"') for key, _, value in pairs}
    return values.get("VERSION_CODENAME") or None


def mirrors(folder: Path = Path("/etc/apt")) -> tuple[Mirror, ...]:
    """Read every mirror from the host's apt sources, in both their spellings.

    Args:
        folder: Where `sources.list` and `sources.list.d` are.

    Returns:
        The mirrors of binary packages, in the order apt reads them.
    """
    found: list[Mirror] = []
    parts = sorted((folder / "sources.list.d").glob("*"))
    for file in (folder / "sources.list", *parts):
        if file.suffix == ".list" and file.is_file():
            found += _one_line(file.read_text())
        elif file.suffix == ".sources" and file.is_file():
            found += _deb822(file.read_text())
    return tuple(found)


def _one_line(text: str) -> Iterable[Mirror]:
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if not words or words[0] != "deb":
            continue
        rest = words[1:]
        if rest and rest[0].startswith("["):  # options: [signed-by=… arch=…], perhaps with blanks inside
            end = next((i for i, word in enumerate(rest) if word.endswith("]")), len(rest))
            rest = rest[end + 1 :]
        if len(rest) >= 3:
            yield Mirror(rest[0], rest[1], tuple(rest[2:]))


def _deb822(text: str) -> Iterable[Mirror]:
    for stanza in text.replace("\n \n", "\n\n").split("\n\n"):
        fields: dict[str, str] = {}
        key = ""
        for line in stanza.splitlines():
            if line.startswith("#") or not line.strip():
                continue
            if line[0].isspace():  # continuation of the field above
                fields[key] = f"{fields.get(key, '')} {line.strip()}"
            else:
                key, _, value = line.partition(":")
                key = key.strip().lower()
                fields[key] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() == "no":
            continue
        for url in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Mirror(url, suite, tuple(fields.get("components", "").split()))

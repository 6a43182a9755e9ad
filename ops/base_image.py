"""The image under the training image: pulled, or made from the host's own Debian packages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from ops import apt
from ops.commands import CommandFailedError, Say, run_logged, steps
from ops.errors import OpsError
from ops.paths import LOGS, PROJECT_ROOT

DOCKERFILE = PROJECT_ROOT / "docker" / "Dockerfile"
BASE_IMAGE_VARIABLE = "CNN_BASE_IMAGE"
LOCAL_REPOSITORY = "better-cnn-base"
_LOG = LOGS / "image.log"
_PACKAGES = ("python3", "python3-venv", "ca-certificates")
_DEBOOTSTRAP_STEPS = {
    "Retrieving InRelease": "reading the mirror's index",
    "Retrieving Packages": "downloading packages",
    "Extracting": "unpacking",
    "Configuring": "configuring",
}


class NoBaseImageError(OpsError):
    """Neither a registry nor Debian's packages could give a base image."""


def pinned_base(dockerfile: Path = DOCKERFILE) -> str:
    """Read which base image the Dockerfile pins."""
    found = re.search(r"^ARG BASE_IMAGE=(\S+)$", dockerfile.read_text(), re.MULTILINE)
    if found is None:
        raise NoBaseImageError(
            f"{dockerfile} names no BASE_IMAGE", "Add a line `ARG BASE_IMAGE=<image>` before FROM"
        )
    return found[1]


def exists(image: str) -> bool:
    """Say whether the engine has an image of this name."""
    return subprocess.run(("docker", "image", "inspect", image), capture_output=True).returncode == 0


def ensure_base_image(say: Say) -> str:
    """Make sure there is a base image: the one already here, else pulled, else built from Debian.

    `CNN_BASE_IMAGE` names another than the pinned one; it is pulled even where Debian's was built before.

    Args:
        say: Where progress goes.

    Returns:
        Its name, to be given to `docker build` as BASE_IMAGE.

    Raises:
        NoBaseImageError: No registry answered and this is no Debian or Ubuntu with root.
        CommandFailedError: `debootstrap` or `docker import` failed.
    """
    asked = os.environ.get(BASE_IMAGE_VARIABLE)
    wanted = asked or pinned_base()
    local = f"{LOCAL_REPOSITORY}:{apt.codename() or 'debian'}"
    if exists(wanted):
        return wanted
    if exists(local) and not asked:
        return local
    if _pull(wanted, say):
        return wanted
    if not exists(local):
        _build(local, say)
    return local


def _pull(image: str, say: Say) -> bool:
    say(f"Base image: asking the registry for {image}")
    try:
        seconds = run_logged(("docker", "pull", image), _LOG, remedy="Build the base from Debian's packages")
    except CommandFailedError:
        say("Base image: no registry gave it; making one from Debian's packages instead")
        return False
    say(f"Base image: pulled in {seconds:.0f} s")
    return True


def _build(image: str, say: Say) -> None:
    mirror = host_mirror()
    if shutil.which("debootstrap") is None:
        apt.install(["debootstrap"], say, why="debootstrap, which makes the base image")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="better-cnn-base-", dir="/var/tmp") as folder:
        root = Path(folder) / "root"
        include = f"--include={','.join(_PACKAGES)}"
        remedy = f"Read {_LOG}; the mirror named in /etc/apt must be reachable and hold {mirror.suite}"
        run_logged(
            ("debootstrap", "--variant=minbase", include, mirror.suite, str(root), mirror.url),
            _LOG,
            remedy=remedy,
            on_line=steps(say, "Base image", _DEBOOTSTRAP_STEPS),
        )
        _import(root, image)
    say(f"Base image: {image} made in {time.monotonic() - started:.0f} s")


def host_mirror() -> apt.Mirror:
    """Choose the mirror that carries the host's own release.

    Raises:
        NoBaseImageError: The host is no Debian or Ubuntu, or not root.
    """
    release = apt.codename()
    fitting = [mirror for mirror in apt.mirrors() if mirror.suite == release and "main" in mirror.components]
    if not fitting or not apt.can_install():
        raise NoBaseImageError(
            f"No registry gave {pinned_base()}, and this machine can't make a base image itself (that takes"
            " root on Debian or Ubuntu)",
            "Load any image with Python >= 3.11 into the engine and name it in CNN_BASE_IMAGE",
        )
    return fitting[0]


def _import(root: Path, image: str) -> None:
    """Pack a Debian tree into the engine, without what only apt needs."""
    skipped = ("./var/cache/apt", "./var/lib/apt/lists", "./usr/share/doc", "./usr/share/man")
    tar = ("tar", "-C", str(root), "-c", *(f"--exclude={path}/*" for path in skipped), ".")
    with subprocess.Popen(tar, stdout=subprocess.PIPE) as packing:
        done = subprocess.run(
            ("docker", "import", "--change", 'CMD ["python3"]', "-", image),
            stdin=packing.stdout,
            capture_output=True,
            text=True,
        )
    if done.returncode != 0 or packing.returncode != 0:
        raise CommandFailedError(
            f"`docker import` of {image} failed: {done.stderr.strip()}", "Check the engine's free disk space"
        )

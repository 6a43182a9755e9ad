"""The training image: built when its inputs changed, found again by a hash of them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from ops.base_image import BASE_IMAGE_VARIABLE, ensure_base_image, exists
from ops.commands import Say, run_logged, steps
from ops.locks import locked
from ops.paths import LOGS, PROJECT_ROOT, VAR, ca_bundle

REPOSITORY = "better-cnn-training"
_DOCKER = PROJECT_ROOT / "docker"
_LOG = LOGS / "image.log"
_INDEX_VARIABLES = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX")
_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
_BUILD_STEPS = {
    "pip install -q": "the installer",
    "uv pip install": "TensorFlow, Keras and what training scripts expect (the longest step)",
    "Prepared ": "packages downloaded",
    "Installed ": "packages unpacked, compiling them",
    "Bytecode compiled": "packages ready",
    "ENV PATH=": "packages stored",
    "COPY harness": "adding the harness",
}


def inputs(root: Path = PROJECT_ROOT) -> tuple[Path, ...]:
    """List the files the image is made of, byte code left out."""
    harness = root / "docker" / "harness"
    files = (path for path in harness.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    fixed = (root / "docker/Dockerfile", root / "docker/requirements.txt", root / "requirements-uv.txt")
    return (*fixed, *sorted(files))


def training_image(root: Path = PROJECT_ROOT) -> str:
    """Name the training image of these sources: `better-cnn-training:` and 12 hex digits of their hash."""
    digest = hashlib.sha256()
    for path in inputs(root):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()} {len(content)}\n".encode() + content)
    digest.update(os.environ.get(BASE_IMAGE_VARIABLE, "").encode())
    return f"{REPOSITORY}:{digest.hexdigest()[:12]}"


def ensure_training_image(say: Say) -> str:
    """Build the training image unless the engine has it; two processes may ask at once.

    Args:
        say: Where progress goes; the whole output is in `var/logs/image.log`.

    Returns:
        The image's tag.

    Raises:
        NoBaseImageError: There is no base to build on.
        CommandFailedError: The build failed; the message has its last lines.
    """
    with locked(VAR / "image.lock"):
        tag = training_image()
        if exists(tag):
            return tag
        base = ensure_base_image(say)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="better-cnn-image-") as folder:
            _fill_context(Path(folder))
            _build(tag, base, Path(folder), say)
        say(f"Training image: {tag} built in {time.monotonic() - started:.0f} s")
        return tag


def _fill_context(folder: Path) -> None:
    """Copy what the build needs, and the host's CA bundle (empty where it has none)."""
    for path in inputs():
        inside = path.relative_to(_DOCKER) if path.is_relative_to(_DOCKER) else Path(path.name)
        target = folder / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
        target.chmod(0o644)
    (folder / "harness").mkdir(exist_ok=True)
    bundle = ca_bundle()
    (folder / "ca.pem").write_bytes(bundle.read_bytes() if bundle else b"")
    # The engine's cache looks at content and mode, not at times: a fixed mode keeps it valid.
    (folder / "ca.pem").chmod(0o644)


def _build(tag: str, base: str, context: Path, say: Say) -> None:
    passed = [name for name in (*_INDEX_VARIABLES, *_PROXY_VARIABLES) if os.environ.get(name)]
    arguments = [part for name in passed for part in ("--build-arg", name)]
    say(f"Training image: building {tag} on {base}")
    arguments += ["--build-arg", f"BASE_IMAGE={base}", "-t", tag]
    run_logged(
        ("docker", "build", "--force-rm", *arguments, str(context)),
        _LOG,
        remedy=f"Read {_LOG}; the build must reach a Python package index",
        on_line=steps(say, "Training image", _BUILD_STEPS),
        environment={"BUILDKIT_PROGRESS": "plain"},
    )
    subprocess.run(("docker", "tag", tag, f"{REPOSITORY}:latest"), check=True)

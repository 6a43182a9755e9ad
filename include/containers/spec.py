"""What a training container is: everything needed to launch it, and to launch it again the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from include.containers.naming import EXPERIMENT, TRIAL

MIB = 1024**2
GIB = 1024**3

_NOT_CONFIGURATION = ("name", "labels", "image_id")


@dataclass(frozen=True)
class Mount:
    """A folder of the host bound into the container (absolute paths on both sides)."""

    source: str
    target: str
    read_only: bool = True


@dataclass(frozen=True)
class Limits:
    """What a training may use at most; a limit that is passed ends the trial, not the host."""

    memory_bytes: int = 4 * GIB
    cpus: float = 2.0
    pids: int = 512
    seconds: float = 3600.0
    tmp_bytes: int = GIB
    shm_bytes: int = 64 * MIB
    log_bytes: int = 20 * MIB
    disk_bytes: int = 10 * GIB  # of the folders that it can write, together


@dataclass(frozen=True)
class ContainerSpec:
    """One training container as launched; relaunches repeat it exactly.

    Args:
        image: The image as the operator names it, such as ``better-cnn-training:latest``.
        command: The program and its arguments, never run through a shell.
        name: Deterministic name of the first launch; relaunch k gets the suffix ``-r<k>``.
        environment: Variables of the process. Never secrets: ``docker inspect`` shows them.
        mounts: Folders of the host that the container sees.
        labels: ``cnn.*`` labels by which the container is found again after any restart.
        limits: Memory, CPUs, processes, seconds, sizes of ``/tmp``, shared memory, log and disk.
        network: ``none``, or the name of a Docker network.
        user: ``uid:gid`` of the process.
        working_directory: Directory in which the harness starts.
        gpus: Empty for none, ``("all",)``, or the device ids.
        runtime: An OCI runtime such as ``runsc``; None for the engine's own.
        image_id: The exact image that ``image`` meant at the first launch, so that relaunches are the same
            even when the tag has moved since.
    """

    image: str
    command: tuple[str, ...]
    name: str
    environment: dict[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    network: str = "none"
    user: str = "65534:65534"
    working_directory: str = "/"
    gpus: tuple[str, ...] = ()
    runtime: str | None = None
    image_id: str | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Experiment and number of the trial that it trains, from its labels."""
        return self.labels[EXPERIMENT], int(self.labels[TRIAL])

    @property
    def config_hash(self) -> str:
        """Return 16 hex digits that are equal exactly when two specs would train alike."""
        configuration = {key: value for key, value in self.to_json().items() if key not in _NOT_CONFIGURATION}
        canonical = json.dumps(configuration, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()[:16]

    def pinned(self, image_id: str) -> ContainerSpec:
        """Return the same spec bound to one exact image, unless it is bound already."""
        return self if self.image_id else replace(self, image_id=image_id)

    def to_json(self) -> dict[str, Any]:
        """Return the spec as JSON types; `from_json` gives an equal spec back."""
        document = asdict(self)
        document["command"], document["gpus"] = list(self.command), list(self.gpus)
        document["mounts"] = [asdict(mount) for mount in self.mounts]
        return document

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ContainerSpec:
        """Return the spec that `to_json` wrote.

        Raises:
            TypeError: A field is unknown or missing.
        """
        fields = dict(document)
        fields["command"], fields["gpus"] = tuple(fields["command"]), tuple(fields.get("gpus", ()))
        fields["mounts"] = tuple(Mount(**mount) for mount in fields.get("mounts", ()))
        fields["limits"] = Limits(**fields.get("limits", {}))
        return cls(**fields)

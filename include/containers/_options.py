"""A spec in the words of the Docker SDK; the hardening of every training container is here."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from docker.types import DeviceRequest, LogConfig, Ulimit
from docker.types import Mount as DockerMount

from include.containers.naming import CONFIG, HARDENING, LIMITS, RELAUNCH, relaunch_name
from include.containers.spec import ContainerSpec, Limits


def create_options(spec: ContainerSpec, relaunch: int) -> dict[str, Any]:
    """Return the arguments of ``containers.create`` for launch number `relaunch` of a spec."""
    return {
        "image": spec.image_id or spec.image,
        "command": list(spec.command),
        "name": relaunch_name(spec.name, relaunch),
        "environment": spec.environment,
        "labels": {**spec.labels, **recorded(spec), RELAUNCH: str(relaunch)},
        "user": spec.user,
        "working_dir": spec.working_directory,
        "mounts": [DockerMount(m.target, m.source, type="bind", read_only=m.read_only) for m in spec.mounts],
        "network_mode": spec.network,
        "init": True,  # reaps children, and lets SIGTERM reach a process that would be number 1
        **_hardening(spec),
        **_limits(spec),
        **({"runtime": spec.runtime} if spec.runtime else {}),
        **({"device_requests": [_gpus(spec.gpus)]} if spec.gpus else {}),
    }


def recorded(spec: ContainerSpec) -> dict[str, str]:
    """Return the labels that say under which limits and rights a container was launched, in JSON.

    Not all of that does the engine know: time and disk are watched from outside.
    """
    rights = {"user": spec.user, "network": spec.network, "runtime": spec.runtime, "gpus": spec.gpus}
    return {
        CONFIG: spec.config_hash,
        LIMITS: json.dumps(asdict(spec.limits), sort_keys=True),
        HARDENING: json.dumps({**rights, **_hardening(spec)}, sort_keys=True),
    }


def _hardening(spec: ContainerSpec) -> dict[str, Any]:
    return {
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "read_only": True,
        "tmpfs": {"/tmp": f"rw,nosuid,nodev,size={spec.limits.tmp_bytes},mode=1777"},  # noqa: S108
        "privileged": False,
        "ipc_mode": "private",
    }


def _limits(spec: ContainerSpec) -> dict[str, Any]:
    limits = spec.limits
    log = {"max-size": str(max(limits.log_bytes // 2, 4096)), "max-file": "2"}
    return {
        "mem_limit": limits.memory_bytes,
        "memswap_limit": limits.memory_bytes,  # equal: no swap
        "nano_cpus": int(limits.cpus * 1e9),
        "pids_limit": limits.pids,
        "shm_size": limits.shm_bytes,
        "ulimits": [_ulimit("core", 0), _ulimit("fsize", largest_file(limits))],
        "log_config": LogConfig(type=LogConfig.types.JSON, config=log),
    }


def largest_file(limits: Limits) -> int:
    """The bytes that one file may have: less than all together, so that the script gets an error."""
    return limits.disk_bytes * 3 // 4


def _ulimit(name: str, limit: int) -> Ulimit:
    return Ulimit(name=name, soft=limit, hard=limit)


def _gpus(gpus: tuple[str, ...]) -> DeviceRequest:
    if gpus == ("all",):
        return DeviceRequest(count=-1, capabilities=[["gpu"]])
    return DeviceRequest(device_ids=list(gpus), capabilities=[["gpu"]])

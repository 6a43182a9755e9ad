"""A Docker engine of the tests' own, which can be stopped without harm to anybody else's containers."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import requests
from docker.errors import DockerException

import docker

_PATIENCE = 60.0


@dataclass
class OwnEngine:
    """A second `dockerd` on this machine. Only root can run one.

    Args:
        folder: Its state; short, because a socket's path is limited.
    """

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"unix://{self.folder}/docker.sock"

    def client(self) -> docker.DockerClient:
        """A client of it."""
        return docker.DockerClient(base_url=self.url, timeout=60)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        arguments = {
            "--data-root": self.folder / "data",
            "--exec-root": self.folder / "exec",
            "--pidfile": self.folder / "pid",
            "--host": self.url,
            "--bridge": "none",  # trainings have no network
        }
        # In a network of its own: with this option it would take the other engine's bridge away.
        command = ["unshare", "--net", "dockerd", "--iptables=false", "--ip6tables=false"]
        command += [str(part) for pair in arguments.items() for part in pair]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, "the engine did not start"
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except (DockerException, requests.RequestException):
            return False

    def stop(self) -> None:
        """Stop it; its containers end with it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(_PATIENCE)
            self.process = None

    def take(self, image: str) -> None:
        """Copy an image from the machine's engine."""
        environment = {**os.environ, "DOCKER_HOST": self.url}
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as source:
            subprocess.run(["docker", "load"], stdin=source.stdout, env=environment, check=True, timeout=600)

"""The Docker engine as this project uses it: launch once, find by label, stop, remove."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.utils import kwargs_from_env

import docker
from include.containers._options import create_options
from include.containers.errors import EngineUnavailableError, ImageMissingError, LaunchError, NameTakenError
from include.containers.naming import EXPERIMENT, STACK, TRIAL, relaunch_name
from include.containers.network import ensure_network
from include.containers.spec import ContainerSpec
from include.containers.state import ContainerState, state_of

_CONFLICT = 409
_API_SECONDS = 60
_CREATION_SECONDS = 20.0


class Engine:
    """Training containers on one Docker engine.

    Args:
        client: A client of the Docker SDK; `connect` makes one.
        stack: Only containers with this ``cnn.stack`` label exist for this object.
    """

    def __init__(self, client: docker.DockerClient, stack: str) -> None:
        self.client = client
        self.stack = stack

    @classmethod
    def connect(cls, stack: str, url: str | None = None) -> Engine:
        """Return the engine at a URL, by default that of ``DOCKER_HOST`` (TLS by ``DOCKER_CERT_PATH``).

        Raises:
            EngineUnavailableError: No engine answers there.
        """
        options: dict[str, Any] = {**kwargs_from_env(), **({"base_url": url} if url else {})}
        try:
            client = docker.DockerClient(timeout=_API_SECONDS, **options)
            client.ping()
        except (DockerException, requests.RequestException) as error:
            raise EngineUnavailableError(str(options.get("base_url", "the local socket")), error) from error
        return cls(client, stack)

    def close(self) -> None:
        """Close the connections to the engine."""
        self.client.close()

    def pin(self, spec: ContainerSpec) -> ContainerSpec:
        """Return the spec bound to the exact image that its tag means now.

        Raises:
            ImageMissingError: The engine does not have the image.
        """
        try:
            image_id = self.client.images.get(spec.image_id or spec.image).id
        except ImageNotFound as error:
            raise ImageMissingError(spec.image, spec.name) from error
        return spec.pinned(str(image_id))

    def launch(self, spec: ContainerSpec, relaunch: int = 0) -> ContainerState:
        """Create and start a container, or adopt the one that this launch has already made.

        Called twice, or by two processes at once, it still makes one container: its name is deterministic
        and the engine refuses a second of that name.

        Raises:
            ImageMissingError: The engine does not have the image.
            NameTakenError: A foreign container has the name.
            LaunchError: The engine refused; nothing of the launch is left behind.
        """
        name = relaunch_name(spec.name, relaunch)
        container = self._existing(spec, name) or self._create(spec, relaunch)
        if container.status == "created":
            self._start(container, name)
        return self._state(container)

    def find(self, experiment: str | None = None, trial: int | None = None) -> tuple[ContainerState, ...]:
        """Return the states of this installation's containers, also ended ones, by relaunch number."""
        states = (state_of(container.attrs) for container in self._list(experiment, trial))
        return tuple(sorted(states, key=lambda state: (state.experiment, state.trial, state.relaunch)))

    def observe(self, experiment: str, trial: int) -> ContainerState:
        """Return the state of a trial's newest container; ``missing`` when there is none."""
        states = self.find(experiment, trial)
        return states[-1] if states else ContainerState(experiment, trial)

    def container(self, container_id: str) -> Container | None:
        """Return the SDK's object of a container, None when it is gone."""
        try:
            return self.client.containers.get(container_id)
        except NotFound:
            return None

    def stop(self, container_id: str, seconds: int = 5) -> None:
        """Stop a container: SIGTERM, then SIGKILL. One that is gone or has ended is fine."""
        with _gone_is_fine():
            self.client.api.stop(container_id, timeout=seconds)

    def kill(self, container_id: str) -> None:
        """Kill a container at once. One that is gone or has ended is fine."""
        with _gone_is_fine(also_conflict=True):
            self.client.api.kill(container_id)

    def remove(self, container_id: str) -> None:
        """Remove a container, killing it if it runs. One that is gone is fine."""
        with _gone_is_fine(also_conflict=True):  # 409: somebody else is removing it just now
            self.client.api.remove_container(container_id, force=True, v=True)

    def logs(self, container_id: str, *, follow: bool = False, tail: int | None = None) -> Iterator[bytes]:
        """Give what a container has printed, in pieces; nothing if it is gone.

        Args:
            container_id: The container.
            follow: Go on giving what it prints until it ends, instead of ending here.
            tail: Only the last lines.
        """
        last: Literal["all"] | int = "all" if tail is None else tail
        with _gone_is_fine():
            yield from self.client.api.logs(container_id, stream=True, follow=follow, tail=last)

    def _list(self, experiment: str | None, trial: int | None) -> list[Container]:
        labels = [f"{STACK}={self.stack}"]
        labels += [f"{EXPERIMENT}={experiment}"] if experiment is not None else []
        labels += [f"{TRIAL}={trial}"] if trial is not None else []
        return self.client.containers.list(all=True, filters={"label": labels}, ignore_removed=True)

    def _existing(self, spec: ContainerSpec, name: str) -> Container | None:
        container = self.container(name)
        if container is None or container.status == "removing":
            return None
        state = state_of(container.attrs)
        owner = (container.labels.get(STACK), state.experiment, str(state.trial))
        if owner != (spec.labels[STACK], spec.labels[EXPERIMENT], spec.labels[TRIAL]):
            raise NameTakenError(name)
        if state.config == spec.config_hash:
            return container
        # Another configuration is another training: the old one would be judged as the new one.
        self.remove(state.id or name)
        return None

    def _create(self, spec: ContainerSpec, relaunch: int) -> Container:
        name = relaunch_name(spec.name, relaunch)
        ensure_network(self.client, spec.network, self.stack)
        try:
            return self.client.containers.create(**create_options(spec, relaunch))
        except ImageNotFound as error:
            raise ImageMissingError(spec.image_id or spec.image, name) from error
        except APIError as error:
            if error.status_code != _CONFLICT:
                raise LaunchError(name, error.explanation or error) from error
            return self._created_by_another(spec, name)

    def _created_by_another(self, spec: ContainerSpec, name: str) -> Container:
        """Wait for the container that another process is creating: its name is taken before it exists."""
        deadline = time.monotonic() + _CREATION_SECONDS
        while (container := self._existing(spec, name)) is None:
            if time.monotonic() > deadline:
                raise LaunchError(name, "its name stays taken, but no container of that name appears")
            time.sleep(0.05)
        return container

    def _start(self, container: Container, name: str) -> None:
        try:
            container.start()
        except APIError as error:
            # Left in place, it would be taken for a launch that succeeded.
            self.remove(str(container.id))
            raise LaunchError(name, error.explanation or error) from error

    def _state(self, container: Container) -> ContainerState:
        container.reload()
        return state_of(container.attrs)


@contextmanager
def _gone_is_fine(also_conflict: bool = False) -> Iterator[None]:
    try:
        yield
    except NotFound:
        return
    except APIError as error:
        if not (also_conflict and error.status_code == _CONFLICT):
            raise

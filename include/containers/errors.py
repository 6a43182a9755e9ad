"""What can go wrong with training containers, one class per failure."""

from __future__ import annotations

from pathlib import Path


class ContainersError(Exception):
    """Anything of this package that failed."""


class EngineUnavailableError(ContainersError):
    """The Docker engine does not answer."""

    def __init__(self, url: str, cause: object) -> None:
        super().__init__(
            f"The Docker engine at {url} does not answer ({cause}). "
            "Start it, or set DOCKER_HOST to one that runs."
        )


class ImageMissingError(ContainersError):
    """The training image is not on the engine."""

    def __init__(self, image: str, container: str) -> None:
        super().__init__(
            f"Image {image} for container {container} is not on the Docker engine. "
            "Build it with `make up`, or name another image for the repository in config/repositories.yaml."
        )


class LaunchError(ContainersError):
    """The engine refused to create or start a container."""

    def __init__(self, container: str, cause: object) -> None:
        super().__init__(f"Container {container} could not be launched: {cause}")


class NameTakenError(ContainersError):
    """A container that is not this trial's has the name that this trial's must have."""

    def __init__(self, container: str) -> None:
        super().__init__(
            f"The container name {container} is taken by a container that does not belong to this trial. "
            f"Remove it with `docker rm -f {container}`, or give this installation its own CNN_STACK."
        )


class ResultRefusedError(ContainersError):
    """A file that a container wrote is not what it must be, and is not read."""

    def __init__(self, path: Path, why: str) -> None:
        self.why = why
        super().__init__(f"{path} was refused: {why}. Nothing of it was used.")


class DiskFullError(ContainersError):
    """The host's disk has no room for a trial's files."""

    def __init__(self, trial_dir: Path) -> None:
        super().__init__(
            f"The disk that {trial_dir} is on is full. Free some space (lower `keep_trials` or `keep_days` "
            "in config/repositories.yaml and run the DAG `maintenance`), then clear the trial's train task."
        )


class NotLaunchedError(ContainersError):
    """A trial is to be watched that was never launched."""

    def __init__(self, trial_dir: Path) -> None:
        super().__init__(
            f"{trial_dir} has no container.json: the trial was never launched. Clear its train task."
        )


class FolderTooLargeError(ContainersError):
    """A folder that a container wrote is larger than what is copied of it."""

    def __init__(self, path: Path, why: str) -> None:
        self.why = why
        super().__init__(f"{path} is not copied: {why}.")


class StepVanishedError(ContainersError):
    """The container of a tweak script was removed or killed by somebody else, again and again."""

    def __init__(self, container: str) -> None:
        super().__init__(
            f"Container {container} was removed while its tweak script ran. Clear the task `tweak` to run it "
            "again; see `docker events` for who removed it."
        )


class FirewallError(ContainersError):
    """The host's firewall did not take a rule without which a training could reach the host."""

    def __init__(self, rule: str, cause: str) -> None:
        super().__init__(
            f"The network `internet` can't be shut off from this host (iptables {rule}: {cause}). Run the "
            "installation as root with iptables, or name a Docker network of your own as `network:` in "
            "config/repositories.yaml, and shut that off yourself."
        )

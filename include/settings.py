"""Where this installation keeps its state: read from the environment once, typed from then on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """The places and names of one installation ("stack").

    Args:
        var: Folder of all runtime state; git-ignored.
        config: Folder with `repositories.yaml`.
        stack: Name that every container of this installation carries as its label.
        storage_url: Optuna storage with the experiments, as an SQLAlchemy URL.
        models_url: Where published models go: a `file://` or `s3://` URL.
        training_image: The image that trains where a repository names none.
        datasets: Folder of data sets that every training can read and none can write.
    """

    var: Path
    config: Path
    stack: str
    storage_url: str
    models_url: str
    training_image: str
    datasets: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read `CNN_*` variables; each has a default that suits one machine."""
        root = Path(environment.get("CNN_PROJECT_ROOT", PROJECT_ROOT))
        var = Path(environment.get("CNN_VAR_DIR", root / "var")).absolute()
        return cls(
            var=var,
            config=Path(environment.get("CNN_CONFIG_DIR", root / "config")).absolute(),
            stack=environment.get("CNN_STACK", "default"),
            storage_url=environment.get("CNN_STORAGE_URL", f"sqlite:///{var / 'experiments.db'}"),
            models_url=environment.get("CNN_MODELS_URL", (var / "models").as_uri()),
            training_image=environment.get("CNN_TRAINING_IMAGE", "better-cnn-training:latest"),
            datasets=Path(environment.get("CNN_DATASETS", root / "var" / "datasets")).absolute(),
        )

    @cached_property
    def workspace(self) -> Path:
        """Fetched trees, cached blobs and the trials' folders: local, because containers mount them."""
        return self.var / "workspace"

    @property
    def blobs(self) -> Path:
        """The content-addressed cache that all pushes share."""
        return self.workspace / "blobs"

    @property
    def outbox(self) -> Path:
        """Mails waiting for the SMTP server, and those already handed over."""
        return self.var / "outbox"

    @property
    def audit_file(self) -> Path:
        """What the monitor did, one JSON line per action."""
        return self.var / "audit.jsonl"

    @property
    def repositories_file(self) -> Path:
        """The list of watched repositories that an operator edits."""
        return self.config / "repositories.yaml"

    def tree(self, repository: str, sha: str) -> Path:
        """The fetched files of one push."""
        return self.workspace / "trees" / repository / sha

    def trial(self, experiment: str, trial: int) -> Path:
        """The folder of one trial of an experiment (`owner/repo@sha`)."""
        return self.experiment(experiment) / "trials" / str(trial)

    def experiment(self, experiment: str) -> Path:
        """The folder of an experiment (`owner/repo@sha`)."""
        return self.workspace / "experiments" / experiment.replace("@", "/")

"""What an end-to-end test does and sees."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

from github import Github, InputGitAuthor, InputGitTreeElement

from include.experiments.experiment import Experiment
from include.experiments.installation import Installation
from include.experiments.records import State
from include.experiments.store import UnknownExperiment
from include.source import Push, commit_folder
from ops.airflow_api import AirflowApi
from ops.demo.stage import Stage

T = TypeVar("T")
AUTHOR = ("Ada Developer", "ada@example.com")


@dataclass(frozen=True)
class World:
    """What a test does and sees: pushes, experiments, runs, mails."""

    stage: Stage
    github: Github
    api: AirflowApi

    def push(
        self,
        name: str,
        files: dict[str, str | Path],
        folder: Path,
        message: str | None = None,
        client: Github | None = None,
    ) -> Push:
        """Commit some files to the repository `admin/<name>`, straight or by way of another client."""
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            if isinstance(content, Path):
                shutil.copy(content, folder / path)
            else:
                (folder / path).write_text(content, encoding="utf-8")
        said = message or f"Change {name}"
        return commit_folder(client or self.github, f"admin/{name}", "main", folder, said, AUTHOR)

    def push_symlink(self, name: str, path: str, target: str, folder: Path) -> str:
        """Commit a symlink, which no honest tool of ours would; returns the SHA."""
        self.push(name, {"README.md": "Nothing yet"}, folder)
        repository = self.github.get_repo(f"admin/{name}")
        head = repository.get_git_ref("heads/main")
        parent = repository.get_git_commit(head.object.sha)
        link = InputGitTreeElement(path, "120000", "blob", content=target)
        tree = repository.create_git_tree([link], parent.tree)
        author = InputGitAuthor(*AUTHOR)
        commit = repository.create_git_commit("Add data", tree, [parent], author, author)
        # The emulator knows no URL of a ref, which PyGithub's own `edit` follows.
        url = f"/repos/admin/{name}/git/refs/heads/main"
        self.github.requester.requestJsonAndCheck("PATCH", url, input={"sha": commit.sha})
        return commit.sha

    def ended(self, experiment: str, seconds: float = 300) -> Experiment:
        """Wait until an experiment has ended and its mail is out."""
        found = self.eventually(lambda: self._ended(experiment), f"{experiment} ends", seconds)
        self.eventually(lambda: self.mails(found.identity.sha), f"the mail of {experiment}", 240)
        return found

    def known(self, experiment: str) -> Experiment | None:
        """An experiment, as soon as its push is claimed."""
        try:
            return Installation(self.stage.settings).store.get(experiment)
        except UnknownExperiment:
            return None

    def _ended(self, experiment: str) -> Experiment | None:
        found = self.known(experiment)
        return None if found is None or found.state is State.RUNNING else found

    def mails(self, sha: str) -> list[EmailMessage]:
        """The mails whose subject names a push."""
        mails = [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in sorted(self.stage.mails.glob("*.eml"))
        ]
        return [mail for mail in mails if sha[:7] in str(mail["subject"])]

    def runs(self, name: str) -> list[dict[str, Any]]:
        """The DAG runs of a repository, oldest first."""
        answer = self.api.get(f"dags/train_cnn__admin__{name}/dagRuns", {"order_by": "id", "limit": 100})
        runs: list[dict[str, Any]] = answer["dag_runs"]
        return runs

    def states(self, name: str, run_id: str) -> dict[str, str]:
        """State of each task of a run."""
        answer = self.api.get(f"dags/train_cnn__admin__{name}/dagRuns/{run_id}/taskInstances")
        return {task["task_id"]: task["state"] for task in answer["task_instances"]}

    def trigger(self, name: str, conf: dict[str, Any]) -> str:
        """Trigger a repository's DAG as the web UI does, and wait for the run's end."""
        dag = f"train_cnn__admin__{name}"
        run = self.api.post(f"dags/{dag}/dagRuns", {"conf": conf, "logical_date": None})
        return str(run["dag_run_id"])

    def finished(self, name: str, run_id: str, seconds: float = 240) -> str:
        """Wait for the end of a run and return its state."""

        def state() -> str | None:
            run = self.api.get(f"dags/train_cnn__admin__{name}/dagRuns/{run_id}")
            return str(run["state"]) if run["state"] in ("success", "failed") else None

        return self.eventually(state, f"run {run_id} of {name} ends", seconds)

    @staticmethod
    def eventually(look: Callable[[], T | None], what: str, seconds: float) -> T:
        """Wait for something to be true."""
        deadline = time.monotonic() + seconds
        while True:
            if seen := look():
                return seen
            assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
            time.sleep(0.3)

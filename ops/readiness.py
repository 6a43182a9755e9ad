"""Wait until a started stack works, and give it what only a working Airflow can be given."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from ops.airflow_api import AirflowApi, AirflowApiError, Json
from ops.commands import Say, tail
from ops.errors import OpsError
from ops.supervision import Supervisor

POOL = "training_slots"
_BEATING = {"scheduler": "scheduler", "dag_processor": "dag-processor", "triggerer": "triggerer"}
_COMPONENTS = {"api-server", "task-api", *_BEATING.values()}
_PATIENCE = 480.0  # 30 s on a quiet machine with two cores
_DYING_PATIENCE = 8.0


class ComponentDiesError(OpsError):
    """A program of the stack ended again and again."""


class NotHealthyError(OpsError):
    """The stack did not become healthy in time."""


class BadSlotsError(OpsError):
    """`CNN_TRAINING_SLOTS` is no number of trainings."""


@dataclass(frozen=True)
class Health:
    """Asks the components of one stack how they are.

    Args:
        api: The stack's REST API.
        task_api: Address of the tasks' server's health.
        since: Seconds since the epoch; a heartbeat before it is from an earlier life. None: any counts.
    """

    api: AirflowApi
    task_api: str
    since: float | None

    def healthy(self) -> set[str]:
        """Name the components that work now."""
        return self._answering_tasks() | self._beating()

    def _answering_tasks(self) -> set[str]:
        try:
            httpx.get(self.task_api, timeout=3, trust_env=False).raise_for_status()
        except httpx.HTTPError:  # not listening yet
            return set()
        return {"task-api"}

    def _beating(self) -> set[str]:
        try:
            report = self.api.health()
        except httpx.HTTPError:
            return set()
        return {"api-server"} | {name for key, name in _BEATING.items() if self._beats(report.get(key), key)}

    def _beats(self, component: Json | None, key: str) -> bool:
        if not component or component.get("status") != "healthy":
            return False
        beat = component.get(f"latest_{key}_heartbeat")
        return self.since is None or (
            beat is not None and datetime.fromisoformat(beat).timestamp() >= self.since
        )


def wait_until_healthy(supervisor: Supervisor, health: Health, logs: Path, say: Say) -> None:
    """Wait until the two API servers, scheduler, dag-processor and triggerer say that they work.

    Args:
        supervisor: Knows when a program gave up.
        health: Asks the components.
        logs: Folder with the programs' logs, for error messages.
        say: Told of each component that became ready.

    Raises:
        ComponentDiesError: A program ended again and again.
        NotHealthyError: Not healthy after eight minutes.
    """
    started = time.monotonic()
    ready: set[str] = set()
    failing: dict[str, float] = {}
    while missing := _COMPONENTS - ready:
        _refuse_dead(supervisor, logs, failing)
        for name in sorted(health.healthy() - ready):
            ready.add(name)
            say(f"{name} is ready ({time.monotonic() - started:.0f} s)")
        if time.monotonic() - started > _PATIENCE:
            raise NotHealthyError(
                f"Not ready after {_PATIENCE:.0f} s: {', '.join(sorted(missing))}",
                f"Read the logs in {logs}; on a busy machine run it again, and it goes on waiting",
            )
        time.sleep(0.2)


def _refuse_dead(supervisor: Supervisor, logs: Path, failing: dict[str, float]) -> None:
    """Give up on a program that the supervisor keeps starting in vain; `failing` remembers since when."""
    states = supervisor.states()
    if not states:
        raise ComponentDiesError("The supervisor has ended", f"Read {logs}/supervisord.log")
    now = time.monotonic()
    for state in states:
        if state.state == "RUNNING":
            failing.pop(state.name, None)
        elif state.state == "BACKOFF":
            failing.setdefault(state.name, now)
        if state.state == "FATAL" or now - failing.get(state.name, now) > _DYING_PATIENCE:
            log = logs / f"{state.name}.log"
            cause = f"{state.name} ends again and again; its last lines:\n{tail(log)}"
            raise ComponentDiesError(cause, f"Read {log}")


def slots_of(environment: Mapping[str, str]) -> int:
    """Read how many trainings may run at once.

    Args:
        environment: `CNN_TRAINING_SLOTS` says it; 1 unless set.

    Raises:
        BadSlotsError: It says something else.
    """
    text = environment.get("CNN_TRAINING_SLOTS", "1")
    if not text.isdecimal() or int(text) < 1:
        raise BadSlotsError(f"CNN_TRAINING_SLOTS is {text!r}", "Make it a whole number from 1 on")
    return int(text)


def ensure_pool(api: AirflowApi, environment: Mapping[str, str]) -> None:
    """Make the pool that limits how many trainings run at once; waiting (deferred) trainings count.

    Args:
        api: The stack's REST API.
        environment: As for `slots_of`.
    """
    slots = slots_of(environment)
    about = "One slot per training container, held until it ends"
    body = {"slots": slots, "include_deferred": True, "description": about}
    try:
        found = api.get(f"pools/{POOL}")
    except AirflowApiError as error:
        if error.status != httpx.codes.NOT_FOUND:
            raise
        api.post("pools", {"name": POOL, **body})
    else:
        if any(found[key] != value for key, value in body.items()):
            api.patch(f"pools/{POOL}", {"pool": POOL, **body})

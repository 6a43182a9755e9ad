"""A real stack: works, mends itself, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ops import processes
from ops.images import ensure_training_image
from ops.ports import any_port
from ops.readiness import ComponentDiesError
from ops.stack import Stack, StackConfig
from ops.supervision import ComponentState, UnknownComponentError
from ops.supervisor_config import Program

COMPONENTS = {"api-server", "task-api", "scheduler", "dag-processor", "triggerer"}
DAG = """
from airflow.sdk import dag, task

@dag(schedule=None)
def greet():
    @task
    def hello():
        print("hello from a task")
    hello()

greet()
"""


def eventually(condition: Callable[[], object], what: str, seconds: float = 180) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not in {seconds} s: {what}"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack with one small DAG and one program more."""
    folder = tmp_path_factory.mktemp("stack")
    (folder / "dags").mkdir()
    (folder / "dags" / "greet.py").write_text(DAG)
    beside = Program("beside", (sys.executable, "-c", "import time; time.sleep(3600)"), {"FRUIT": "fig"}, 10)
    settings = {
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(folder / "plugins"),
        "CNN_TRAINING_SLOTS": "3",
    }
    stack = Stack(StackConfig(folder / "var", port=any_port(), environment=settings, programs=(beside,)))
    try:
        stack.start(print)
        yield stack
    finally:
        stack.stop()


def states(stack: Stack) -> dict[str, ComponentState]:
    """The programs by name."""
    return {state.name: state for state in stack.status()}


@pytest.mark.e2e
def test_every_component_runs_under_the_supervisor(stack: Stack) -> None:
    found = states(stack)
    assert set(found) == {*COMPONENTS, "beside", "task-logs", "janitor"}
    assert {state.state for state in found.values()} == {"RUNNING"}
    beside = psutil.Process(found["beside"].pid)
    assert (beside.environ()["FRUIT"], beside.environ()["CNN_STACK"]) == ("fig", stack.id)


@pytest.mark.e2e
def test_every_component_lets_trainings_have_the_processors_first(stack: Stack) -> None:
    pids = [state.pid for state in stack.status() if state.pid]
    assert {psutil.Process(pid).nice() for pid in pids} == {processes.NICENESS}
    groups = [Path(f"/proc/{pid}/autogroup") for pid in pids]
    if groups[0].exists():
        assert {group.read_text().split()[-1] for group in groups} == {str(processes.NICENESS)}


@pytest.mark.e2e
def test_the_pool_of_training_slots_counts_waiting_trainings(stack: Stack) -> None:
    with stack.api() as api:
        pool = api.get("pools/training_slots")
    assert (pool["slots"], pool["include_deferred"]) == (3, True)


@pytest.mark.e2e
def test_a_task_runs_and_its_log_can_be_read(stack: Stack) -> None:
    with stack.api() as api:
        eventually(lambda: api.get("dags")["total_entries"] == 1, "the DAG is seen")
        run = api.post("dags/greet/dagRuns", {"logical_date": None})
        path = f"dags/greet/dagRuns/{run['dag_run_id']}"
        eventually(lambda: api.get(path)["state"] in ("success", "failed"), "the run ends")
        assert api.get(path)["state"] == "success"
        log = str(api.get(f"{path}/taskInstances/hello/logs/1"))
    assert "hello from a task" in log
    assert "Could not read served logs" not in log


@pytest.mark.e2e
def test_nothing_listens_beyond_this_machine(stack: Stack) -> None:
    ours = {process.pid for process in processes.of_stack(stack.id)}
    connections = [connection for connection in psutil.net_connections("inet") if connection.pid in ours]
    listening = [each.laddr for each in connections if each.status == psutil.CONN_LISTEN and each.laddr]
    assert listening
    assert {address.ip for address in listening} == {"127.0.0.1"}


@pytest.mark.e2e
def test_starting_it_again_restarts_nothing_and_makes_what_is_missing(stack: Stack) -> None:
    before = stack.supervisor_pid()
    said: list[str] = []
    with stack.api() as api:  # as if the start had ended before it came to the pool
        api.patch("pools/training_slots", {"pool": "training_slots", "slots": 1, "include_deferred": True})
        stack.start(said.append)
        assert api.get("pools/training_slots")["slots"] == 3
    assert stack.supervisor_pid() == before
    assert said[0] == f"Already running at {stack.url}"


@pytest.mark.e2e
@pytest.mark.parametrize("component", ["scheduler", "triggerer"])
def test_a_killed_component_comes_back_and_leaves_no_orphans(stack: Stack, component: str) -> None:
    killed = states(stack)[component].pid
    assert killed is not None
    below = processes.descendants(killed)
    os.kill(killed, signal.SIGKILL)
    eventually(
        lambda: (now := states(stack)[component]).state == "RUNNING" and now.pid not in (killed, None),
        f"{component} is back",
    )
    eventually(lambda: not any(processes.alive(process) for process in below), "its children ended")


@pytest.mark.e2e
def test_an_unknown_component_is_answered_with_the_known_ones(stack: Stack) -> None:
    with pytest.raises(UnknownComponentError, match="Name one of api-server, beside"):
        stack.restart("shceduler")


@pytest.mark.e2e
@pytest.mark.docker
def test_sigterm_to_the_supervisor_leaves_no_process_and_no_container(stack: Stack) -> None:
    label = f"cnn.stack={stack.id}"
    run = ("docker", "run", "-d", "--label", label, ensure_training_image(print), "sleep", "600")
    subprocess.run(run, check=True, capture_output=True)
    supervisor = stack.supervisor_pid()
    assert supervisor is not None
    everything = [psutil.Process(supervisor), *processes.descendants(supervisor)]
    assert len(everything) > 2 * len(COMPONENTS)
    os.kill(supervisor, signal.SIGTERM)
    eventually(lambda: not any(processes.alive(process) for process in everything), "all processes ended")
    assert processes.of_stack(stack.id) == []
    left = subprocess.run(
        ("docker", "ps", "-aq", "--filter", f"label={label}"), capture_output=True, text=True, check=True
    )
    assert left.stdout == ""
    assert stack.status() == []


@pytest.mark.e2e
def test_a_program_that_keeps_dying_is_named_with_its_last_words(tmp_path: Path) -> None:
    dying = Program("dying", (sys.executable, "-c", "print('no fuel', flush=True); raise SystemExit(3)"))
    stack = Stack(StackConfig(tmp_path / "var", port=any_port(), programs=(dying,)))
    try:
        with pytest.raises(ComponentDiesError, match=r"(?s)dying ends again and again.*no fuel"):
            stack.start(print)
    finally:
        stack.stop()
    assert processes.of_stack(stack.id) == []

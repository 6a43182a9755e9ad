"""Milliseconds and bytes of every request that the pages make, with 1,000 experiments and 1,000 trials.

`.venv/bin/python -m bench.pages [--json FILE]`; one experiment has the thousand trials, each other has five.
The trials have the parameters of the bundled example, and the application stands behind the compression that
Airflow's api-server puts in front of it: bytes are those that a browser is sent.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import optuna
from optuna.distributions import distribution_to_json

from include.detector import inspect
from include.experiments.installation import Installation
from include.settings import PROJECT_ROOT
from include.tweaker import SearchSpace, Value, discover, suggest
from tests.include.pages import support

EXPERIMENTS, TRIALS, EPOCHS, REPEATS = 1000, 1000, 1000, 20
MOST_MILLISECONDS, MOST_BYTES = 300, 500_000
LARGE = support.push_number(0)


def seed(installation: Installation) -> None:
    """Fill the store in one transaction, with copies of an experiment that the system's own code made."""
    from include.pages.database import Database

    one = support.ended(installation, LARGE)
    database = Database(installation.settings.storage_url)
    study = database.study(str(one))
    tree = PROJECT_ROOT / "examples" / "mnist_cnn"
    space = discover(tree, inspect(tree))
    if study is None or space is None:
        raise LookupError(str(one))
    one.set("space", space.to_json())
    attributes = one.study.user_attrs
    trial = one.study.trials[0].user_attrs
    engine = database.storage.engine
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = OFF")
        for statement, rows in _rows(attributes, trial, space):
            connection.exec_driver_sql(statement, rows)
        connection.commit()
    folder = installation.settings.trial(str(one), 1)
    epochs = ({"epoch": n + 1, "accuracy": n / EPOCHS, "loss": 1 / (n + 1)} for n in range(EPOCHS))
    (folder / "out" / "metrics.jsonl").write_text("".join(json.dumps(epoch) + "\n" for epoch in epochs))
    (folder / "log.txt").write_text("x" * 100 + "\n" + "Epoch 1/3, accuracy 0.5\n" * 50_000)


Rows = list[tuple[Any, ...]]


def _rows(
    attributes: dict[str, Any], trial: dict[str, Any], space: SearchSpace
) -> Iterator[tuple[str, Rows]]:
    pushes = {n: support.push_number(n, message=f"Change {n}") for n in range(1, EXPERIMENTS)}
    yield (
        "INSERT INTO studies (study_id, study_name) VALUES (?, ?)",
        [(n + 1, f"{push.repository}@{push.sha}") for n, push in pushes.items()],
    )
    yield (
        "INSERT INTO study_directions (direction, study_id, objective) VALUES ('MAXIMIZE', ?, 0)",
        [(n + 1,) for n in pushes],
    )
    yield (
        "INSERT INTO study_user_attributes (study_id, key, value_json) VALUES (?, ?, ?)",
        [
            (n + 1, key, json.dumps(push.to_json() if key == "push" else value))
            for n, push in pushes.items()
            for key, value in attributes.items()
        ],
    )
    numbers = [(1, n) for n in range(4, TRIALS)] + [
        (study, n) for study in range(2, EXPERIMENTS + 1) for n in range(5)
    ]
    trials = [(key, study, number) for key, (study, number) in enumerate(numbers, 5)]
    now = datetime.now().isoformat(" ")
    yield (
        "INSERT INTO trials (state, trial_id, study_id, number, datetime_start) "
        "VALUES ('COMPLETE', ?, ?, ?, ?)",
        [(*row, now) for row in trials],
    )
    yield (
        "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, 0, ?, 'FINITE')",
        [(key, (key * 37 % 1000) / 1100) for key, _, _ in trials],
    )
    sampled = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    values = [suggest(sampled.ask(), space) for _ in range(TRIALS)]
    large = [(key, chosen) for (key, study, _), chosen in zip(trials, values, strict=False) if study == 1]
    yield (
        "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)",
        [(key, *row) for key, chosen in large for row in _parameters(space, chosen)],
    )
    yield (
        "INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (?, ?, ?)",
        [
            (key, name, json.dumps(chosen if name == "values" else value))
            for (key, _, _), chosen in zip(trials, cycle(values), strict=False)
            for name, value in trial.items()
        ],
    )


def _parameters(space: SearchSpace, values: Mapping[str, Value]) -> Rows:
    """Rows of Optuna's table of parameters, for those that its studies know of one trial."""
    return [
        (p.name, p.distribution.to_internal_repr(values[p.name]), distribution_to_json(p.distribution))
        for p in space.active(values)
    ]


def measure() -> list[dict[str, Any]]:
    """Ask for everything, as a person who is logged in."""
    from airflow.api_fastapi.app import init_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.api_fastapi.core_api.security import get_user
    from starlette.middleware.gzip import GZipMiddleware
    from starlette.testclient import TestClient

    from plugins.pages.app import app
    from plugins.pages.lazily import LazyApp

    init_auth_manager()
    app.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username="bench", role="admin")
    page = f"/{LARGE.repository}/{LARGE.sha}"
    requests = {
        "Experiments, newest": "/api/experiments",
        "Experiments, last page by accuracy": "/api/experiments?sort=best&page=20",
        "Experiments, search": "/api/experiments?q=change+99",
        "Experiment, head and chart": f"{page}/data",
        "Experiment, table": f"{page}/trials",
        "Experiment, table by accuracy, last page": f"{page}/trials?order=best&page=20",
        "Experiment, 1,000 epochs": f"{page}/curves?trial=1",
        "Experiment, end of a log of 1 MB": f"{page}/log?trial=1",
        "Experiment, patch": f"{page}/patch?trial=1",
        "Optuna Dashboard, study": f"{page}/optuna/api/studies/1?after=0",
    }
    with TestClient(
        GZipMiddleware(LazyApp("plugins.pages.app"), minimum_size=1024, compresslevel=5)
    ) as client:
        return [_ask(client, name, path) for name, path in requests.items()]


def _ask(client: Any, name: str, path: str) -> dict[str, Any]:
    client.get(path)  # the first one imports and connects
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - begun) * 1000)
        answer.raise_for_status()
    median, sent = statistics.median(times), answer.num_bytes_downloaded
    return {
        "request": name,
        "median_ms": round(median, 1),
        "most_ms": round(max(times), 1),
        "bytes": sent,
        "unpacked_bytes": len(answer.content),
        "within": median <= MOST_MILLISECONDS and sent <= MOST_BYTES,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        os.environ["CNN_VAR_DIR"] = folder
        os.environ.setdefault("AIRFLOW_HOME", f"{folder}/airflow")
        installation = Installation.from_environment()
        seed(installation)
        rows = measure()
    print(f"{'request':42} {'median':>9} {'most':>9} {'sent':>9} {'unpacked':>11}")
    for row in rows:
        sign = "" if row["within"] else "  over the limit"
        figures = f"{row['median_ms']:6.1f} ms {row['most_ms']:6.1f} ms {row['bytes']:>7,} B"
        print(f"{row['request']:42} {figures} {row['unpacked_bytes']:>9,} B{sign}")
    if options.json:
        options.json.write_text(json.dumps({"requests": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()

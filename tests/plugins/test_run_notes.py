"""The run of a first trial is named by its note, however it was started and whatever SQLite makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from airflow.listeners.types import AssetEvent
from airflow.models import import_all_models
from airflow.models.base import Base
from airflow.models.dagrun import DagRun
from airflow.serialization.definitions.assets import SerializedAsset
from airflow.utils.types import DagRunType
from pydantic import JsonValue
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from plugins.hooks import metadata
from plugins.listeners.run_notes import on_asset_event_emitted

DAG, RUN = "train_cnn__admin__mnist", "made-up-by-airflow"
SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Airflow's database, in memory."""
    import_all_models()  # type: ignore[no-untyped-call]  # tables refer to each other
    made = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(made)
    return made


@pytest.fixture
def losses() -> list[OperationalError]:
    """What the next writes end with."""
    return []


@pytest.fixture
def session(
    engine: Engine, losses: list[OperationalError], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    """A session of it, without any run."""

    @contextmanager
    def create_session() -> Iterator[Session]:
        with Session(engine) as own, own.begin():
            yield own
            if losses:
                raise losses.pop()

    monkeypatch.setattr(metadata, "create_session", create_session)
    monkeypatch.setattr(metadata, "_PAUSE_SECONDS", 0)
    with Session(engine) as found:
        yield found
        for run in found.scalars(select(DagRun)):
            found.delete(run)
        found.commit()


def start(session: Session, kind: DagRunType, note: str | None = None) -> None:
    now = datetime.now(UTC)
    session.add(DagRun(dag_id=DAG, run_id=RUN, run_type=kind, run_after=now, note=note))
    session.commit()


def claim(trial: int = 1, uri: str = "cnn-trials://admin/mnist", attempt: str = "") -> None:
    """Do what Airflow does with the event of the task that claimed a push."""
    extra: dict[str, JsonValue] = {"experiment": f"admin/mnist@{SHA}{attempt}", "trial": trial}
    asset = SerializedAsset(name="trials", uri=uri, group="asset", extra={}, watchers=[])
    event = AssetEvent(
        asset=asset,
        extra=extra,
        source_dag_id=DAG,
        source_task_id="wait_for_push",
        source_run_id=RUN,
        source_map_index=-1,
        source_aliases=[],
        partition_key=None,
        partition_date=None,
    )
    on_asset_event_emitted(event)


def note(session: Session) -> str | None:
    session.expire_all()
    run = session.scalars(select(DagRun)).one()
    found: str | None = run.note
    return found


@pytest.mark.parametrize("kind", [DagRunType.ASSET_TRIGGERED, DagRunType.SCHEDULED, DagRunType.MANUAL])
def test_a_run_that_claims_a_push_is_named_by_commit_and_trial(session: Session, kind: DagRunType) -> None:
    start(session, kind)
    claim()
    assert note(session) == "0123456789ab.trial-1"


def test_a_push_that_is_trained_again_is_named_with_its_attempt(session: Session) -> None:
    start(session, DagRunType.MANUAL)
    claim(attempt="+2")
    assert note(session) == "0123456789ab+2.trial-1"


def test_a_persons_own_note_stays_below_the_name_which_is_said_once(session: Session) -> None:
    start(session, DagRunType.MANUAL, "With the new data")
    for _ in range(2):  # a task that is cleared claims again
        claim()
    assert note(session) == "0123456789ab.trial-1\n\nWith the new data"


def test_a_later_trial_keeps_the_reason_for_its_values(session: Session) -> None:
    start(session, DagRunType.OPERATOR_TRIGGERED, "Trial 2: filters of conv 1: 32 → 64")
    claim(trial=2)
    assert note(session) == "Trial 2: filters of conv 1: 32 → 64"


def test_events_of_other_assets_name_nothing(session: Session) -> None:
    start(session, DagRunType.ASSET_TRIGGERED)
    claim(uri="github-push://admin/mnist")
    assert note(session) is None


@pytest.mark.parametrize(("failures", "expected"), [(4, "0123456789ab.trial-1"), (5, None)])
def test_a_write_that_loses_against_another_one_is_done_again(
    session: Session, losses: list[OperationalError], failures: int, expected: str | None
) -> None:
    start(session, DagRunType.ASSET_TRIGGERED)
    losses += [OperationalError("UPDATE", {}, Exception("locked"))] * failures
    if expected is None:
        with pytest.raises(OperationalError, match="locked"):
            claim()
    else:
        claim()
    assert note(session) == expected

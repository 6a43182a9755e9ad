"""The page Experiment without its table: the push, the verdict, accuracy over trials, relaunches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from include.detector.verdict import Verdict
from include.experiments.records import shown_state
from include.identity import ExperimentId
from include.pages.database import Database, Point
from include.pages.ending import KEYS as ENDING_KEYS
from include.pages.ending import how_it_ended
from include.report._text import one_line, paragraph, web_link
from include.repositories import Repository

KEYS = ("push", "goals", "state", "claimed_at", "ended_at", "verdict", "published", "owner", *ENDING_KEYS)
_EVIDENCE, _RELAUNCHES = 40, 100


class UnknownPage(LookupError):
    """A page of an experiment that the store does not hold."""

    def __init__(self, experiment: str) -> None:
        super().__init__(f"There is no experiment {experiment}; it was never claimed, or was deleted.")


def detail(database: Database, experiment: str) -> dict[str, Any]:
    """What the page shows above and around its table, as JSON; a thousand trials are about 20 kB.

    Args:
        database: The store.
        experiment: Its id.

    Raises:
        UnknownPage: there is none of that id.
    """
    study = database.study(experiment, KEYS)
    if study is None or "goals" not in study.attributes:
        raise UnknownPage(experiment)
    identity, attributes = ExperimentId.parse(experiment), study.attributes
    points = database.points(study.id)
    best = best_of(points)
    return {
        "id": experiment,
        "short": identity.short,
        "repository": identity.repository,
        "sha": identity.sha,
        "commit": identity.commit,
        "attempt": identity.attempt,
        "attempts": _attempts(database, identity),
        "dag": dag_id(identity.repository),
        "push": _push(attributes["push"]),
        "goals": attributes["goals"],
        "state": shown_state(attributes),
        "claimed_at": attributes["claimed_at"],
        "ended_at": attributes.get("ended_at"),
        "ending": how_it_ended(database, attributes, points),
        "verdict": _verdict(attributes.get("verdict")),
        "published": _published(attributes.get("published")),
        "numbers": {"trials": len(points), "best": None if best is None else [best.number, best.accuracy]},
        "first": points[0].accuracy if points else None,
        "accuracies": [point.accuracy for point in points],
        "states": "".join(point.state[0] for point in points),  # r, c, p or f
        "running": [point.number for point in points if point.state == "running"][:64],
        "runs": {str(p.number): _run(attributes, identity, p.number) for p in points if p.state == "running"},
        "first_run": _run(attributes, identity, 1),
        "relaunches": _relaunches(database, study.id),
    }


def dag_id(repository: str) -> str:
    """Id of the DAG that trains a repository, watched still or not."""
    return Repository.model_construct(name=repository).dag_id


def best_of(points: Sequence[Point]) -> Point | None:
    """The most accurate trial, the earlier one of two equals; a pruned one only if none is complete."""
    judged = [point for point in points if point.accuracy is not None]
    return max(judged, key=lambda p: (p.state == "complete", p.accuracy or 0.0, -p.number), default=None)


def _run(attributes: Mapping[str, Any], identity: ExperimentId, trial: int) -> str:
    return str(attributes.get("owner")) if trial == 1 else identity.run_id(trial)


def _push(push: Mapping[str, Any]) -> dict[str, Any]:
    first, _, rest = str(push["message"]).strip().partition("\n")
    return {
        "branch": one_line(str(push["branch"]), 200),
        "author": one_line(str(push["author_name"]), 120),
        "message": one_line(first, 300),
        "body": paragraph(rest, 4000),
        "committed_at": one_line(str(push["committed_at"]), 60),
        "url": web_link(push.get("url")),
    }


def _verdict(stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if stored is None:
        return None
    verdict = Verdict.from_json(stored)
    return {
        "kind": verdict.kind.value,
        "what": one_line(verdict.what, 200),
        "framework": verdict.framework,
        "script": None if verdict.script is None else one_line(verdict.script, 300),
        "reason": paragraph(verdict.reason, 3000),
        "evidence": [
            {
                "file": one_line(row.file, 300),
                "line": row.line,
                "source": one_line(row.source, 300),
                "sentence": one_line(row.sentence, 400),
            }
            for row in verdict.evidence[:_EVIDENCE]
        ],
    }


def _published(stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not stored:
        return None
    return {"location": one_line(str(stored["location"]), 500), "sha256": stored.get("sha256")}


def _attempts(database: Database, identity: ExperimentId) -> list[dict[str, Any]]:
    """Every attempt at the same push, this one too."""
    names = (
        ExperimentId.parse(name) for name in database.names_with(f"{identity.repository}@{identity.sha}")
    )
    found = sorted((n.attempt, n.commit) for n in names if n.repository == identity.repository)
    return [{"attempt": attempt, "commit": commit} for attempt, commit in found][-50:]


def _relaunches(database: Database, study: int) -> list[dict[str, Any]]:
    rows = [
        {
            "trial": trial,
            "number": row["number"],
            "at": row["at"],
            "reason": one_line(str(row["reason"]), 300),
        }
        for trial, stored in database.relaunches(study)
        for row in stored
    ]
    return rows[-_RELAUNCHES:]

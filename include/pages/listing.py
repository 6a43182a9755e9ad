"""The page Experiments: one row per push, filtered, sorted and cut into pages on the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

from include.experiments.records import shown_state
from include.identity import ExperimentId
from include.pages.database import Database, Study, Tally
from include.report._text import one_line

PAGE_ROWS = 50
_LONGEST_QUERY = 200
_KEYS = ("push", "goals", "state", "claimed_at", "ended_at", "stopped")

Sort = Literal["age", "repository", "branch", "author", "state", "trials", "best"]
Row = tuple[Study, Tally]


@dataclass(frozen=True)
class Query:
    """What a person wants to see.

    Args:
        text: Words that must all stand in repository, branch, SHA, author or message; in any case.
        state: Only experiments in this state; empty for all.
        repository: Only this repository's; empty for all.
        sort: The column that orders the rows.
        descending: From the highest to the lowest; of ages, the newest first.
        page: From 1; beyond the last it is the last.
    """

    text: str = ""
    state: str = ""
    repository: str = ""
    sort: Sort = "age"
    descending: bool = True
    page: int = 1


def repositories(database: Database) -> set[str]:
    """Every repository of which there is an experiment."""
    return {name.partition("@")[0] for name in database.names_with("@")}


def listing(database: Database, query: Query, allowed: Collection[str]) -> dict[str, Any]:
    """The rows of one page, as JSON.

    Args:
        database: The store.
        query: What is asked for.
        allowed: The repositories that the person may see; of others not even the number is told.
    """
    visible = [s for s in database.studies(_KEYS) if "goals" in s.attributes and _repository(s) in allowed]
    tallies = database.tallies()
    rows = [(study, tallies.get(study.id, Tally())) for study in visible]
    chosen = sorted((row for row in rows if _matches(row[0], query)), key=_ORDER["age"], reverse=True)
    chosen.sort(key=_ORDER[query.sort], reverse=query.descending)
    pages = max(1, -(-len(chosen) // PAGE_ROWS))
    page = min(max(query.page, 1), pages)
    shown = chosen[(page - 1) * PAGE_ROWS : page * PAGE_ROWS]
    verdicts = {
        s.id: s.attributes.get("verdict") for s in database.studies(("verdict",), [s.id for s, _ in shown])
    }
    return {
        "rows": [_row(study, tally, verdicts.get(study.id)) for study, tally in shown],
        "total": len(chosen),
        "all": len(rows),
        "page": page,
        "pages": pages,
        "states": dict(Counter(_state(study) for study in visible)),
        "repositories": sorted({_repository(study) for study in visible}),
    }


def _row(study: Study, tally: Tally, verdict: dict[str, Any] | None) -> dict[str, Any]:
    push, identity = study.attributes["push"], ExperimentId.parse(study.name)
    return {
        "id": study.name,
        "path": f"{identity.repository}/{identity.commit}",
        "repository": identity.repository,
        "attempt": identity.attempt,
        "sha": identity.sha,
        "branch": one_line(str(push["branch"]), 100),
        "author": one_line(str(push["author_name"]), 80),
        "message": one_line(str(push["message"]).strip().partition("\n")[0], 160),
        "verdict": None if verdict is None else one_line(str(verdict["what"]), 80),
        "kind": None if verdict is None else str(verdict["kind"]),
        "state": _state(study),
        "trials": tally.trials,
        "running": tally.running,
        "most": study.attributes["goals"]["max_trials"],
        "best": tally.best,
        "target": study.attributes["goals"]["target"],
        "claimed_at": study.attributes["claimed_at"],
        "ended_at": study.attributes.get("ended_at"),
    }


def _matches(study: Study, query: Query) -> bool:
    if query.state and _state(study) != query.state:
        return False
    if query.repository and _repository(study) != query.repository:
        return False
    words = query.text[:_LONGEST_QUERY].casefold().split()
    if not words:
        return True
    push = study.attributes["push"]
    text = " ".join((study.name, *(str(push[k]) for k in ("branch", "author_name", "message")))).casefold()
    return all(word in text for word in words)


def _repository(study: Study) -> str:
    return study.name.partition("@")[0]


def _state(study: Study) -> str:
    return shown_state(study.attributes)


_ORDER: dict[Sort, Callable[[Row], Any]] = {
    "age": lambda row: row[0].attributes["claimed_at"],
    "repository": lambda row: _repository(row[0]).casefold(),
    "branch": lambda row: str(row[0].attributes["push"]["branch"]).casefold(),
    "author": lambda row: str(row[0].attributes["push"]["author_name"]).casefold(),
    "state": lambda row: _state(row[0]),
    "trials": lambda row: row[1].trials,
    "best": lambda row: -1.0 if row[1].best is None else row[1].best,
}

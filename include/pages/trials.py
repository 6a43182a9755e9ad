"""The table of an experiment's trials: one window of rows, each against the best trial before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from include.identity import ExperimentId
from include.pages.database import Database, Point
from include.pages.detail import UnknownPage, best_of
from include.report import _numbers as shown
from include.report._text import one_line
from include.tweaker.space import SearchSpace, Value

WINDOW = 50
_MOST_COLUMNS = 60
Order = Literal["newest", "best"]
Values = Mapping[str, Value]


def trial_window(database: Database, experiment: str, page: int, order: Order) -> dict[str, Any]:
    """One page of the table, as JSON.

    Args:
        database: The store.
        experiment: Id of the experiment.
        page: From 1; beyond the last it is the last.
        order: The newest trial first, or the most accurate.

    Raises:
        UnknownPage: there is no such experiment.
    """
    study = database.study(experiment, ("space", "owner"))
    if study is None:
        raise UnknownPage(experiment)
    points = database.points(study.id)
    pages = max(1, -(-len(points) // WINDOW))
    page = min(max(page, 1), pages)
    window = _ordered(points, order)[(page - 1) * WINDOW : page * WINDOW]
    before = incumbents(points)
    involved = {p.id for p in window} | {before[p.number].id for p in window if p.number in before}
    attributes = database.trial_attributes(involved)
    stored = study.attributes.get("space")
    space = None if stored is None else SearchSpace.from_json(stored)
    values = {key: _active(space, found.get("values", {})) for key, found in attributes.items()}
    names = list(dict.fromkeys(name for p in sorted(window, key=_number) for name in values.get(p.id, {})))
    names = names[:_MOST_COLUMNS]
    labels = {p.name: p.label for p in space.parameters} if space else {}
    best = best_of(points)
    identity = ExperimentId.parse(experiment)
    return {
        "columns": [one_line(labels.get(name, name), 60) for name in names],
        "rows": [
            {
                **_row(point, attributes.get(point.id, {})),
                **_cells(names, values.get(point.id, {}), _values_before(point, before, values)),
                "against": before[point.number].number if point.number in before else None,
                "best": best is not None and best.number == point.number,
                "run": str(study.attributes.get("owner"))
                if point.number == 1
                else identity.run_id(point.number),
            }
            for point in window
        ],
        "page": page,
        "pages": pages,
        "total": len(points),
    }


def incumbents(points: Sequence[Point]) -> dict[int, Point]:
    """The trial that each set out from, by number: the best before it, or the first while none is judged."""
    found: dict[int, Point] = {}
    best: Point | None = None
    for point in points:
        if point.number > 1:
            found[point.number] = best or points[0]
        if point.accuracy is not None and (best is None or point.accuracy > (best.accuracy or 0.0)):
            best = point
    return found


def _ordered(points: Sequence[Point], order: Order) -> list[Point]:
    if order == "newest":
        return sorted(points, key=_number, reverse=True)
    return sorted(points, key=lambda p: (-1.0 if p.accuracy is None else p.accuracy, -p.number), reverse=True)


def _number(point: Point) -> int:
    return point.number


def _active(space: SearchSpace | None, values: Values) -> Values:
    """The values that have an effect; layers that were not grown have values too."""
    if space is None:
        return values
    known, active = {p.name for p in space.parameters}, {p.name for p in space.active(values)}
    return {name: value for name, value in values.items() if name in active or name not in known}


def _values_before(point: Point, before: Mapping[int, Point], values: Mapping[int, Values]) -> Values | None:
    return values.get(before[point.number].id, {}) if point.number in before else None


def _cells(names: Sequence[str], values: Values, before: Values | None) -> dict[str, Any]:
    return {
        "values": [shown.value(values[name]) if name in values else "" for name in names],
        "changed": dict(_changes(names, values, before)) if before is not None else {},
    }


def _changes(names: Sequence[str], values: Values, before: Values) -> Iterator[tuple[str, str]]:
    """Positions of the cells that differ, with what stood there before."""
    for position, name in enumerate(names):
        if values.get(name) != before.get(name):
            yield str(position), shown.value(before.get(name))


def _row(point: Point, attributes: Mapping[str, Any]) -> dict[str, Any]:
    notes = [attributes.get("error"), attributes.get("pruned")]
    warm = attributes.get("warm_started_from")
    return {
        "number": point.number,
        "state": point.state,
        "accuracy": point.accuracy,
        "source": one_line(str(attributes.get("accuracy_source") or ""), 80),
        "reason": one_line(str(attributes.get("reason", "")), 400),
        "seconds": attributes.get("seconds"),
        "relaunches": len(attributes.get("relaunches", ())),
        "notes": [one_line(str(note), 300) for note in notes if note]
        + ([f"started from the weights of trial {warm}"] if warm is not None else []),
    }

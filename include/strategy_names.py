"""The strategies by name and what each needs: cheap to import, for settings and forms are read often."""

import importlib.util

AUTO, HILL_CLIMB, TPE, GP = "auto", "hill_climb", "tpe", "gp"
CMAES, RANDOM, GRID = "cmaes", "random", "grid"
_NEEDS: dict[str, tuple[str, ...]] = {
    AUTO: (),
    HILL_CLIMB: (),
    TPE: (),
    GP: ("scipy", "torch"),
    CMAES: ("cmaes",),
    RANDOM: (),
    GRID: (),
}
STRATEGIES = tuple(_NEEDS)


def what_is_missing(name: str) -> str | None:
    """Return why a strategy can't run here, and the remedy; None where it can."""
    missing = [module for module in _NEEDS.get(name, ()) if importlib.util.find_spec(module) is None]
    if not missing:
        return None
    return (
        f"strategy {name!r} needs {' and '.join(missing)}: install with "
        f"`.venv/bin/uv pip install {' '.join(missing)}`, or use {AUTO!r}"
    )

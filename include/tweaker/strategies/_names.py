"""The strategies by name, and what each needs."""

from __future__ import annotations

import importlib.util
from difflib import get_close_matches

from include.tweaker.errors import UnknownStrategyError

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


def check_name(name: str) -> None:
    """Refuse the name of a strategy that doesn't exist or can't run here.

    Raises:
        UnknownStrategyError: With the nearest valid name, or with what to install.
    """
    if name not in _NEEDS:
        near = get_close_matches(name, STRATEGIES, n=1, cutoff=0.0)[0]
        names = ", ".join(STRATEGIES)
        raise UnknownStrategyError(
            f"no strategy is called {name!r}; the nearest is {near!r}; there are: {names}"
        )
    missing = [module for module in _NEEDS[name] if importlib.util.find_spec(module) is None]
    if missing:
        raise UnknownStrategyError(
            f"strategy {name!r} needs {' and '.join(missing)}: install with "
            f"`.venv/bin/uv pip install {' '.join(missing)}`, or use {AUTO!r}"
        )

"""Whether there is a strategy of a name."""

from __future__ import annotations

from difflib import get_close_matches

from include.strategy_names import STRATEGIES, what_is_missing
from include.tweaker.errors import UnknownStrategyError


def check_name(name: str) -> None:
    """Refuse the name of a strategy that doesn't exist or can't run here.

    Raises:
        UnknownStrategyError: With the nearest valid name, or with what to install.
    """
    if name not in STRATEGIES:
        near = get_close_matches(name, STRATEGIES, n=1, cutoff=0.0)[0]
        names = ", ".join(STRATEGIES)
        raise UnknownStrategyError(
            f"no strategy is called {name!r}; the nearest is {near!r}; there are: {names}"
        )
    why = what_is_missing(name)
    if why:
        raise UnknownStrategyError(why)

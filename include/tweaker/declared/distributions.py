"""From a declared range or choice to a distribution that the script can take."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from include.tweaker.declared.model import DeclaredParameter
from include.tweaker.kinds import kind_of
from include.tweaker.space import Parameter, Value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

_WORD = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


def declared_distribution(
    parameter: Parameter, entry: DeclaredParameter, interface: str, *, held: bool
) -> BaseDistribution:
    """Return the values that are declared for a parameter.

    Args:
        parameter: As it was discovered.
        entry: What is declared of it.
        interface: How values reach the script.
        held: Its range is an operator's, which may only be narrowed.

    Raises:
        ValueError: The values aren't possible; the message is for the developer.
    """
    from optuna.distributions import CategoricalDistribution

    if entry.choices is not None:
        choices = _choices(parameter, entry.choices, interface)
        if held:
            for choice in choices:
                _check_held(parameter, choice)
        return CategoricalDistribution(choices)
    if all(getattr(entry, name) is None for name in ("low", "high", "step", "log")):
        return parameter.distribution
    if isinstance(parameter.distribution, CategoricalDistribution):
        given = ", ".join(str(choice) for choice in parameter.distribution.choices)
        raise ValueError(f"it is chosen from {given}, so it takes `choices`, not a range")
    ranged = _range(parameter, entry)
    if held:
        for end in (ranged.low, ranged.high):  # type: ignore[attr-defined]
            _check_held(parameter, end)
    return ranged


def _range(parameter: Parameter, entry: DeclaredParameter) -> BaseDistribution:
    from optuna.distributions import FloatDistribution, IntDistribution

    old = parameter.distribution
    if not isinstance(old, (IntDistribution, FloatDistribution)):
        raise ValueError("it has no range")  # pragma: no cover - there are no other distributions
    low = entry.low if entry.low is not None else old.low
    high = entry.high if entry.high is not None else old.high
    step = entry.step if entry.step is not None else (None if entry.log or old.log else old.step)
    log = entry.log if entry.log is not None else (old.log and entry.step is None)
    if low > high:
        raise ValueError(f"low {low} is above high {high}; declare both")
    _check_possible(parameter, low, high)
    if log and low <= 0:
        raise ValueError(f"low {low} must be above 0 with `log: true`")
    if isinstance(old, FloatDistribution):
        return FloatDistribution(
            float(low), float(high), log=log, step=float(step) if step and not log else None
        )
    for value in (low, high, step or 1):
        if value != int(value):
            raise ValueError(f"it takes whole numbers, not {value}; the nearest is {round(value)}")
    if step and (int(high) - int(low)) % int(step):
        high = int(low) + (int(high) - int(low)) // int(step) * int(step)
    return IntDistribution(int(low), int(high), log=log, step=1 if log else int(step or 1))


def _check_possible(parameter: Parameter, low: float, high: float) -> None:
    kind = kind_of(parameter.name)
    if kind == "dropout" and not 0 <= low <= high < 1:
        raise ValueError(f"a dropout rate lies from 0 to below 1, not {low}–{high}")
    if kind == "learning_rate" and low <= 0:
        raise ValueError(f"a learning rate is above 0, not {low}")
    least = 0 if parameter.name.startswith("growth.") or isinstance(parameter.default, float) else 1
    if low < least:
        raise ValueError(f"it is at least {least}, not {low}")
    most = getattr(parameter.distribution, "high", high)
    if parameter.name.startswith("growth.") and high > most:
        raise ValueError(f"at most {most} layers can be added here, not {high}")


def _choices(parameter: Parameter, choices: tuple[Value, ...], interface: str) -> tuple[Value, ...]:
    from optuna.distributions import CategoricalDistribution

    named = isinstance(parameter.default, str)
    for choice in choices:
        if isinstance(choice, str) is not named:
            raise ValueError(
                f"{choice!r} isn't a {'word' if named else 'number'}, as your own {parameter.default!r} is"
            )
        if isinstance(parameter.default, int) and not isinstance(choice, str) and choice != int(choice):
            raise ValueError(f"it takes whole numbers, not {choice}; the nearest is {round(choice)}")
        if isinstance(choice, str) and not _WORD.match(choice) and not _discovered(parameter, choice):
            raise ValueError(f"{choice!r} isn't a name")
    numbers = [choice for choice in choices if not isinstance(choice, str)]
    if numbers:
        _check_possible(parameter, min(numbers), max(numbers))
    closed = interface != "literals" or parameter.name.startswith("optimizer")
    if named and closed and isinstance(parameter.distribution, CategoricalDistribution):
        for choice in choices:
            if not _discovered(parameter, choice):
                known = ", ".join(str(one) for one in parameter.distribution.choices)
                raise ValueError(f"{choice!r} isn't one of: {known}")
    whole = isinstance(parameter.default, int)
    return tuple(int(c) if whole and not isinstance(c, str) else c for c in choices)


def _discovered(parameter: Parameter, choice: Value) -> bool:
    return choice in getattr(parameter.distribution, "choices", ())


def _check_held(parameter: Parameter, value: object) -> None:
    from include.tweaker.values import contains, out_of_range

    if not contains(parameter.distribution, value):
        raise ValueError(f"the operator's limit: {out_of_range(parameter, value)}")

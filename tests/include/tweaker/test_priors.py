"""What is usual draws the first trials of a space without layers, and less and less what follows."""

from __future__ import annotations

import numpy as np
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from include.tweaker import Observation, Parameter, SearchSpace, Value, propose
from include.tweaker.strategies._lattice import lattice
from include.tweaker.strategies._priors import drawn, log_prior, weight

RATE = FloatDistribution(1e-5, 1.0, log=True)
_QUANTILES = np.linspace(0, 0.999, 50)


def _rate(usual: float | None) -> Parameter:
    return Parameter("rate", "learning rate", 1e-5, RATE, usual=usual)


def _space(usual: float | None) -> SearchSpace:
    return SearchSpace("hand-written", (_rate(usual), Parameter("width", "width", 1, IntDistribution(1, 9))))


def test_the_usual_value_is_the_likeliest_and_the_others_are_the_less_likely_the_farther() -> None:
    axis = lattice(_rate(1e-3))
    prior = log_prior(_rate(1e-3), axis)
    usual = axis.index(1e-3)
    assert prior[usual] == 0
    assert (np.diff(prior[: usual + 1]) > 0).all()
    assert (np.diff(prior[usual:]) < 0).all()


@pytest.mark.parametrize(
    ("distribution", "default", "usual"),
    [
        (RATE, 1e-3, None),
        (RATE, 1e-3, 0.0),  # not among what is allowed
        (CategoricalDistribution(("adam", "sgd")), "sgd", "adam"),
    ],
)
def test_without_a_usual_number_every_value_is_as_likely(
    distribution: BaseDistribution, default: Value, usual: Value | None
) -> None:
    parameter = Parameter("any", "any", default, distribution, usual=usual)
    axis = lattice(parameter)
    assert not log_prior(parameter, axis).any()
    counts = [[drawn(parameter, axis, where) for where in _QUANTILES].count(value) for value in axis]
    assert max(counts) - min(counts) <= 1


def test_values_are_drawn_from_around_the_usual_one() -> None:
    axis = lattice(_rate(1e-3))
    values = [drawn(_rate(1e-3), axis, where) for where in _QUANTILES]
    assert values == sorted(values)
    near = [value for value in values if 1e-4 <= float(value) <= 1e-2]
    assert len(near) > 0.75 * len(values)


def test_the_prior_counts_the_less_the_more_trials_there_are() -> None:
    assert [weight(trials) for trials in (0, 1, 10, 100)] == [10, 10, 1, 0.1]


def test_the_first_trials_of_a_search_lie_around_what_is_usual() -> None:
    def rates(usual: float | None) -> list[float]:
        space, tried = _space(usual), [Observation(_space(usual).defaults(), 0.1)]
        for _ in range(7):
            proposal = propose(space, tried, "auto", 3)
            assert proposal is not None
            tried.append(Observation(proposal.values, 0.1))
        return [float(one.values["rate"]) for one in tried[1:]]

    around = [1e-4 <= rate <= 1e-2 for rate in rates(1e-3)]
    anywhere = [1e-4 <= rate <= 1e-2 for rate in rates(None)]
    assert sum(around) >= 5 > sum(anywhere)


def test_a_wrong_prior_is_overruled_by_what_is_seen() -> None:
    """The best rate is at the far end of what is likely, and is found all the same."""
    space = _space(1e-3)
    tried = [Observation(space.defaults(), 0.0)]
    for _ in range(25):
        proposal = propose(space, tried, "auto")
        assert proposal is not None
        rate = float(proposal.values["rate"])
        tried.append(Observation(proposal.values, 0.5 + np.log10(rate) / 10))
    assert max(float(one.values["rate"]) for one in tried) >= 0.3

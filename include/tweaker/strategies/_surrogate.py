"""A Gaussian process on the trials so far, in numpy: what accuracy to expect of a configuration, how surely.

Matérn 5/2 kernel with one length scale for each hyper-parameter, Hamming distance between choices
(Rasmussen & Williams 2006, chapters 2, 4 and 5), fitted by maximum a posteriori with resilient propagation
(Riedmiller & Braun 1993). Targets are the normal scores of the ranks: neither a failed training nor a loss
that spans powers of ten distorts the model. Acquisition: expected improvement (Jones et al. 1998) of what a
training would show, its scatter included, because on real networks part of each result is peculiar to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_STEPS = 10
_TINY = 1e-12
_JITTER = 1e-6
_SCATTER = 0.05  # prior of the noise's share of the variance
_BOUNDS = (-7.0, 5.0)  # of every fitted logarithm


@dataclass(frozen=True)
class Surrogate:
    """A fitted process.

    Args:
        points: (n, d) coordinates of the trials.
        choices: (d,) which columns hold the index of a choice.
        targets: (n,) standardised normal scores.
        weights: (d,) inverse squared length scales.
        amplitude: Prior variance.
        noise: Variance of the scatter.
    """

    points: Floats
    choices: Flags
    targets: Floats
    weights: Floats
    amplitude: float
    noise: float

    @cached_property
    def _whitening(self) -> Floats:
        """The inverse of the kernel's Cholesky factor, (n, n)."""
        kernel = self.amplitude * _matern(_distances(self.points, self.points, self.choices) @ self.weights)
        kernel[np.diag_indices_from(kernel)] += self.noise
        return np.asarray(np.linalg.inv(np.linalg.cholesky(kernel)), dtype=np.float64)

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance at (m, d) points, each (m,), without the scatter."""
        whitening = self._whitening
        across = self.amplitude * _matern(_distances(points, self.points, self.choices) @ self.weights)
        white = across @ whitening.T
        mean = white @ (whitening @ self.targets)
        return mean, np.maximum(self.amplitude - (white**2).sum(axis=1), 1e-9)

    def believing(self, points: Floats) -> Surrogate:
        """Return this model as if the (m, d) points had turned out as expected: trials that still train."""
        mean, _ = self.predict(points)
        joined = np.concatenate([self.points, points]), np.concatenate([self.targets, mean])
        return Surrogate(joined[0], self.choices, joined[1], self.weights, self.amplitude, self.noise)

    def log_improvement(self, points: Floats) -> Floats:
        """Return the logarithm of the expected improvement on the best target, (m,)."""
        mean, variance = self.predict(points)
        deviation = np.sqrt(variance + self.noise)
        gain = (mean - self.targets.max()) / deviation
        density = np.exp(-0.5 * gain**2) / math.sqrt(2 * math.pi)
        expected = deviation * (gain * _normal_cdf(gain) + density)
        return np.asarray(np.log(np.maximum(expected, 1e-300)), dtype=np.float64)


def fit(points: Floats, accuracies: Floats, choices: Flags) -> Surrogate:
    """Return the process of maximum posterior.

    Args:
        points: (n, d) coordinates, numbers 0–1 or indices of choices; n ≥ 2.
        accuracies: (n,) only their order counts.
        choices: (d,) which columns hold choices.
    """
    targets = normal_scores(accuracies)
    parameters = _maximise(_Posterior(_distances(points, points, choices), targets))
    weights, amplitude, noise = _unpacked(parameters)
    return Surrogate(points, choices, targets, weights, amplitude, noise)


def normal_scores(values: Floats) -> Floats:
    """Return the standardised normal scores of the ranks, (n,); equal values share their ranks' mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    normal = NormalDist()
    scores = np.array([normal.inv_cdf((rank - 0.5) / len(values)) for rank in ranks])[inverse]
    return np.asarray((scores - scores.mean()) / (scores.std() + _TINY), dtype=np.float64)


class _Posterior:
    """Negative log posterior of the logarithms of weights, amplitude and noise, and its gradient."""

    def __init__(self, distances: Floats, targets: Floats) -> None:
        self._targets = targets
        count, dimensions = distances.shape[0], distances.shape[2]
        self._distances = distances.reshape(count * count, dimensions)
        self.prior = np.r_[np.zeros(dimensions + 1), math.log(_SCATTER)]
        self._spread = np.r_[np.ones(dimensions), 0.7, 1.5]

    def __call__(self, parameters: Floats) -> tuple[float, Floats]:
        weights, amplitude, noise = _unpacked(parameters)
        count = len(self._targets)
        root = np.sqrt(5 * (self._distances @ weights).reshape(count, count) + _TINY)
        decay = np.exp(-root)
        correlation = (1 + root + root**2 / 3) * decay
        kernel = amplitude * correlation
        kernel[np.diag_indices_from(kernel)] += noise
        factor = np.linalg.cholesky(kernel)
        whitening = np.linalg.inv(factor)
        inverse = whitening.T @ whitening
        solved = inverse @ self._targets
        away = (parameters - self.prior) / self._spread
        fitted = 0.5 * self._targets @ solved + np.log(np.diag(factor)).sum()
        loss = fitted + 0.5 * (away**2).sum()
        outer = 0.5 * (inverse - np.outer(solved, solved))
        slopes = (outer * (-5 / 6 * amplitude * (1 + root) * decay)).reshape(-1)
        by_weight = (slopes @ self._distances) * weights
        others = (outer * correlation).sum() * amplitude, np.trace(outer) * (noise - _JITTER)
        return float(loss), np.r_[by_weight, others] + away / self._spread


def _maximise(posterior: _Posterior) -> Floats:
    """Follow the signs of the gradient, each parameter with a step of its own; return the best seen."""
    at = posterior.prior.copy()
    best: Floats = at
    lowest = math.inf
    width, before = np.full(len(at), 0.3), np.zeros(len(at))
    for _ in range(_STEPS):
        loss, gradient = posterior(at)
        if loss < lowest:
            best, lowest = at, loss
        sign = np.sign(gradient)
        turned = sign * before
        width = np.where(turned > 0, np.minimum(width * 1.3, 1.0), np.where(turned < 0, width / 2, width))
        before = np.where(turned < 0, 0.0, sign)
        at = np.clip(at - before * width, *_BOUNDS)
    return best


def _unpacked(parameters: Floats) -> tuple[Floats, float, float]:
    weights = np.asarray(np.exp(parameters[:-2]), dtype=np.float64)
    return weights, math.exp(parameters[-2]), math.exp(parameters[-1]) + _JITTER


def _distances(left: Floats, right: Floats, choices: Flags) -> Floats:
    """Return the squared distances (n, m, d) along each column; 0 or 1 between choices."""
    apart = left[:, None, :] - right[None, :, :]
    apart = apart * apart
    apart[:, :, choices] = apart[:, :, choices] != 0
    return np.asarray(apart, dtype=np.float64)


def _matern(distances: Floats) -> Floats:
    root = np.sqrt(5 * distances + _TINY)
    return np.asarray((1 + root + root**2 / 3) * np.exp(-root), dtype=np.float64)


def _normal_cdf(values: Floats) -> Floats:
    """Return the normal distribution function; Abramowitz & Stegun 7.1.26, absolute error below 1e-7."""
    scaled = np.abs(values) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * scaled)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    tail = 0.5 * series * np.exp(-(scaled**2))
    return np.asarray(np.where(values > 0, 1 - tail, tail), dtype=np.float64)

"""What to try next: one strategy a file, all behind `propose` and as Optuna samplers."""

from include.tweaker.strategies.propose import propose
from include.tweaker.strategies.samplers import STRATEGIES, strategy, suggest

__all__ = ["STRATEGIES", "propose", "strategy", "suggest"]

"""What to try next: one strategy a file, all behind `propose` and as Optuna samplers."""

from include.strategy_names import STRATEGIES
from include.tweaker.strategies.propose import propose
from include.tweaker.strategies.samplers import strategy
from include.tweaker.strategies.suggest import suggest

__all__ = ["STRATEGIES", "propose", "strategy", "suggest"]

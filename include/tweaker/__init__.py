"""Finds what can be tweaked in a pushed network, proposes the next values, and applies them."""

from include.tweaker.discovery import apply, discover
from include.tweaker.errors import (
    SearchExhaustedError,
    TweakError,
    UnknownInterfaceError,
    UnknownParameterError,
    UnknownStrategyError,
    ValueOutOfRangeError,
)
from include.tweaker.network import Layer, Network
from include.tweaker.space import Launch, Observation, Parameter, Proposal, SearchSpace, Value
from include.tweaker.strategies import STRATEGIES, propose, strategy, suggest
from include.tweaker.values import feasible, settle

__all__ = [
    "STRATEGIES",
    "Launch",
    "Layer",
    "Network",
    "Observation",
    "Parameter",
    "Proposal",
    "SearchExhaustedError",
    "SearchSpace",
    "TweakError",
    "UnknownInterfaceError",
    "UnknownParameterError",
    "UnknownStrategyError",
    "Value",
    "ValueOutOfRangeError",
    "apply",
    "discover",
    "feasible",
    "propose",
    "settle",
    "strategy",
    "suggest",
]

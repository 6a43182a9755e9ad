"""What can go wrong when a network is tweaked: one class for each failure."""


class TweakError(Exception):
    """Something a person has to correct before this push can be tweaked."""


class UnknownParameterError(TweakError):
    """Values name a parameter that the search space doesn't have."""


class ValueOutOfRangeError(TweakError):
    """A value lies outside what its parameter may take."""


class UnknownStrategyError(TweakError):
    """No strategy has this name, or what it needs isn't installed."""


class UnknownInterfaceError(TweakError):
    """A search space names an interface that doesn't exist, or that no longer fits the pushed files."""


class SearchExhaustedError(TweakError):
    """A sampler was asked for more although everything worth trying was tried."""

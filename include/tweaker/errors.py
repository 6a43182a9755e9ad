"""What can go wrong when a network is tweaked: one class for each failure."""

from collections.abc import Sequence


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


class DeclarationError(TweakError):
    """A ``tweak.yaml`` that can't be used; the message names the file and every key that is wrong.

    Args:
        file: What messages call the file.
        problems: One sentence for each mistake.
    """

    def __init__(self, file: str, problems: Sequence[str]) -> None:
        self.file = file
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{file}: {problem}" for problem in problems))

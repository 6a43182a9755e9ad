"""One option of a script's command line."""

from __future__ import annotations

from dataclasses import dataclass

from include.tweaker.interfaces._spots import Token
from include.tweaker.space import Value


@dataclass(frozen=True)
class Option:
    """One option or argument of a script.

    Args:
        name: As a variable, as ``learning_rate``.
        flag: As typed, as ``--learning-rate``; empty for an argument that only has a position.
        default: What the script takes without it; None if it insists on being given one.
        whole: It takes whole numbers only; None where the code doesn't say.
        choices: The only values it takes, where they are listed.
        token: Where its default stands.
    """

    name: str
    flag: str
    default: Value | None
    whole: bool | None = None
    choices: tuple[Value, ...] = ()
    token: Token | None = None

    @property
    def shown(self) -> str:
        """Return how a developer would call it."""
        return f"option {self.flag}" if self.flag else f"argument {self.name}"

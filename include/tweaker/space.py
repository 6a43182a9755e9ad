"""The values the tweaker passes around: what can be tweaked, what was tried, what to try next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from include.tweaker.network import Network

if TYPE_CHECKING:  # Optuna takes half a second to import, and most callers only pass these values on.
    from optuna.distributions import BaseDistribution

Value = int | float | str
INTERFACES = ("arguments", "stdin", "literals")  # how a trial hands values to a pushed script


@dataclass(frozen=True)
class Parameter:
    """One hyper-parameter of a pushed network.

    Args:
        name: Its key everywhere, as ``conv1.filters``.
        label: The same in a developer's words, as ``filters of conv 1``.
        default: The developer's own value.
        distribution: The values it may take.
        active_if: ``(name, n)``: it only counts while parameter ``name`` is at least ``n`` (grown layers).
        usual: What works for most networks, where that is known; a climb goes there if `default` is far, and
            a model's first guesses lie around it.
        secondary: It seldom decides (activation, optimizer, strides): worth trying after the others.
    """

    name: str
    label: str
    default: Value
    distribution: BaseDistribution
    active_if: tuple[str, int] | None = None
    usual: Value | None = None
    secondary: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return this parameter as JSON types."""
        from optuna.distributions import distribution_to_json

        return {
            "name": self.name,
            "label": self.label,
            "default": self.default,
            "distribution": json.loads(distribution_to_json(self.distribution)),
            "active_if": list(self.active_if) if self.active_if else None,
            "usual": self.usual,
            "secondary": self.secondary,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Parameter:
        """Return the parameter that `to_json` wrote."""
        from optuna.distributions import json_to_distribution

        condition = document["active_if"]
        return cls(
            name=document["name"],
            label=document["label"],
            default=document["default"],
            distribution=json_to_distribution(json.dumps(document["distribution"])),
            active_if=(condition[0], condition[1]) if condition else None,
            usual=document.get("usual"),
            secondary=document.get("secondary", False),
        )


@dataclass(frozen=True)
class SearchSpace:
    """Everything that can be tweaked in one push.

    Args:
        interface: One of `INTERFACES`; any other name for a space with no script behind it.
        parameters: In the order in which the network has them.
        untouchable: One sentence for each value that was seen and can't be tweaked, with the reason.
        network: The stack of layers, where it is known statically; it tells which values can't work.
    """

    interface: str
    parameters: tuple[Parameter, ...]
    untouchable: tuple[str, ...] = ()
    network: Network | None = None

    def defaults(self) -> dict[str, Value]:
        """Return the developer's own values, inactive parameters included."""
        return {parameter.name: parameter.default for parameter in self.parameters}

    def active(self, values: Mapping[str, Value]) -> tuple[Parameter, ...]:
        """Return the parameters that count under these values; missing values are the developer's own."""
        settled = {**self.defaults(), **values}
        return tuple(parameter for parameter in self.parameters if _is_active(parameter, settled))

    def to_json(self) -> dict[str, Any]:
        """Return this space as JSON types."""
        return {
            "interface": self.interface,
            "parameters": [parameter.to_json() for parameter in self.parameters],
            "untouchable": list(self.untouchable),
            "network": self.network.to_json() if self.network else None,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> SearchSpace:
        """Return the space that `to_json` wrote."""
        network = document.get("network")
        return cls(
            interface=document["interface"],
            parameters=tuple(Parameter.from_json(entry) for entry in document["parameters"]),
            untouchable=tuple(document["untouchable"]),
            network=Network.from_json(network) if network else None,
        )


def _is_active(parameter: Parameter, values: Mapping[str, Value]) -> bool:
    if parameter.active_if is None:
        return True
    name, least = parameter.active_if
    value = values.get(name, 0)
    return not isinstance(value, str) and value >= least


@dataclass(frozen=True)
class Launch:
    """What a training must be given so that it runs with a trial's values.

    Args:
        arguments: Command-line arguments of the script.
        stdin: Text for its standard input; None leaves it empty.
        files: The changed files, by posix path relative to the tree; already written.
        patch: Unified diff from the pushed files to the changed ones; empty when none changed. Bytes that are
            not UTF-8 are kept as surrogates: write it with ``errors="surrogateescape"``.
    """

    arguments: tuple[str, ...] = ()
    stdin: str | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    patch: str = ""


@dataclass(frozen=True)
class Proposal:
    """The values of the next trial, and why in a sentence a developer understands."""

    values: dict[str, Value]
    reason: str


@dataclass(frozen=True)
class Observation:
    """One finished trial: accuracy as a fraction 0–1, or None where the values failed to train."""

    values: dict[str, Value]
    accuracy: float | None

"""The integers of ``input.txt``: conv layers, their sizes, hidden dense layers, their neurons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from include.tweaker.network import Layer, Network
from include.tweaker.space import Parameter, Value

START = "1\n32\n2\n2\n0\n"
MOST_NEW_CONV = 3
MOST_NEW_DENSE = 4
FIRST_NEURONS = 100
USUAL_CLASSES = 10
_NUMBER = re.compile(r"\d+")
_SIZES = ("filters", "kernel_size", "pool_size")
_MOST_LAYERS = 50


@dataclass(frozen=True)
class Protocol:
    """One ``input.txt``.

    Args:
        text: As pushed.
        conv: ``(filters, filter size, pool size)`` of each conv layer.
        dense: Neurons of each hidden dense layer.
    """

    text: str
    conv: tuple[tuple[int, int, int], ...]
    dense: tuple[int, ...]

    def layers(self, *, same: bool) -> tuple[Layer, ...]:
        """Return what the image meets; `same` tells that the script pads its convolutions."""
        stack: list[Layer] = []
        for number, (filters, kernel, pool) in enumerate(self.conv, start=1):
            stack += [
                Layer("conv", f"conv{number}", kernel, same=same, width=filters),
                Layer("pool", f"pool{number}", pool, 0),
            ]
        stack += [Layer("growth", "", 2, same=same, width=self.conv[-1][0]), Layer("flatten", "")]
        stack += [Layer("dense", f"dense{n}", width=units) for n, units in enumerate(self.dense, start=1)]
        return (
            *stack,
            Layer("dense_growth", "", width=FIRST_NEURONS),
            Layer("dense", "", width=USUAL_CLASSES),
        )

    def with_values(self, values: Mapping[str, Value]) -> str:
        """Return the text with these values; what doesn't change stays as it was pushed."""
        found = list(_NUMBER.finditer(self.text))
        numbers = [match.group() for match in found]
        head, neurons = 1 + 3 * len(self.conv), 2 + 3 * len(self.conv)
        for index, layer in enumerate(self.conv):
            for offset, value in enumerate(_conv_values(index + 1, layer, values)):
                numbers[1 + 3 * index + offset] = _spelled(numbers[1 + 3 * index + offset], value)
        for index, units in enumerate(self.dense):
            value = int(values.get(f"dense{index + 1}.units", units))
            numbers[neurons + index] = _spelled(numbers[neurons + index], value)
        new_conv, new_dense = list(_new_conv(values)), list(_new_dense(values))
        numbers[0] = _spelled(numbers[0], len(self.conv) + len(new_conv) // 3)
        numbers[head] = _spelled(numbers[head], len(self.dense) + len(new_dense))
        return self._joined(found, numbers, {head - 1: new_conv, neurons + len(self.dense) - 1: new_dense})

    def _joined(self, found: list[re.Match[str]], numbers: list[str], added: dict[int, list[int]]) -> str:
        between = self.text[found[0].end() : found[1].start()]
        parts, end = [], 0
        for index, (match, number) in enumerate(zip(found, numbers, strict=True)):
            parts += [self.text[end : match.start()], number]
            parts += [f"{between}{value}" for value in added.get(index, [])]
            end = match.end()
        return "".join([*parts, self.text[end:]])


def parse_input(text: str) -> Protocol | None:
    """Return the layers that a text describes, or None where it isn't this protocol."""
    if re.sub(r"\d+", "", text).strip():
        return None
    numbers = [int(match) for match in _NUMBER.findall(text)]
    count = numbers[0] if numbers else 0
    head = 1 + 3 * count
    if not 1 <= count <= _MOST_LAYERS or len(numbers) <= head or len(numbers) != head + 1 + numbers[head]:
        return None
    sizes, dense = numbers[1:head], tuple(numbers[head + 1 :])
    if min((*sizes, *dense)) < 1:
        return None
    conv = tuple((sizes[i], sizes[i + 1], sizes[i + 2]) for i in range(0, len(sizes), 3))
    return Protocol(text, conv, dense)


def _spelled(pushed: str, value: int) -> str:
    return pushed if int(pushed) == value else str(value)


def _conv_values(number: int, layer: tuple[int, int, int], values: Mapping[str, Value]) -> Iterator[int]:
    names = (f"conv{number}.filters", f"conv{number}.kernel_size", f"pool{number}.pool_size")
    for name, pushed in zip(names, layer, strict=True):
        yield int(values.get(name, pushed))


def _new_conv(values: Mapping[str, Value]) -> Iterator[int]:
    for number in range(1, int(values.get("growth.conv_layers", 0)) + 1):
        for suffix in _SIZES:
            yield int(values[f"new_conv{number}.{suffix}"])


def _new_dense(values: Mapping[str, Value]) -> Iterator[int]:
    for number in range(1, int(values.get("growth.dense_layers", 0)) + 1):
        yield int(values[f"new_dense{number}.units"])


def parameters(protocol: Protocol, network: Network | None) -> tuple[Parameter, ...]:
    """Return the search space around a pushed ``input.txt``, in the seed's order."""
    found: list[Parameter] = []
    for number, sizes in enumerate(protocol.conv, start=1):
        found += _conv(f"conv{number}", f"pool{number}", f"conv {number}", sizes, None)
    found += _growth_of_conv(protocol, network)
    for number, units in enumerate(protocol.dense, start=1):
        found.append(_units(f"dense{number}", f"dense {number}", units, None))
    found.append(_count("growth.dense_layers", "added dense layers", MOST_NEW_DENSE))
    for number in range(1, MOST_NEW_DENSE + 1):
        active_if = ("growth.dense_layers", number)
        found.append(_units(f"new_dense{number}", f"new dense {number}", FIRST_NEURONS, active_if))
    return tuple(found)


def _growth_of_conv(protocol: Protocol, network: Network | None) -> Iterator[Parameter]:
    filters = protocol.conv[-1][0]
    room = [n for n in range(1, MOST_NEW_CONV + 1) if network is None or _fits(network, n)]
    if not room:
        return
    yield _count("growth.conv_layers", "added conv layers", len(room))
    for number in room:
        filters *= 2
        name = f"new_conv{number}"
        yield from _conv(name, name, f"new conv {number}", (filters, 2, 2), ("growth.conv_layers", number))


def _fits(network: Network, number: int) -> bool:
    smallest = {
        f"new_conv{n}.{suffix}": 1 for n in range(1, number + 1) for suffix in ("kernel_size", "pool_size")
    }
    return all(side >= 1 for side in network.sides({"growth.conv_layers": number, **smallest}))


def _conv(
    conv: str, pool: str, words: str, sizes: tuple[int, int, int], active_if: tuple[str, int] | None
) -> Iterator[Parameter]:
    from optuna.distributions import IntDistribution

    filters, kernel, side = sizes
    many = IntDistribution(min(4, filters), max(1024, filters), log=True)
    small = IntDistribution(1, max(7, kernel))
    pools = IntDistribution(1, max(4, side))
    yield Parameter(f"{conv}.filters", f"filters of {words}", filters, many, active_if)
    yield Parameter(f"{conv}.kernel_size", f"filter size of {words}", kernel, small, active_if)
    yield Parameter(f"{pool}.pool_size", f"pool size of {words}", side, pools, active_if)


def _units(name: str, words: str, default: int, active_if: tuple[str, int] | None) -> Parameter:
    from optuna.distributions import IntDistribution

    low = (default - 1) % 100 + 1  # the seed's steps of 100, never down to nothing
    distribution = IntDistribution(low, max(default, low + 900), step=100)
    return Parameter(f"{name}.units", f"neurons of {words}", default, distribution, active_if)


def _count(name: str, label: str, most: int) -> Parameter:
    from optuna.distributions import IntDistribution

    return Parameter(name, label, 0, IntDistribution(0, most))

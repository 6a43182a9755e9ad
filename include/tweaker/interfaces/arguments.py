"""Hyper-parameters that are command-line options or arguments of the script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from include.tweaker.interfaces._option import Option
from include.tweaker.interfaces.literals import Literals
from include.tweaker.kinds import kind_of
from include.tweaker.ranges import USUAL_LEARNING_RATE, around
from include.tweaker.space import Launch, Parameter, SearchSpace, Value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

    from include.detector.verdict import Verdict

STARTS: dict[str, Value] = {
    "filters": 32,
    "kernel_size": 3,
    "pool_size": 2,
    "units": 128,
    "epochs": 5,
    "batch_size": 32,
    "learning_rate": 1e-3,
    "dropout": 0.25,
    "conv_layers": 1,
    "dense_layers": 1,
}
_WIDTH_OF = {"conv_layers": "filters", "dense_layers": "units"}
_MOST_LAYERS = 16
CHOSEN = ("optimizer", "activation", "loss", "initializer", "pooling", "padding")


class Arguments:
    """Options of ``argparse``, ``click``, ``typer`` and ``absl.flags``, and positions of ``sys.argv``."""

    name = "arguments"

    def discover(self, tree: Path, verdict: Verdict) -> SearchSpace | None:
        """Return the options whose names say what they are, then the literals that no option sets."""
        from include.tweaker.interfaces._beside import beside

        options, usual = _read(tree, verdict)
        tuned = {option.name: _parameter(option, usual) for option in options}
        if any(option.default is None and tuned[option.name] is None for option in options):
            return None  # the script needs something that nobody but its developer knows
        parameters = tuple(parameter for parameter in tuned.values() if parameter is not None)
        if not parameters:
            return None
        rest = beside(tree, verdict, options) or SearchSpace(self.name, ())
        untouchable = (*_sentences(options, tuned), *rest.untouchable)
        return SearchSpace(self.name, (*parameters, *rest.parameters), untouchable, rest.network)

    def render(self, space: SearchSpace, values: Mapping[str, Value], tree: Path, verdict: Verdict) -> Launch:
        """Return the arguments with these values; what is as the developer has it isn't spelled out."""
        options, _ = _read(tree, verdict)
        names = {option.name for option in options}
        literals = replace(space, parameters=tuple(p for p in space.parameters if p.name not in names))
        written = {name: value for name, value in values.items() if name not in names}
        launch = Literals().render(literals, written, tree, verdict) if literals.parameters else Launch()
        given = {**_starts(options), **space.defaults(), **values}
        arguments: list[str] = []
        for option in options:
            value = given.get(option.name)
            if option.flag and value is not None and value != option.default:
                arguments += [option.flag, _text(value)]
        return replace(launch, arguments=(*arguments, *_positions(options, given)))


def _starts(options: list[Option]) -> dict[str, Value]:
    """Return what an option gets that has to be given and isn't tweaked: a declaration has fixed it."""
    starts = {
        option.name: STARTS.get(kind_of(option.name) or "") for option in options if option.default is None
    }
    return {name: value for name, value in starts.items() if value is not None}


def _read(tree: Path, verdict: Verdict) -> tuple[list[Option], float | None]:
    """Return the options, and the learning rate that suits the script's only optimizer."""
    from include.tweaker.interfaces._optimizers import optimizers
    from include.tweaker.interfaces._options import options
    from include.tweaker.interfaces._reading import parsed
    from include.tweaker.interfaces._resolve import Resolver

    modules, _ = parsed(tree, verdict)  # the literals interface reports what can't be read
    names = {one.name for one in optimizers(Resolver(modules), modules)}
    usual = USUAL_LEARNING_RATE.get(names.pop()) if len(names) == 1 else None
    return options(modules), usual


def _parameter(option: Option, usual: float | None) -> Parameter | None:
    kind = _kind(option)
    default = option.default if option.default is not None else STARTS.get(kind or "")
    if default is None or (option.choices and default not in option.choices):
        return None
    distribution = _distribution(option, kind, default)
    if distribution is None:
        return None
    usual = usual if kind == "learning_rate" else None
    return Parameter(option.name, option.shown, default, distribution, usual=usual)


def _kind(option: Option) -> str | None:
    """Return what an option stands for: ``--dense-layer 512`` is the width of one, no number of them."""
    kind = kind_of(option.name)
    many = not isinstance(option.default, str) and (option.default or 0) > _MOST_LAYERS
    return _WIDTH_OF.get(kind or "", kind) if many else kind


def _distribution(option: Option, kind: str | None, default: Value) -> BaseDistribution | None:
    from optuna.distributions import CategoricalDistribution

    if option.choices:
        chosen = kind is not None or any(word in option.name for word in CHOSEN)
        return CategoricalDistribution(option.choices) if chosen and len(option.choices) > 1 else None
    if kind is None or (option.whole and isinstance(default, float) and default != int(default)):
        return None
    return around(kind, default)


def _positions(options: list[Option], given: Mapping[str, Value]) -> list[str]:
    """Return the arguments that only have a position, up to the last one that has to be given."""
    placed = [option for option in options if not option.flag]
    values = [given.get(option.name, option.default) for option in placed]
    changed = [value != option.default for option, value in zip(placed, values, strict=True)]
    count = len(placed) - changed[::-1].index(True) if True in changed else 0
    return [_text(value) for value in values[:count] if value is not None]


def _text(value: Value) -> str:
    return value if isinstance(value, str) else repr(value)


def _sentences(options: list[Option], tuned: Mapping[str, Parameter | None]) -> list[str]:
    sentences = []
    for option in options:
        parameter = tuned[option.name]
        if parameter is None:
            sentences.append(f"{option.shown}: its name doesn't say that it is a hyper-parameter")
        elif option.default is None:
            sentences.append(f"{option.shown} has no default in the code: it starts at {parameter.default}")
    return sentences

"""Shows a search space and a launch to a person at a terminal."""

from __future__ import annotations

import sys
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from include.tweaker.space import Launch, Parameter, SearchSpace, Value

if TYPE_CHECKING:
    from include.tweaker.declared import Declared

_INTERFACES = {
    "literals": "the source is rewritten for each trial; only what changes is touched",
    "arguments": "each trial gets command-line arguments; what no option sets is rewritten in the source",
    "stdin": "each trial gets its integers in the input file, and on standard input",
}
TOO_MUCH = "with these values the image gets too small, or the network too large: they would not be trained"


def show(view: RenderableType) -> None:
    """Print a view: coloured and as wide as the terminal, or plain for a pipe."""
    if sys.stdout.isatty():
        Console(highlight=False).print(view)
        return
    plain = Console(file=StringIO(), width=160, highlight=False)
    with plain.capture() as captured:
        plain.print(view)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def space_view(space: SearchSpace, declared: Declared | None = None) -> RenderableType:
    """Return what would be tweaked, what can't be and why, and what the network costs.

    Args:
        space: Refined already.
        declared: The ``tweak.yaml`` that refined it.
    """
    own = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("hyper-parameter", "yours", "tried", "what it is"):
        own.add_column(
            heading, justify="right" if heading == "yours" else "left", no_wrap=heading != "what it is"
        )
    for parameter in space.parameters:
        if parameter.active_if is None:
            own.add_row(*_row(parameter))
    parts: list[RenderableType] = [_headline(space, declared), Padding(own, (1, 0, 0, 2))]
    parts += _section(
        "only while another parameter says so", [_conditional(p) for p in space.parameters if p.active_if]
    )
    parts += _section("not tweaked", list(space.untouchable))
    parts += _cost(space)
    return Group(*parts)


def _headline(space: SearchSpace, declared: Declared | None) -> Text:
    text = Text.assemble(("interface: ", "bold"), (space.interface, "bold green"))
    text.append(f" ({_INTERFACES.get(space.interface, '')})")
    if declared is not None:
        text.append(f"\nrefined by {declared.source}")
    return text


def _row(parameter: Parameter) -> tuple[str, str, str, Text]:
    label = Text(parameter.label)
    if parameter.secondary:
        label.append(" · tried late", "dim")
    return parameter.name, shown(parameter.default), values_of(parameter.distribution), label


def _conditional(parameter: Parameter) -> str:
    name, least = parameter.active_if or ("", 0)
    values = values_of(parameter.distribution)
    return f"{parameter.name}: {values}, first {shown(parameter.default)} (if {name} ≥ {least})"


def _section(title: str, lines: list[str]) -> list[RenderableType]:
    if not lines:
        return []
    return [Text(f"\n{title}:", "bold"), *(Padding(Text(line), (0, 0, 0, 2)) for line in lines)]


def _cost(space: SearchSpace) -> list[RenderableType]:
    cost = space.network.cost({}) if space.network is not None else None
    caps = space.network.caps if space.network is not None else None
    if cost is None or caps is None:
        return []
    text = f"\n{cost.parameters:,} parameters, {cost.macs:,} multiply-adds for one image; "
    return [Text(f"{text}what needs more than {caps.parameters:,} or {caps.macs:,} isn't trained")]


def values_of(distribution: object) -> str:
    """Return the values of a distribution, as ``4–512, by powers of two``."""
    choices = getattr(distribution, "choices", None)
    if choices is not None:
        return ", ".join(str(choice) for choice in choices)
    low, high = getattr(distribution, "low", "?"), getattr(distribution, "high", "?")
    step, log = getattr(distribution, "step", None), getattr(distribution, "log", False)
    if log:
        return f"{shown(low)}–{shown(high)}, log scale"
    return f"{shown(low)}–{shown(high)}" + (f", steps of {shown(step)}" if step not in (None, 1) else "")


def shown(value: Value) -> str:
    """Return a value as a person would write it."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def launch_view(launch: Launch, *, fits: bool) -> RenderableType:
    """Return the patch of a launch, its arguments and its input; `fits` is `feasible` of its values."""
    parts: list[RenderableType] = []
    if not fits:
        parts.append(Text(TOO_MUCH, "bold red"))
    if launch.arguments:
        parts.append(Text.assemble(("arguments: ", "bold"), " ".join(launch.arguments)))
    if launch.stdin is not None:
        parts.append(Text.assemble(("standard input: ", "bold"), " ".join(launch.stdin.split())))
    patch = launch.patch.encode("utf-8", "surrogateescape").decode("utf-8", "replace").rstrip("\n")
    parts.append(
        Syntax(patch, "diff", theme="ansi_dark", background_color="default")
        if patch
        else Text("no file changes")
    )
    return Group(*parts)

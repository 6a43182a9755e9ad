"""Properties of discover and apply, for every script of the table, every line end and every encoding."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from include.tweaker import Launch, Parameter, SearchSpace, Value, apply, discover, feasible
from tests.include.tweaker.conftest import MakePush, Push
from tests.include.tweaker.styles import SCRIPTS

_LINE_ENDS = st.sampled_from(["\n", "\r\n", "mixed"])
_CODINGS = st.sampled_from(["utf-8", "utf-8-sig", "latin-1"])
_ENDS = st.sampled_from(["\n", ""])
_NAMES = st.sampled_from(sorted(SCRIPTS))
_PROPERTY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _bytes(name: str, newline: str, coding: str, end: str) -> bytes:
    head = "# coding: latin-1\n# caf\u00e9 \u00fc\n" if coding == "latin-1" else "# caf\u00e9 \u2192\n"
    text = head + SCRIPTS[name].rstrip("\n") + end
    if newline == "mixed":
        lines = text.split("\n")
        text = "".join(f"{line}\r\n" if n % 3 else f"{line}\n" for n, line in enumerate(lines[:-1]))
        text += lines[-1]
    else:
        text = text.replace("\n", newline)
    return text.encode(coding)


def _space(pushed: Push) -> SearchSpace:
    space = discover(*pushed)
    assert space is not None
    return space


def _apply(pushed: Push, space: SearchSpace, values: dict[str, Value], work: Path) -> Launch:
    tree, verdict = pushed
    return apply(space, values, tree=tree, working_directory=work, verdict=verdict)


def _value_of(data: st.DataObject, parameter: Parameter) -> Value:
    distribution = parameter.distribution
    if isinstance(distribution, CategoricalDistribution):
        return data.draw(st.sampled_from([str(choice) for choice in distribution.choices]))
    if isinstance(distribution, IntDistribution):
        steps = (distribution.high - distribution.low) // distribution.step
        return distribution.low + data.draw(st.integers(0, steps)) * distribution.step
    assert isinstance(distribution, FloatDistribution)
    return data.draw(st.floats(distribution.low, distribution.high))


@_PROPERTY
@given(name=_NAMES, newline=_LINE_ENDS, coding=_CODINGS, end=_ENDS)
def test_unchanged_values_leave_every_byte_as_it_was(
    push: MakePush,
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    newline: str,
    coding: str,
    end: str,
) -> None:
    pushed = push({"train.py": _bytes(name, newline, coding, end)})
    space = _space(pushed)
    launch = _apply(pushed, space, space.defaults(), tmp_path_factory.mktemp("work"))
    assert launch == Launch()


@_PROPERTY
@given(data=st.data(), name=_NAMES, newline=_LINE_ENDS, coding=_CODINGS, end=_ENDS)
def test_a_changed_value_changes_its_tokens_only_and_is_discovered_next(
    push: MakePush,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    name: str,
    newline: str,
    coding: str,
    end: str,
) -> None:
    source = _bytes(name, newline, coding, end)
    pushed = push({"train.py": source})
    space = _space(pushed)
    own = [p for p in space.parameters if p.active_if is None and not p.name.startswith("growth.")]
    parameter = data.draw(st.sampled_from(own))
    value = _value_of(data, parameter)
    work = tmp_path_factory.mktemp("work")
    launch = _apply(pushed, space, {parameter.name: value}, work)
    if value == parameter.default:
        assert launch == Launch()
        return
    changed = launch.files["train.py"]
    ast.parse(changed)
    assert not list(_stray_changes(source, changed))
    again = discover(work, pushed[1])
    assert again is not None
    assert {**_own(again), parameter.name: 0} == {**_own(space), parameter.name: 0}
    assert again.defaults()[parameter.name] == value


def _own(space: SearchSpace) -> dict[str, Value]:
    return {n: v for n, v in space.defaults().items() if not n.startswith(("growth.", "new_"))}


def _stray_changes(before: bytes, after: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield lines that differ in more than one short run inside; an added import or argument is a line."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for line in list(new):
        added = line.strip().startswith((b"from ", b"epochs=", b"batch_size="))
        if len(new) > len(old) and added and line not in old:
            new.remove(line)
    if len(old) != len(new):
        yield before, after
        return
    for was, now in zip(old, new, strict=True):
        if was != now and not _one_run(was, now):
            yield was, now


def _one_run(was: bytes, now: bytes) -> bool:
    """Return whether a line only differs in arguments: its start and its end are as they were."""
    start = next(
        (i for i, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now))
    )
    rest = min(len(was), len(now)) - start
    tail = next((i for i in range(rest) if was[-1 - i] != now[-1 - i]), rest)
    run = now[start : len(now) - tail]
    return len(run) <= 70 and b"\n" not in run and b"\r" not in run.rstrip(b"\r\n")


@_PROPERTY
@given(data=st.data(), name=_NAMES, newline=_LINE_ENDS, end=_ENDS)
def test_whatever_is_proposed_the_rewritten_source_parses(
    push: MakePush,
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    name: str,
    newline: str,
    end: str,
) -> None:
    pushed = push({"train.py": _bytes(name, newline, "utf-8", end)})
    space = _space(pushed)
    values = {p.name: _value_of(data, p) for p in space.parameters}
    launch = _apply(pushed, space, values, tmp_path_factory.mktemp("work"))
    for changed in launch.files.values():
        ast.parse(changed)
    active = {p.name for p in space.active(values)}
    differing = {n for n in active if values[n] != space.defaults()[n]}
    assert bool(launch.files) == bool(differing)


@_PROPERTY
@given(data=st.data(), name=_NAMES)
def test_all_values_at_once_are_discovered_next(
    push: MakePush, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, name: str
) -> None:
    pushed = push({"train.py": SCRIPTS[name]})
    space = _space(pushed)
    own = [p for p in space.parameters if p.active_if is None and not p.name.startswith("growth.")]
    values = {p.name: _value_of(data, p) for p in own}
    work = tmp_path_factory.mktemp("work")
    (work / "train.py").write_bytes((pushed[0] / "train.py").read_bytes())
    _apply(pushed, space, values, work)
    again = discover(work, pushed[1])
    assert again is not None
    assert _own(again) == values


def _grown(space: SearchSpace) -> dict[str, Value]:
    """Return the values that add as many layers as there is room for."""
    growth = [p for p in space.parameters if p.name.startswith("growth.")]
    return {p.name: int(getattr(p.distribution, "high", 0)) for p in growth}


def _widths(space: SearchSpace) -> int:
    return sum(name.endswith((".filters", ".units")) for name in _own(space))


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_grown_network_has_its_new_layers_where_they_are_found_again(
    push: MakePush, tmp_path: Path, name: str
) -> None:
    pushed = push({"train.py": SCRIPTS[name]})
    space = _space(pushed)
    values = _grown(space)
    if not values:
        return
    _apply(pushed, space, values, tmp_path)
    again = discover(tmp_path, pushed[1])
    assert again is not None
    assert _widths(again) == _widths(space) + sum(int(value) for value in values.values())
    assert feasible(again, {})

"""What Python's own library had until 3.7 and has no more."""

from __future__ import annotations

import base64
import collections
import collections.abc
import functools
import inspect
import json
import math
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from harness.hooks import Patch

_Arguments = collections.namedtuple("_Arguments", ["args", "varargs", "keywords", "defaults"])


def install() -> None:
    """Give the modules that every program has loaded their old functions back."""
    old: tuple[tuple[Any, str, Any], ...] = (
        *((collections, name, getattr(collections.abc, name)) for name in collections.abc.__all__),
        (base64, "encodestring", base64.encodebytes),
        (base64, "decodestring", base64.decodebytes),
        (inspect, "getargspec", _getargspec),
        (threading.Thread, "isAlive", threading.Thread.is_alive),
        (time, "clock", time.process_time),
    )
    for place, name, value in old:
        if not hasattr(place, name):
            setattr(place, name, value)
    random.shuffle = _shuffling(random.shuffle)
    random.sample = _sampling(random.sample)
    re.split = _splitting(re.split)
    for function in ("load", "loads"):
        setattr(json, function, _without_encoding(getattr(json, function)))


def patches() -> dict[str, Patch]:
    """Return what gives modules that are seldom loaded their old functions back."""
    return {"fractions": lambda module: setattr(module, "gcd", math.gcd)}


def _getargspec(function: Any) -> Any:
    return _Arguments(*inspect.getfullargspec(function)[:4])


def _shuffling(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def shuffle(x: Any, random: Callable[[], float] | None = None) -> None:
        if random is None:
            return original(x)
        for at in reversed(range(1, len(x))):
            other = int(random() * (at + 1))
            x[at], x[other] = x[other], x[at]
        return None

    return shuffle


def _sampling(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def sample(population: Any, *args: Any, **kwargs: Any) -> Any:
        given = tuple(population) if isinstance(population, collections.abc.Set) else population
        return original(given, *args, **kwargs)

    return sample


def _splitting(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def split(pattern: Any, string: Any, maxsplit: int = 0, flags: int = 0) -> Any:
        compiled = re.compile(pattern, flags)
        if compiled.match(string[:0]) is None or not any(compiled.finditer(string)):
            return original(pattern, string, maxsplit, flags)
        found = [match for match in compiled.finditer(string) if match.group()]
        if not found:  # made to split between characters, as Python does since 3.7
            return original(pattern, string, maxsplit, flags)
        return list(_between(string, found[: maxsplit or None]))

    return split


def _between(string: Any, found: list[re.Match[Any]]) -> Iterator[Any]:
    """Give what is between matches and what their groups hold."""
    start = 0
    for match in found:
        yield string[start : match.start()]
        yield from match.groups()
        start = match.end()
    yield string[start:]


def _without_encoding(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def read(*args: Any, encoding: Any = None, **kwargs: Any) -> Any:
        return original(*args, **kwargs)

    return read

"""Says what a library path is: a convolution, a dense layer, a recurrent layer, and so on.

The rules are tried in order; the first that fits decides.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache

from include.detector.convolutions import CONVOLUTIONS
from include.detector.frameworks import NETWORK_LIBRARIES, PLAIN_LIBRARIES, Member, member
from include.detector.layer_rules import ANY_OTHER_LIBRARY, Family, LayerRule
from include.detector.other_models import OTHER_MODELS

__all__ = ["HANDMADE_RULE", "RULES", "Family", "LayerRule", "match_layer"]

HANDMADE_RULE = LayerRule(
    "convolution of the push's own",
    Family.CONVOLUTION,
    frozenset(),
    re.compile(""),
    "`{name}` is a convolution that the push itself defines, with its gradients.",
)
RULES: tuple[LayerRule, ...] = (*CONVOLUTIONS, *OTHER_MODELS)


@lru_cache(maxsize=4096)
def match_layer(path: str, literals: tuple[str, ...] = ()) -> tuple[LayerRule, Member] | None:
    """The first rule that a library path fits, with the path split.

    Args:
        path: Such as `tensorflow.keras.layers.Conv2D`.
        literals: Literal texts among the call's arguments.
    """
    if path.endswith(("()", "[]")):
        return None
    found = member(path)
    subject = found.inner if _is_known(found.library) else found.name
    for rule in _rules_of(found.library):
        if rule.pattern.fullmatch(subject) and _literal_fits(rule, literals):
            return rule, found
    return None


def _literal_fits(rule: LayerRule, literals: tuple[str, ...]) -> bool:
    return rule.literal is None or any(rule.literal.search(text) for text in literals)


_BY_LIBRARY: dict[str, tuple[LayerRule, ...]] = {}


def _rules_of(library: str) -> tuple[LayerRule, ...]:
    if library not in _BY_LIBRARY:
        home = library if _is_known(library) else ANY_OTHER_LIBRARY
        _BY_LIBRARY[library] = tuple(rule for rule in RULES if home in rule.libraries)
    return _BY_LIBRARY[library]


@lru_cache(maxsize=1024)
def _is_known(library: str) -> bool:
    root = library.removesuffix("()")
    return (
        library in NETWORK_LIBRARIES
        or root in PLAIN_LIBRARIES
        or root in sys.stdlib_module_names
        or root in {"builtins", "unbound"}
    )

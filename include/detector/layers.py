"""Says what a library path is: a convolution, a dense layer, a recurrent layer, and so on.

The rules are tried in order; the first that fits decides.
"""

from __future__ import annotations

from functools import lru_cache

from include.detector.convolutions import CONVOLUTIONS
from include.detector.frameworks import Member, member
from include.detector.layer_rules import Family, LayerRule
from include.detector.other_models import OTHER_MODELS

__all__ = ["RULES", "Family", "LayerRule", "match_layer"]

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
    for rule in _rules_of(found.library):
        if rule.pattern.fullmatch(found.inner) and _literal_fits(rule, literals):
            return rule, found
    return None


def _literal_fits(rule: LayerRule, literals: tuple[str, ...]) -> bool:
    return rule.literal is None or any(rule.literal.search(text) for text in literals)


_BY_LIBRARY: dict[str, tuple[LayerRule, ...]] = {}


def _rules_of(library: str) -> tuple[LayerRule, ...]:
    if library not in _BY_LIBRARY:
        _BY_LIBRARY[library] = tuple(rule for rule in RULES if library in rule.libraries)
    return _BY_LIBRARY[library]

"""What a rule about a library's layers and models is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """What a layer or model is, strongest for the verdict first."""

    CONVOLUTION = "convolutional network"
    UNKNOWN = "unknown network"
    TRANSFORMER = "transformer"
    RECURRENT = "recurrent network"
    DENSE = "dense network"
    CLASSICAL = "classical machine learning"


@dataclass(frozen=True)
class LayerRule:
    """One kind of library member.

    Args:
        name: Short name, for tests.
        family: What it makes of the network.
        libraries: Libraries as `frameworks.member` names them.
        pattern: Must fit the whole path inside the library.
        says: Sentence for the evidence; `{name}` is the member as the library calls it.
        literal: If given, a literal argument of the call must fit this too.
        needs_training: Counts only where something is trained, because the name alone says little.
    """

    name: str
    family: Family
    libraries: frozenset[str]
    pattern: re.Pattern[str]
    says: str
    literal: re.Pattern[str] | None = None
    needs_training: bool = False


ANY_OTHER_LIBRARY = "any other library"
"""Stands in `LayerRule.libraries` for every package that the detector does not know."""

KERAS = "keras, tf.keras"
CONVOLUTIONAL_NAMES = re.compile(
    r"resnet|resnext|vgg|inception|mobilenet|densenet|efficientnet|xception|nasnet|alexnet|squeezenet|shufflenet"
    r"|convnext|regnet|mnasnet|googlenet|lenet|unet|yolo(?!s)|darknet|retinanet|deeplab|movinet|(?<![a-z])ssd|rcnn"
    r"|(?<![a-z])fcn(?!n)|bit/",
    re.IGNORECASE,
)
TRANSFORMER_NAMES = r"(?i:vit|swin|deit|beit|bert|gpt|t5|clip|maxvit|mit|segformer|transformer)\w*"


def rule(
    name: str,
    family: Family,
    libraries: str,
    pattern: str,
    says: str,
    literal: re.Pattern[str] | None = None,
    *,
    needs_training: bool = False,
) -> LayerRule:
    """A rule from its libraries, comma-separated, and its pattern as text."""
    return LayerRule(
        name, family, frozenset(libraries.split(", ")), re.compile(pattern), says, literal, needs_training
    )

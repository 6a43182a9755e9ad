"""Every way to build a convolutional network that people write is recognised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from include.detector import Kind, Verdict

Inspect = Callable[[str], Verdict]
TAIL = "\nmodel.compile('adam', 'mse')\nmodel.fit(x, y)\n"
KERAS_LAYERS = [
    *("Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D"),
    *("SeparableConv1D", "SeparableConv2D", "SeparableConvolution2D", "DepthwiseConv1D", "DepthwiseConv2D"),
    *("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Convolution2DTranspose", "Deconvolution2D"),
    *("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "AtrousConvolution2D"),
]


class Case(Protocol):
    """A row of a table in `cases/`."""

    code: str


@pytest.mark.parametrize("layer", KERAS_LAYERS)
def test_each_convolution_layer_of_keras_makes_a_cnn(verdict_of: Inspect, layer: str) -> None:
    code = f"from tensorflow.keras.layers import {layer}\nmodel = build({layer}(8, 3)){TAIL}"
    assert verdict_of(code).kind is Kind.CNN


def test_a_convolution_is_found_through_each_alias(verdict_of: Inspect, alias_case: Case) -> None:
    verdict = verdict_of(alias_case.code + TAIL)
    assert verdict.kind is Kind.CNN, verdict.reason
    assert "Conv2D" in verdict.reason


def test_a_convolution_is_found_in_each_style(verdict_of: Inspect, style_case: Case) -> None:
    verdict = verdict_of(style_case.code + TAIL)
    assert verdict.kind is Kind.CNN, verdict.reason
    assert "trains it in line" in verdict.reason


def test_convolutions_of_every_library_and_ready_made_networks_count(
    verdict_of: Inspect, library_case: Case
) -> None:
    verdict = verdict_of(library_case.code)
    assert verdict.kind is Kind.CNN, verdict.reason

"""What the era's modules make of old code without Keras itself: arguments, spellings, the script's text."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from harness.era.arguments import batch, class_weight, slim
from harness.era.closures import sees_tensors
from harness.era.layers import translate
from harness.era.libraries.python import _splitting
from harness.era.script import Said, read
from harness.era.spelling import Logs, both, spelled

CONV = frozenset(["filters", "kernel_size", "strides", "padding", "data_format", "kernel_regularizer"])
LSTM = frozenset(["units", "recurrent_initializer", "dropout", "recurrent_dropout"])


@pytest.mark.parametrize(
    ("args", "kwargs", "positional", "named"),
    [
        ((32, 3, 3), {}, (32, (3, 3)), {}),
        ((32, 3, 5), {"border_mode": "same"}, (32, (3, 5)), {"padding": "same"}),
        ((32, 3), {"nb_col": 5}, (32, (3, 5)), {}),
        ((32, (3, 3)), {"subsample": (2, 2)}, (32, (3, 3)), {"strides": (2, 2)}),
        ((), {"nb_filter": 8, "nb_row": 3, "nb_col": 2}, (), {"filters": 8, "kernel_size": (3, 2)}),
        ((8, 3), {"dim_ordering": "th"}, (8, 3), {"data_format": "channels_first"}),
        ((8, 3), {"W_regularizer": "l2", "name": "a"}, (8, 3), {"kernel_regularizer": "l2", "name": "a"}),
    ],
)
def test_a_convolution_takes_the_arguments_of_its_time(
    args: tuple[Any, ...], kwargs: dict[str, Any], positional: tuple[Any, ...], named: dict[str, Any]
) -> None:
    assert translate(args, kwargs, CONV, 2) == (positional, named)


def test_a_transposed_convolution_finds_its_outputs_shape_by_itself() -> None:
    knows = CONV | {"output_padding"}
    old = (8, 2, 2, (None, 3, 14, 14))
    assert translate(old, {"output_shape": (1, 2)}, knows, 2) == ((8, (2, 2)), {})
    assert translate((8, (2, 2), (1, 1)), {}, knows, 2) == ((8, (2, 2), (1, 1)), {})


ENCODER = """
x = Input(shape=(4,))
z_mean = Dense(2)(x)
decoder = Dense(4); y = decoder(z_mean)
vae = Model(x, y)
scale = K.exp(z_mean)
limit = 0.5
"""


@pytest.mark.parametrize(
    ("text", "graph"),
    [
        ("def loss(a, b): return K.mean(a - b) + K.sum(z_mean)\nvae.compile('sgd', loss=loss)", True),
        ("def loss(a, b): return K.mean(a - b) * scale\nvae.compile('sgd', loss)", True),
        ("def loss(a, b): return a - y\nvae.compile('sgd', 'mse', metrics=['mse', loss])", True),
        ("vae.compile('sgd', loss=loss_of(z_mean))", True),
        ("class L(Layer):\n  def lose(self, a): return a - z_mean\n  def call(self, a): return a", True),
        ("class L(Layer):\n  def call(self, z_mean): return z_mean", False),
        ("class C(Callback):\n  def on_end(self): print(z_mean)", False),
        ("def loss(z_mean, y): return z_mean - y\nvae.compile('sgd', loss=loss)", False),
        ("def loss(a, b):\n  y = a * limit\n  return y - b\nvae.compile('sgd', loss=loss)", False),
        ("def other(a, b): return z_mean\nvae.compile('sgd', loss='mse')", False),
        ("vae.compile('sgd', loss={'y': lambda z_mean, y: y})", False),
        ("vae.add_loss(K.sum(z_mean)); vae.compile('sgd')", False),
        ("def broken(:", False),
    ],
)
def test_a_loss_that_uses_a_tensor_of_the_network_needs_the_graph(text: str, graph: bool) -> None:
    assert sees_tensors(ENCODER + text) is graph


def test_tf_keras_has_always_had_the_stride_third() -> None:
    assert translate((32, 3, 2), {}, CONV) == ((32, 3, 2), {})


def test_a_recurrent_layer_takes_its_shape_in_two_numbers() -> None:
    old = {"output_dim": 4, "input_dim": 8, "input_length": 5, "dropout_U": 0.5, "consume_less": "gpu"}
    assert translate((), old, LSTM) == ((), {"units": 4, "input_shape": (5, 8), "recurrent_dropout": 0.5})


def test_an_argument_that_a_layer_knows_is_left_alone() -> None:
    knows = frozenset(["input_dim", "output_dim", "input_length"])
    given = {"input_dim": 100, "output_dim": 8, "input_length": 5}
    assert translate((), given, knows) == ((), given)


def test_logs_are_found_under_either_spelling_and_listed_under_one() -> None:
    logs = Logs({"loss": 1.0, "accuracy": 0.5, "val_acc": 0.25})
    assert (logs["acc"], logs["val_accuracy"], logs.get("val_acc"), logs.get("f1", 7)) == (0.5, 0.25, 0.25, 7)
    assert "acc" in logs
    assert "val_f1" not in logs
    assert sorted(logs) == ["accuracy", "loss", "val_acc"]
    with pytest.raises(KeyError, match="f1"):
        logs["f1"]


def test_the_accuracy_of_one_output_has_either_spelling_too() -> None:
    logs = Logs({"val_a_accuracy": 0.5, "acc_of": 1.0})
    assert (logs["val_a_acc"], logs.get("accuracy_of")) == (0.5, None)
    assert Logs({"val_mae": 2.0})["val_mean_absolute_error"] == 2.0


def test_logs_are_kept_as_a_dictionary_of_pythons_own() -> None:
    kept = copy.copy(Logs({"accuracy": 0.5}))  # what is pickled and what is copied are the same
    assert (type(kept), kept) == (dict, {"accuracy": 0.5})


@pytest.mark.parametrize(
    ("pattern", "text", "most", "parts"),
    [
        (r"(\W+)?", "a b.", 0, ["a", " ", "b", ".", ""]),
        (r"\s*", "a  b c", 1, ["a", "b c"]),
        (r"(?=[A-Z])", "aBcD", 0, ["a", "Bc", "D"]),
        (r",", "a,b", 0, ["a", "b"]),
        (b"x*", b"axxb", 0, [b"a", b"b"]),
    ],
)
def test_a_text_is_split_at_what_is_not_empty(pattern: Any, text: Any, most: int, parts: list[Any]) -> None:
    assert _splitting(re.split)(pattern, text, most) == parts


def test_weights_of_classes_have_no_gap_and_are_given_by_class() -> None:
    assert class_weight({"a": {0: 2.0}}) == {"a": {0: 2.0}}
    assert class_weight({2: 3.0}) == {0: 1.0, 1: 1.0, 2: 3.0}
    assert class_weight("balanced") is None


def test_a_large_array_is_converted_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    numpy = pytest.importorskip("numpy")
    monkeypatch.setattr("harness.era.arguments._LARGE", 100)
    large, small = numpy.ones((20, 2)), numpy.ones((2, 2))
    given = {"x": large, "y": large, "validation_data": (large, small)}
    slim(given)
    assert (given["x"][[0, 2]].dtype, given["x"].shape, len(given["x"])) == ("float32", (20, 2), 20)
    assert given["y"] is large
    assert given["validation_data"][1] is small
    assert len(given["validation_data"][0]) == 20
    split = {"x": large, "validation_split": 0.5}
    slim(split)
    assert split["x"] is large


def test_a_list_of_numbers_is_a_batch_of_them() -> None:
    pytest.importorskip("numpy")
    assert batch([1, 0, 1]).shape == (3,)
    assert batch({"a": 1}) == {"a": 1}


def test_a_file_name_can_have_either_spelling() -> None:
    assert "{val_acc:.1f}".format(**both({"val_accuracy": 0.5})) == "0.5"


def test_accuracy_is_asked_for_as_acc_wherever_it_stands() -> None:
    assert spelled(["accuracy", "mse", {"a": "accuracy"}]) == ["acc", "mse", {"a": "acc"}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from keras.models import Sequential", Said(imports_keras=True)),
        ("import tensorflow.keras", Said()),
        ("import keras\nplot(history.history['val_acc'])", Said(imports_keras=True, spells_acc=True)),
        ("import keras\nModelCheckpoint('w-{val_acc:.2f}.h5')", Said(imports_keras=True, spells_acc=True)),
        ("import keras\nmodel.compile(metrics=['acc'])", Said(imports_keras=True)),
        ("import keras\ng = K.gradients(a, b)", Said(imports_keras=True, needs_graph=True)),
        ("f = K.function([m.layers[0].input, K.learning_phase()], [o])", Said(needs_graph=True)),
        ("graph = tf.get_default_graph()", Said(needs_graph=True)),
        ("h = x.get_shape()[1].value", Said(has_dimensions=True)),
        ("score, up = tf.metrics.mean_iou(a, b, 2)", Said(needs_graph=True)),
        ("m = tf.keras.metrics.Mean(); n = tf.metrics.Mean()", Said()),
        ("class Mine(Optimizer):\n  def get_updates(self, loss, params): pass", Said(needs_graph=True)),
        ("import keras\nset_session(tf.Session(config=c))", Said(imports_keras=True)),
        ("from helper import fit", Said(imports_keras=True)),
        ("from watching import Monitor", Said(spells_acc=True)),
        ("import watching.deep.monitor", Said(spells_acc=True)),
        ("print('helper')", Said()),
    ],
)
def test_the_text_of_a_script_and_of_what_it_imports_tells_its_keras(
    tmp_path: Path, text: str, said: Said
) -> None:
    (tmp_path / "helper.py").write_text("import keras")
    (tmp_path / "watching" / "deep").mkdir(parents=True)
    (tmp_path / "watching" / "deep" / "monitor.py").write_text("plot(self.H['acc'])")
    (tmp_path / "train.py").write_text(text)
    assert read(tmp_path / "train.py") == said


def test_a_script_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "none.py") == Said()

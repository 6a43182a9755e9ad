"""How optimizers, activations and arguments that weren't written are spelled in the developer's own file."""

import re
from pathlib import Path

import pytest

from include.tweaker import Value, apply, discover
from tests.include.tweaker.conftest import MakePush

ADAM = "optimizer.learning_rate"


def _rewritten(push: MakePush, folder: Path, code: str, values: dict[str, Value]) -> str:
    tree, verdict = push({"train.py": code})
    space = discover(tree, verdict)
    assert space is not None
    launch = apply(space, values, tree=tree, working_directory=folder, verdict=verdict)
    return launch.files["train.py"].decode()


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        ("m.compile('adam', 'mse')", {"optimizer": "rmsprop"}, "m.compile('rmsprop', 'mse')"),
        ('m.compile(optimizer="adam")', {"optimizer": "nadam"}, 'm.compile(optimizer="nadam")'),
        (
            "m.compile('adam')",
            {"optimizer": "sgd", ADAM: 0.01},
            "m.compile('sgd')",  # that is its own learning rate
        ),
        (
            "m.compile('adam')",
            {"optimizer": "sgd"},
            "m.compile(keras.optimizers.SGD(learning_rate=0.001))",
        ),
        ("m.compile(keras.optimizers.Adam())", {"optimizer": "nadam"}, "m.compile(keras.optimizers.Nadam())"),
        (
            "m.compile(keras.optimizers.Adam())",
            {"optimizer": "sgd"},
            "m.compile(keras.optimizers.SGD(learning_rate=0.001))",
        ),
        (
            "m.compile(keras.optimizers.Adam(3e-4))",
            {"optimizer": "sgd"},
            "m.compile(keras.optimizers.SGD(3e-4))",
        ),
        (
            "m.compile(keras.optimizers.Adam(clipnorm=1.0))",
            {ADAM: 0.1},
            "m.compile(keras.optimizers.Adam(learning_rate=0.1, clipnorm=1.0))",
        ),
        (
            "OPT = 'adam'\nm.compile(OPT)",
            {ADAM: 0.1},
            "OPT = 'adam'\nm.compile(keras.optimizers.Adam(learning_rate=0.1))",
        ),
        (
            "OPT = 'adam'\nm.compile(OPT)",
            {"optimizer": "sgd"},
            "OPT = 'adam'\nm.compile(keras.optimizers.SGD(learning_rate=0.001))",
        ),
        (
            "OPT = 'adam'\nm.compile(OPT)\nn.compile(OPT)",
            {"optimizer": "sgd"},
            "OPT = 'sgd'\nm.compile(OPT)\nn.compile(OPT)",
        ),
    ],
)
def test_an_optimizer_is_spelled_as_the_file_does(
    push: MakePush, tmp_path: Path, before: str, values: dict[str, Value], after: str
) -> None:
    assert _rewritten(push, tmp_path, f"import keras\n{before}\n", values) == f"import keras\n{after}\n"


@pytest.mark.parametrize(
    ("imports", "added"),
    [
        ("from keras.models import Sequential", "from keras.optimizers import Adam"),
        ("from tensorflow.keras.layers import *", "from tensorflow.keras.optimizers import Adam"),
        ("from tf_keras.models import Sequential\nimport os", "from tf_keras.optimizers import Adam"),
    ],
)
def test_an_optimizer_that_the_file_cannot_name_is_imported(
    push: MakePush, tmp_path: Path, imports: str, added: str
) -> None:
    text = _rewritten(push, tmp_path, f"{imports}\nm.compile('adam')\n", {ADAM: 0.01})
    first, *others = imports.split("\n")
    expected = [first, added, *others, "m.compile(Adam(learning_rate=0.01))", ""]
    assert text.split("\n") == expected


def test_an_import_is_added_where_the_others_of_its_block_stand(push: MakePush, tmp_path: Path) -> None:
    block = "if __name__ == '__main__':\n    from keras.models import Model{}\n    m.compile({})\n"
    text = _rewritten(push, tmp_path, block.format("", "'adam'"), {ADAM: 0.01})
    assert text == block.format("\n    from keras.optimizers import Adam", "Adam(learning_rate=0.01)")


def test_a_name_that_means_something_else_in_the_file_is_not_imported_over(push: MakePush) -> None:
    space = discover(
        *push({"train.py": "from keras.models import *\nAdam = 1\nm.compile('adam')\nm.fit(x, y)\n"})
    )
    assert space is not None
    assert ADAM not in space.defaults()
    assert any("learning rate of Adam: it is only named in this file" in one for one in space.untouchable)


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        ("m.fit(x, y)", {"fit.epochs": 3}, "m.fit(x, y, epochs=3)"),
        (
            "m.fit(x, y, verbose=0)",
            {"fit.epochs": 3, "fit.batch_size": 64},
            "m.fit(x, y, verbose=0, epochs=3, batch_size=64)",
        ),
        (
            "m.fit(\n  x,\n  (y),  # labels\n)",
            {"fit.epochs": 3},
            "m.fit(\n  x,\n  (y),  # labels\n  epochs=3,\n)",
        ),
        ("m.fit(data)", {"fit.epochs": 2}, "m.fit(data, epochs=2)"),
    ],
)
def test_what_was_left_to_keras_is_written_behind_the_last_argument(
    push: MakePush, tmp_path: Path, before: str, values: dict[str, Value], after: str
) -> None:
    head = "import keras\nm.compile('sgd')\n"
    assert _rewritten(push, tmp_path, f"{head}{before}\n", values) == f"{head}{after}\n"


@pytest.mark.parametrize("code", ["scaler.fit(x)", "knn.fit(x, y)", "datagen.fit(x)", "m.fit(data)"])
def test_only_a_keras_fit_of_arrays_gets_a_batch_size(push: MakePush, code: str) -> None:
    space = discover(*push({"train.py": f"import keras\nm.compile('sgd')\n{code}\n"}))
    assert space is not None
    assert "fit.batch_size" not in space.defaults()
    assert ("fit.epochs" in space.defaults()) is (code == "m.fit(data)")


def test_hidden_activations_change_together_in_the_developers_quotes(push: MakePush, tmp_path: Path) -> None:
    code = (
        "from keras.layers import *\nimport tensorflow as tf\n"
        "Conv2D(4, 3, activation='relu')\nActivation(\"relu\")\nDense(8, tf.nn.relu)\nDense(9, 'softmax')\n"
    )
    text = _rewritten(push, tmp_path, code, {"activation": "elu"})
    assert text.split("\n")[2:6] == [
        "Conv2D(4, 3, activation='elu')",
        'Activation("elu")',
        'Dense(8, "elu")',
        "Dense(9, 'softmax')",
    ]


def test_new_layers_have_the_values_of_the_trial(push: MakePush, tmp_path: Path) -> None:
    code = (
        "from keras import Sequential\nfrom keras.layers import *\nmodel = Sequential()\n"
        "model.add(Conv2D(4, 3, activation='relu', input_shape=(28, 28, 1)))\n"
        "model.add(Flatten())\nmodel.add(Dense(10))\n"
    )
    text = _rewritten(
        push, tmp_path, code, {"activation": "elu", "growth.conv_layers": 1, "new_conv1.filters": 9}
    )
    assert "model.add(Conv2D(9, 3, activation='elu'))\n" in text


def test_new_layers_have_names_where_the_developers_have(push: MakePush, tmp_path: Path) -> None:
    """Else Keras would call one of them as the developer called another: ``dense_1``."""
    code = (
        "from keras.layers import *\nfrom keras.models import Sequential\nm = Sequential()\n"
        "m.add(Conv2D(8, 3, input_shape=(28, 28, 1), name='conv_1'))\nm.add(Flatten())\n"
        "m.add(Dense(32, name='dense_1'))\nm.add(Dense(10, name='new_dense1'))\n"
    )
    text = _rewritten(push, tmp_path, code, {"growth.conv_layers": 1, "growth.dense_layers": 2})
    names = re.findall(r"name=['\"](\w+)", text)
    assert len(set(names)) == len(names) == text.count("Conv2D(") + text.count("Pooling2D(") + 4

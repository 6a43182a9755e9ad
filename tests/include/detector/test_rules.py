"""Each rule of each table applies to something, and the order of the rules is what decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from include.detector import Kind, Verdict, inspect
from include.detector.layers import RULES, Family, match_layer
from include.detector.rules import VERDICT_RULES

Inspect = Callable[[str], Verdict]

PATHS = {
    "keras convolution layer": "keras.layers.Conv2D",
    "keras convolution function": "keras.ops.conv",
    "keras application": "tensorflow.keras.applications.VGG16",
    "keras extension backbone": "keras_hub.models.ResNetBackbone",
    "keras extension preset": "tensorflow_hub.KerasLayer",
    "tensorflow convolution function": "tensorflow.nn.conv2d",
    "pytorch convolution": "torch.nn.Conv2d",
    "pytorch model by name": "timm.create_model",
    "pytorch model": "torchvision.models.resnet18",
    "convolution function of jax": "jax.lax.conv_general_dilated",
    "convolution of another library": "mxnet.gluon.nn.Conv2D",
    "model of another library": "paddle.vision.models.resnet18",
    "ready-made training of another library": "tcn.TCN",
    "detector by its configuration": "detectron2.model_zoo.get_config_file",
    "convolution layer of an unknown library": "my_own_package.Conv2D",
    "well-known network of an unknown library": "my_own_package.ResNet18",
    "network by its name": "my_own_package.build_cnn",
    "product with a matrix of weights": "tensorflow.matmul",
    "convolutional model of transformers": "transformers.ResNetForImageClassification.from_pretrained",
    "model of transformers by its name": "transformers.AutoModelForImageClassification.from_pretrained",
    "keras extension transformer": "keras_nlp.models.BertClassifier",
    "pytorch transformer": "torch.nn.Transformer",
    "saved model": "keras.models.load_model",
    "transformer": "keras.layers.MultiHeadAttention",
    "recurrent layer": "keras.layers.LSTM",
    "dense layer": "torch.nn.Linear",
    "dense network of scikit-learn": "sklearn.neural_network.MLPClassifier",
    "classical model": "sklearn.svm.SVC",
    "classical model of another library": "xgboost.XGBClassifier",
}
NOTHING = (
    "keras.layers.MaxPooling2D",
    "keras.applications.vgg16.preprocess_input",
    "keras.utils.to_categorical",
    "tensorflow.nn.max_pool",
    "tensorflow.nn.relu",
    "torch.nn.MaxPool2d",
    "torchvision.transforms.ToTensor",
    "sklearn.preprocessing.StandardScaler",
    "sklearn.metrics.accuracy_score",
    "numpy.convolve",
    "jax.numpy.convolve",
    "scipy.signal.convolve2d",
    "skimage.filters.gaussian",
    "cv2.filter2D",
    "PIL.Image.Image.convert",
    "my_own_package.preprocess",
    "my_own_package.resnet_arg_scope",
    "my_own_package.FCNN",
    "my_own_package.lenet_300_100_model",
    "json.CNN",
    "torchvision.models.list_models",
    "timm.models.load_state_dict",
    "keras_cv.layers.MultiClassDetectionHead",
    "keras.layers.Conv2D()",
    "keras.layers.Conv2D()[]",
)


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_each_layer_rule_applies_to_its_example(rule: object) -> None:
    name = next(one.name for one in RULES if one is rule)
    found = match_layer(PATHS[name], ("resnet50",))
    assert found is not None
    assert found[0].name == name


@pytest.mark.parametrize("path", NOTHING)
def test_no_layer_rule_applies_to_what_is_no_layer(path: str) -> None:
    assert match_layer(path, ("resnet50",)) is None


def test_rule_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES) == len(PATHS)


def test_a_rule_with_a_literal_needs_it() -> None:
    found = match_layer("tensorflow_hub.KerasLayer", ("https://tfhub.dev/bert",))
    assert found is not None
    assert found[0].family is Family.UNKNOWN


FAMILIES = {
    "Conv2D": "keras.layers.Conv2D(8, 3)",
    "load_model": "keras.models.load_model('m.h5')",
    "MultiHeadAttention": "keras.layers.MultiHeadAttention(2, 2)",
    "LSTM": "keras.layers.LSTM(8)",
    "Dense": "keras.layers.Dense(8)",
    "SVC": "sklearn.svm.SVC()",
}
FAMILY_ORDER = [
    "convolutional network",
    "unknown network",
    "transformer",
    "recurrent network",
    "dense network",
    "classical machine learning",
]


@pytest.mark.parametrize(("first", "what"), list(enumerate(FAMILY_ORDER)))
def test_the_strongest_family_names_the_network(verdict_of: Inspect, first: int, what: str) -> None:
    layers = list(FAMILIES.values())[first:]
    code = "import keras, sklearn.svm\n" + "\n".join(reversed(layers)) + "\nm.fit(x, y)\n"
    assert verdict_of(code).what == what


CNN = "import keras\nm = keras.Sequential([keras.layers.Conv2D(8, 3)])\nm.fit(x, y)\n"
DENSE = CNN.replace("Conv2D(8, 3)", "Dense(8)")
GRADIENT = "import tensorflow as tf\nwith tf.GradientTape() as t:\n    pass\n"
BROKEN, OLD = "print 'old'\n", "Python 2 code"

# One row for each rule in its place, with something below it in the order that would have applied too.
PRECEDENCE = [
    ("nothing was pushed", {}, None, "no Python code"),
    ("the script can't be read", {"a.py": BROKEN, "mycode.py": CNN}, "a.py", OLD),
    ("convolutions", {"a.py": "import broken\n" + CNN, "broken.py": BROKEN}, None, "convolutional network"),
    ("an imported module can't be read", {"a.py": "import b\n" + DENSE, "b.py": BROKEN}, None, OLD),
    ("a better named file can't be read", {"work.py": DENSE, "mycode.py": BROKEN}, None, OLD),
    ("another kind of network", {"mycode.py": GRADIENT + DENSE, "b.py": BROKEN}, None, "dense network"),
    ("a model of unknown layers", {"mycode.py": GRADIENT}, None, "model without known layers"),
    ("no learning", {"mycode.py": "print(1)\n"}, None, "no learning at all"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "files", "script", "what"), PRECEDENCE, ids=[row[0] for row in PRECEDENCE])
def test_the_first_rule_that_applies_decides(
    tmp_path: Path, name: str, files: dict[str, str], script: str | None, what: str
) -> None:
    for file, code in files.items():
        (tmp_path / file).write_text(code)
    assert inspect(tmp_path, script).what == what


def test_every_verdict_rule_has_its_row_in_its_order() -> None:
    assert [rule.name for rule in VERDICT_RULES] == [row[0] for row in PRECEDENCE]


@pytest.mark.parametrize("kind", list(Kind))
def test_reasons_are_sentences(tmp_path: Path, kind: Kind) -> None:
    code = {Kind.CNN: CNN, Kind.NOT_CNN: DENSE, Kind.UNREADABLE: BROKEN}[kind]
    (tmp_path / "mycode.py").write_text(code)
    verdict = inspect(tmp_path)
    assert verdict.kind is kind
    assert verdict.reason.endswith(".")
    assert all(evidence.sentence.endswith(".") for evidence in verdict.evidence)

"""What is no convolutional network is refused, and the reason names what it is instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.detector import Kind, inspect

DENSE = (
    "import keras\nfrom keras.layers import Dense\nmodel = keras.Sequential([Dense(8)])\nmodel.fit(x, y)\n"
)

FOOLED = {
    "comment": DENSE + "# Conv2D(32, (3, 3)) would be better\n",
    "string": DENSE + "print('Conv2D(32, 3)')\n",
    "docstring": '"""Uses Conv2D layers."""\n' + DENSE,
    "unused import": "from keras.layers import Conv2D\n" + DENSE,
    "unused import of everything": "from keras.layers import *\n" + DENSE,
    "unused import with alias": "from keras.layers import Conv2D as C\n" + DENSE,
    "unused module import": "import torch.nn as nn\n" + DENSE,
    "function never called": "from keras.layers import Conv2D\ndef cnn():\n    return Conv2D(8, 3)\n" + DENSE,
    "function called only by dead function": "from keras.layers import Conv2D\ndef cnn():\n    return Conv2D(8, 3)\ndef main():\n    return cnn()\n"
    + DENSE,
    "recursive dead function": "from keras.layers import Conv2D\ndef cnn(n):\n    return cnn(n - 1) if n else Conv2D(8, 3)\n"
    + DENSE,
    "class never used": "import keras\nclass Net(keras.Model):\n    def __init__(self):\n        self.c = keras.layers.Conv2D(8, 3)\n"
    + DENSE,
    "method never called": "from keras.layers import Conv2D\nclass T:\n    def old(self):\n        return Conv2D(8, 3)\n    def new(self):\n        return 1\nT().new()\n"
    + DENSE,
    "if False": "from keras.layers import Conv2D\nif False:\n    m = Conv2D(8, 3)\n" + DENSE,
    "if 0": "from keras.layers import Conv2D\nif 0:\n    m = Conv2D(8, 3)\n" + DENSE,
    "if not True": "from keras.layers import Conv2D\nif not True:\n    m = Conv2D(8, 3)\n" + DENSE,
    "False and": "from keras.layers import Conv2D\nm = False and Conv2D(8, 3)\n" + DENSE,
    "else of True": "from keras.layers import Conv2D\nif True:\n    pass\nelse:\n    m = Conv2D(8, 3)\n"
    + DENSE,
    "while False": "from keras.layers import Conv2D\nwhile False:\n    m = Conv2D(8, 3)\n" + DENSE,
    "conditional expression": "from keras.layers import Conv2D\nm = Conv2D(8, 3) if False else None\n"
    + DENSE,
    "constant that is False": "from keras.layers import Conv2D\nUSE_CNN = False\nif USE_CNN:\n    m = Conv2D(8, 3)\n"
    + DENSE,
    "constant with another value": "from keras.layers import Conv2D\nKIND = 'mlp'\nif KIND == 'cnn':\n    m = Conv2D(8, 3)\n"
    + DENSE,
    "TYPE_CHECKING": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from keras.layers import Conv2D\n    m = Conv2D(8, 3)\n"
    + DENSE,
    "after exit": DENSE + "import sys\nsys.exit()\nfrom keras.layers import Conv2D\nm = Conv2D(8, 3)\n",
    "after return": "from keras.layers import Conv2D\ndef f():\n    return 1\n    return Conv2D(8, 3)\nf()\n"
    + DENSE,
    "after raise": "from keras.layers import Conv2D\ndef f():\n    raise ValueError\n    Conv2D(8, 3)\nf()\n"
    + DENSE,
    "numpy.convolve": "import numpy as np\nnp.convolve([1, 2], [3])\n" + DENSE,
    "scipy.signal": "from scipy.signal import convolve2d\nconvolve2d(a, b)\n" + DENSE,
    "scipy.ndimage": "from scipy import ndimage\nndimage.convolve(a, b)\n" + DENSE,
    "cv2.filter2D": "import cv2\ncv2.filter2D(a, -1, b)\n" + DENSE,
    "own function of that name": "def Conv2D(a, b):\n    return a * b\nConv2D(1, 2)\n" + DENSE,
    "own class of that name": "class Conv2D:\n    pass\nConv2D()\n" + DENSE,
    "only printed": "from keras.layers import Conv2D\nprint(Conv2D)\n" + DENSE,
    "only compared": "from keras.layers import Conv2D\nfor l in model.layers:\n    isinstance(l, Conv2D)\n"
    + DENSE,
    "other key of a dictionary": "from keras.layers import Conv2D, Dense\nL = {'conv': Conv2D, 'dense': Dense}\nL['dense'](8)\n"
    + DENSE,
    "pooling only": "from keras.layers import MaxPooling2D, Flatten\nMaxPooling2D(2)\nFlatten()\n" + DENSE,
    "attribute of unknown object": "thing.Conv2D(8, 3)\n" + DENSE,
    "assert False": DENSE + "assert False\nkeras.layers.Conv2D(8, 3)\n",
    "under __name__ of a module": "from keras.layers import Conv2D\nif __name__ == 'other':\n    Conv2D(8, 3)\n"
    + DENSE,
    "variable called conv2d": "conv2d = 32\nConvolution2D = conv2d + 1\n" + DENSE,
    "preprocessing of an application": "from keras.applications.vgg16 import preprocess_input\npreprocess_input(x)\n"
    + DENSE,
    "annotation": "from keras.layers import Conv2D\ndef f(layer: 'Conv2D'):\n    return layer\nf(1)\n"
    + DENSE,
}

KINDS = {
    "dense network: keras": ("dense network", DENSE),
    "dense network: tf.keras": ("dense network", "import tensorflow as tf\nm = tf.keras.Sequential([tf.keras.layers.Dense(1)])\nm.fit(x, y)\n"),
    "dense network: torch": ("dense network", "import torch.nn as nn\nm = nn.Linear(2, 2)\n"),
    "dense network: tf.layers": ("dense network", "import tensorflow as tf\nm = tf.layers.dense(x, 2)\n"),
    "dense network: scikit-learn": ("dense network", "from sklearn.neural_network import MLPClassifier\nm = MLPClassifier().fit(x, y)\n"),
    "dense network: reloaded after training": ("dense network", DENSE + "m = keras.models.load_model('m.h5')\nm.predict(x)\n"),
    "recurrent network: LSTM": ("recurrent network", "from keras.layers import LSTM, Dense\nimport keras\nm = keras.Sequential([LSTM(4), Dense(1)])\nm.fit(x, y)\n"),
    "recurrent network: GRU": ("recurrent network", "import tensorflow as tf\nm = tf.keras.layers.GRU(4)\n"),
    "recurrent network: Bidirectional": ("recurrent network", "from keras.layers import Bidirectional, SimpleRNN\nm = Bidirectional(SimpleRNN(4))\n"),
    "recurrent network: torch": ("recurrent network", "import torch\nm = torch.nn.LSTM(2, 2)\n"),
    "transformer: attention": ("transformer", "from keras.layers import MultiHeadAttention, Dense\nm = MultiHeadAttention(2, 2)\nDense(1)\n"),
    "transformer: transformers": ("transformer", "from transformers import AutoModelForSequenceClassification as A\nm = A.from_pretrained('bert')\n"),
    "transformer: torch": ("transformer", "import torch.nn as nn\nm = nn.TransformerEncoder(a, 2)\n"),
    "transformer: vision": ("transformer", "import torchvision\nm = torchvision.models.vit_b_16()\n"),
    "transformer: bert": ("transformer", "from transformers import TFBertModel\nm = TFBertModel.from_pretrained('x')\n"),
    "classical: forest": ("classical machine learning", "from sklearn.ensemble import RandomForestClassifier as R\nm = R(10)\nm.fit(x, y)\n"),
    "classical: regression": ("classical machine learning", "from sklearn import linear_model\nm = linear_model.LinearRegression()\nm.fit(x, y)\n"),
    "classical: svm": ("classical machine learning", "from sklearn.svm import SVC\nSVC().fit(x, y)\n"),
    "classical: neighbours": ("classical machine learning", "import sklearn.neighbors\nsklearn.neighbors.KNeighborsClassifier()\n"),
    "classical: k-means": ("classical machine learning", "from sklearn.cluster import KMeans\nKMeans(3).fit(x)\n"),
    "classical: xgboost": ("classical machine learning", "import xgboost as xgb\nm = xgb.XGBClassifier()\nm.fit(x, y)\n"),
    "unknown: loaded and trained": ("unknown network", "from tensorflow.keras.models import load_model\nm = load_model('m.h5')\nm.fit(x, y)\n"),
    "unknown: model from JSON": ("unknown network", "from keras.models import model_from_json\nm = model_from_json(t)\nm.fit(x, y)\n"),
    "loaded but only used": ("no learning at all", "from keras.models import load_model\nm = load_model('m.h5')\nm.predict(x)\n"),
    "custom model": ("model without known layers", "import tensorflow as tf\nw = tf.Variable(1.0)\nwith tf.GradientTape() as t:\n    loss = w * w\n"),
    "no learning: hello": ("no learning at all", "print('hello')\n"),
    "no learning: empty file": ("no learning at all", ""),
    "no learning: web server": ("no learning at all", "from flask import Flask\napp = Flask('x')\n@app.route('/')\ndef index():\n    return 'CNN'\n"),
    "no learning: data augmentation fit": ("no learning at all", "from tensorflow.keras.preprocessing.image import ImageDataGenerator\ng = ImageDataGenerator()\ng.fit(x)\n"),
    "no learning: scaler": ("no learning at all", "from sklearn.preprocessing import StandardScaler\nStandardScaler().fit(x)\n"),
    "no learning: image filter": ("no learning at all", "import cv2\ncv2.filter2D(img, -1, k)\n"),
}  # fmt: skip


@pytest.mark.parametrize("code", FOOLED.values(), ids=FOOLED.keys())
def test_what_only_looks_like_a_convolution_leaves_a_dense_network(tmp_path: Path, code: str) -> None:
    (tmp_path / "mycode.py").write_text(code)
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.what) == (Kind.NOT_CNN, "dense network"), verdict.reason


@pytest.mark.parametrize(("what", "code"), KINDS.values(), ids=KINDS.keys())
def test_the_verdict_names_what_it_is_instead(tmp_path: Path, what: str, code: str) -> None:
    (tmp_path / "mycode.py").write_text(code)
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.what) == (Kind.NOT_CNN, what), verdict.reason
    assert not verdict.trainable


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (FOOLED["function never called"], "nothing that runs uses the function `cnn`"),
        (FOOLED["class never used"], "nothing that runs uses the function `__init__`"),
        (FOOLED["if False"], "this code never runs"),
        (FOOLED["unused import"], "`Conv2D` is imported but nothing that runs uses it"),
        (FOOLED["comment"], "`Conv2D` stands only in a comment"),
        (FOOLED["string"], "`Conv2D` stands only in text"),
        (FOOLED["numpy.convolve"], "a filter of signal processing"),
    ],
)
def test_the_reason_explains_a_near_miss(tmp_path: Path, code: str, says: str) -> None:
    (tmp_path / "mycode.py").write_text(code)
    verdict = inspect(tmp_path)
    assert says in verdict.reason
    assert any(says in evidence.sentence for evidence in verdict.evidence)


def test_a_push_without_python_has_nothing_to_train(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# CNN\n")
    verdict = inspect(tmp_path)
    assert (verdict.kind, verdict.what, verdict.script) == (Kind.NOT_CNN, "no Python code", None)

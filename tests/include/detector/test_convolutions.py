"""Every way to build a convolutional network that people write is recognised."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.detector import Kind, inspect

TAIL = "\nmodel.compile('adam', 'mse')\nmodel.fit(x, y)\n"
KERAS = "import keras\nfrom keras.models import Sequential\n"

KERAS_LAYERS = ["Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D", "SeparableConv1D", "SeparableConv2D", "SeparableConvolution2D", "DepthwiseConv1D", "DepthwiseConv2D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose", "Convolution2DTranspose", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "AtrousConvolution2D", "Deconvolution2D"]

ALIASES = {
    "import keras": "import keras\nmodel = keras.Sequential([keras.layers.Conv2D(8, 3)])",
    "import keras as k": "import keras as k\nmodel = k.Sequential([k.layers.Conv2D(8, 3)])",
    "import keras.layers": "import keras.layers\nmodel = keras.Sequential([keras.layers.Conv2D(8, 3)])",
    "import keras.layers as L": "import keras, keras.layers as L\nmodel = keras.Sequential([L.Conv2D(8, 3)])",
    "from keras import layers": "from keras import layers, Sequential\nmodel = Sequential([layers.Conv2D(8, 3)])",
    "from keras import layers as L": "from keras import layers as L, Sequential\nmodel = Sequential([L.Conv2D(8, 3)])",
    "from keras.layers import Conv2D": KERAS
    + "from keras.layers import Conv2D\nmodel = Sequential([Conv2D(8, 3)])",
    "from … import Conv2D as C": KERAS
    + "from keras.layers import Conv2D as C\nmodel = Sequential([C(8, 3)])",
    "star import": "from keras.models import *\nfrom keras.layers import *\nmodel = Sequential([Conv2D(8, 3)])",
    "star import of keras": "from keras import *\nmodel = Sequential([layers.Conv2D(8, 3)])",
    "old module": KERAS + "from keras.layers.convolutional import Conv2D\nmodel = Sequential([Conv2D(8, 3)])",
    "tf.keras": "import tensorflow as tf\nmodel = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 3)])",
    "tensorflow without alias": "import tensorflow\nmodel = tensorflow.keras.Sequential([tensorflow.keras.layers.Conv2D(8, 3)])",
    "import tensorflow.keras as k": "import tensorflow.keras as k\nmodel = k.Sequential([k.layers.Conv2D(8, 3)])",
    "import tensorflow.keras.layers as L": "import tensorflow.keras.layers as L\nmodel = build(L.Conv2D(8, 3))",
    "from tensorflow import keras": "from tensorflow import keras\nmodel = keras.Sequential([keras.layers.Conv2D(8, 3)])",
    "from tensorflow.keras import layers": "from tensorflow.keras import layers, models\nmodel = models.Sequential([layers.Conv2D(8, 3)])",
    "tensorflow.python.keras": "from tensorflow.python.keras.layers import Conv2D\nmodel = build(Conv2D(8, 3))",
    "compat.v1": "import tensorflow.compat.v1 as tf\nmodel = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 3)])",
    "tf_keras": "import tf_keras as keras\nmodel = keras.Sequential([keras.layers.Conv2D(8, 3)])",
    "kl = keras.layers": "import keras\nkl = keras.layers\nmodel = keras.Sequential([kl.Conv2D(8, 3)])",
    "kl = tf.keras.layers": "import tensorflow as tf\nkl = tf.keras.layers\nmodel = tf.keras.Sequential([kl.Conv2D(8, 3)])",
    "two steps of aliases": "import tensorflow as tf\nk = tf.keras\nL = k.layers\nC = L.Conv2D\nmodel = k.Sequential([C(8, 3)])",
    "tuple assignment": "import keras\nD, C = keras.layers.Dense, keras.layers.Conv2D\nmodel = keras.Sequential([C(8, 3)])",
    "annotated assignment": "import keras\nC: type = keras.layers.Conv2D\nmodel = keras.Sequential([C(8, 3)])",
    "walrus": "import keras\nmodel = keras.Sequential([(C := keras.layers.Conv2D)(8, 3)])",
    "getattr": "import keras\nmodel = keras.Sequential([getattr(keras.layers, 'Conv2D')(8, 3)])",
    "getattr by constant": "import keras\nNAME = 'Conv2D'\nC = getattr(keras.layers, NAME)\nmodel = keras.Sequential([C(8, 3)])",
    "__dict__": "import keras\nmodel = keras.Sequential([keras.layers.__dict__['Conv2D'](8, 3)])",
    "vars": "import keras\nmodel = keras.Sequential([vars(keras.layers)['Conv2D'](8, 3)])",
    "globals": KERAS + "from keras.layers import Conv2D\nmodel = Sequential([globals()['Conv2D'](8, 3)])",
    "import_module": "import importlib\nL = importlib.import_module('keras.layers')\nmodel = build(L.Conv2D(8, 3))",
    "__import__": "tf = __import__('tensorflow')\nmodel = tf.keras.Sequential([tf.keras.layers.Conv2D(8, 3)])",
    "import in a try": "try:\n    from tensorflow.keras import layers\nexcept ImportError:\n    from keras import layers\nmodel = build(layers.Conv2D(8, 3))",
    "import in a function": "def build():\n    from keras.layers import Conv2D\n    return Conv2D(8, 3)\nmodel = build()",
    "conditional alias": "import keras, sys\nC = keras.layers.Conv2D if sys.flags.debug else keras.layers.Dense\nmodel = build(C(8, 3))",
    "alias returned by a function": "import keras\ndef layers():\n    return keras.layers\nmodel = build(layers().Conv2D(8, 3))",
    "default of a parameter": "import keras\ndef build(C=keras.layers.Conv2D):\n    return C(8, 3)\nmodel = build()",
    "lambda": "import keras\nC = lambda n: keras.layers.Conv2D(n, 3)\nmodel = keras.Sequential([C(8)])",
    "partial": "import keras\nfrom functools import partial\nC = partial(keras.layers.Conv2D, kernel_size=3)\nmodel = keras.Sequential([C(8)])",
    "import was forgotten": "import keras\nmodel = keras.Sequential([Conv2D(8, 3)])",
}

STYLES = {
    "add": KERAS + "model = Sequential()\nmodel.add(keras.layers.Conv2D(8, 3))",
    "functional": "from keras import Input, Model, layers\ni = Input((9, 9, 1))\nx = layers.Conv2D(8, 3)(i)\nx = layers.Flatten()(x)\nmodel = Model(i, x)",
    "subclassed model": "import keras\nclass Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.c = keras.layers.Conv2D(8, 3)\n    def call(self, x):\n        return self.c(x)\nmodel = Net()",
    "subclassed layer": "from keras.layers import Conv2D\nclass Mine(Conv2D):\n    pass\nmodel = build(Mine(8, 3))",
    "builder function": "from keras import Sequential, layers\ndef build():\n    model = Sequential()\n    model.add(layers.Conv2D(8, 3))\n    return model\nmodel = build()",
    "builder of builders": "from keras import Sequential, layers\ndef block(n):\n    return [layers.Conv2D(n, 3)]\ndef build():\n    return Sequential(block(8))\nmodel = build()",
    "builder given away": "from keras import Sequential, layers\nfrom scikeras.wrappers import KerasClassifier\ndef build():\n    return Sequential([layers.Conv2D(8, 3)])\nmodel = KerasClassifier(build)",
    "class with methods": "from keras import layers\nclass Trainer:\n    def build(self):\n        return layers.Conv2D(8, 3)\n    def run(self):\n        self.model = self.build()\nt = Trainer()\nt.run()\nmodel = t.model",
    "static method": "from keras import Sequential, layers\nclass LeNet:\n    @staticmethod\n    def build():\n        return Sequential([layers.Conv2D(8, 3)])\nmodel = LeNet.build()",
    "loop": KERAS + "model = Sequential()\nfor n in (8, 16):\n    model.add(keras.layers.Conv2D(n, 3))",
    "loop over classes": KERAS
    + "from keras.layers import Conv2D, Dense\nmodel = Sequential()\nfor C in [Conv2D, Dense]:\n    model.add(C(8))",
    "loop over pairs": KERAS
    + "from keras.layers import Conv2D, Dense\nmodel = Sequential()\nfor C, n in [(Dense, 8), (Conv2D, 8)]:\n    model.add(C(n))",
    "loop over zip": KERAS
    + "from keras.layers import Conv2D\nmodel = Sequential()\nfor C, n in zip([Conv2D], [8]):\n    model.add(C(n))",
    "loop over enumerate": KERAS
    + "from keras.layers import Conv2D\nmodel = Sequential()\nfor i, C in enumerate([Conv2D]):\n    model.add(C(8))",
    "loop over items": KERAS
    + "from keras.layers import Conv2D\nmodel = Sequential()\nfor k, C in {'a': Conv2D}.items():\n    model.add(C(8))",
    "comprehension": KERAS + "model = Sequential([keras.layers.Conv2D(n, 3) for n in (8, 16)])",
    "dictionary of layers": KERAS
    + "L = {'conv': keras.layers.Conv2D, 'dense': keras.layers.Dense}\nmodel = Sequential([L['conv'](8, 3)])",
    "dictionary with unknown key": KERAS
    + "import sys\nL = {'conv': keras.layers.Conv2D, 'dense': keras.layers.Dense}\nmodel = Sequential([L[sys.platform](8, 3)])",
    "list by index": KERAS
    + "L = [keras.layers.Dense, keras.layers.Conv2D]\nmodel = Sequential([L[1](8, 3)])",
    "wrapper": KERAS + "model = Sequential([keras.layers.TimeDistributed(keras.layers.Conv2D(8, 3))])",
    "__main__ guard": "import keras\ndef main():\n    model = keras.Sequential([keras.layers.Conv2D(8, 3)])\n    model.fit(x, y)\nif __name__ == '__main__':\n    main()\nmodel = None",
    "if True": KERAS + "if True:\n    model = Sequential([keras.layers.Conv2D(8, 3)])",
    "else of False": KERAS
    + "if False:\n    pass\nelse:\n    model = Sequential([keras.layers.Conv2D(8, 3)])",
    "unknown condition": KERAS
    + "import sys\nif sys.argv[1:]:\n    model = Sequential([keras.layers.Conv2D(8, 3)])",
    "constant that holds": KERAS
    + "KIND = 'cnn'\nif KIND == 'cnn':\n    model = Sequential([keras.layers.Conv2D(8, 3)])",
    "flag that changes": KERAS
    + "ready = False\nfor _ in range(2):\n    if ready:\n        model = Sequential([keras.layers.Conv2D(8, 3)])\n    ready = True",
    "match statement": KERAS
    + "import sys\nmatch sys.platform:\n    case 'linux':\n        model = Sequential([keras.layers.Conv2D(8, 3)])",
    "with block": KERAS + "with strategy.scope():\n    model = Sequential([keras.layers.Conv2D(8, 3)])",
    "decorated command": "import click, keras\n@click.command()\ndef main():\n    m = keras.Sequential([keras.layers.Conv2D(8, 3)])\n    m.fit(x, y)\nmain()\nmodel = None",
    "typer app": "import typer, keras\napp = typer.Typer()\n@app.command()\ndef train():\n    m = keras.Sequential([keras.layers.Conv2D(8, 3)])\n    m.fit(x, y)\napp()\nmodel = None",
    "CRLF": KERAS.replace("\n", "\r\n") + "model = Sequential([keras.layers.Conv2D(8, 3)])\r\n",
    "tabs": KERAS + "for _ in range(1):\n\tmodel = Sequential([keras.layers.Conv2D(8, 3)])",
    "byte order mark": "\ufeff" + KERAS + "model = Sequential([keras.layers.Conv2D(8, 3)])",
    "semicolons": "import keras; model = keras.Sequential([keras.layers.Conv2D(8, 3)])",
}

OTHER_LIBRARIES = {
    "tf.nn.conv2d": "import tensorflow as tf\nh = tf.nn.conv2d(x, w, 1, 'SAME')\nwith tf.GradientTape() as t:\n    pass",
    "tf.nn.conv1d": "import tensorflow as tf\nh = tf.nn.conv1d(x, w, 1, 'SAME')",
    "tf.nn.depthwise_conv2d": "from tensorflow import nn\nh = nn.depthwise_conv2d(x, w, 1, 'SAME')",
    "tf.nn.convolution": "import tensorflow as tf\nh = tf.nn.convolution(x, w)",
    "tf.layers.conv2d": "import tensorflow as tf\nh = tf.layers.conv2d(x, 8, 3)",
    "tf.contrib.slim": "import tensorflow.contrib.slim as slim\nh = slim.conv2d(x, 8, 3)",
    "keras.ops.conv": "import keras\nh = keras.ops.conv(x, w)",
    "keras.ops.nn.depthwise_conv": "from keras.ops import nn\nh = nn.depthwise_conv(x, w)",
    "K.conv2d": "from keras import backend as K\nh = K.conv2d(x, w)",
    "torch.nn.Conv2d": "import torch.nn as nn\nnet = nn.Sequential(nn.Conv2d(1, 8, 3))",
    "torch.nn.Conv1d": "from torch import nn\nnet = nn.Conv1d(1, 8, 3)",
    "torch.nn.ConvTranspose2d": "import torch\nnet = torch.nn.ConvTranspose2d(1, 8, 3)",
    "torch LazyConv2d": "import torch\nnet = torch.nn.LazyConv2d(8, 3)",
    "F.conv2d": "import torch.nn.functional as F\nh = F.conv2d(x, w)",
    "torch module class": "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.c = nn.Conv2d(1, 8, 3)\nnet = Net()",
    "torchvision.models": "import torchvision.models as models\nnet = models.resnet18(pretrained=True)",
    "from torchvision.models": "from torchvision.models import vgg16\nnet = vgg16()",
    "torch.hub": "import torch\nnet = torch.hub.load('pytorch/vision', 'resnet18')",
    "timm": "import timm\nnet = timm.create_model('efficientnet_b0')",
    "keras.applications.VGG16": "import keras\nnet = keras.applications.VGG16()",
    "keras.applications.vgg16.VGG16": "from keras.applications.vgg16 import VGG16\nnet = VGG16(weights=None)",
    "tf.keras.applications": "import tensorflow as tf\nnet = tf.keras.applications.MobileNetV2(weights=None)",
    "applications alias": "from tensorflow.keras import applications as A\nnet = A.ResNet50()",
    "keras_hub": "import keras_hub\nnet = keras_hub.models.ResNetBackbone.from_preset('resnet_50_imagenet')",
    "keras_hub preset": "import keras_hub\nnet = keras_hub.models.ImageClassifier.from_preset('resnet_18_imagenet')",
    "keras_cv": "import keras_cv\nnet = keras_cv.models.EfficientNetV2Backbone()",
    "efficientnet package": "import efficientnet.keras as efn\nnet = efn.EfficientNetB0()",
    "tensorflow_hub": "import tensorflow_hub as hub\nnet = hub.KerasLayer('https://tfhub.dev/google/imagenet/mobilenet_v2')",
    "tflearn": "from tflearn.layers.conv import conv_2d\nh = conv_2d(x, 8, 3)",
    "flax": "import flax.linen as nn\nnet = nn.Conv(8, (3, 3))",
    "mxnet": "from mxnet.gluon import nn\nnet = nn.Conv2D(8, 3)",
    "paddle": "import paddle\nnet = paddle.nn.Conv2D(1, 8, 3)",
    "chainer": "import chainer.links as L\nnet = L.Convolution2D(1, 8, 3)",
    "lasagne": "import lasagne\nnet = lasagne.layers.Conv2DLayer(x, 8, 3)",
}


@pytest.mark.parametrize("layer", KERAS_LAYERS)
def test_each_convolution_layer_of_keras_makes_a_cnn(tmp_path: Path, layer: str) -> None:
    code = f"from tensorflow.keras.layers import {layer}\nmodel = build({layer}(8, 3)){TAIL}"
    (tmp_path / "mycode.py").write_text(code)
    assert inspect(tmp_path).kind is Kind.CNN


@pytest.mark.parametrize("code", ALIASES.values(), ids=ALIASES.keys())
def test_a_convolution_is_found_through_each_alias(tmp_path: Path, code: str) -> None:
    (tmp_path / "mycode.py").write_text(code + TAIL)
    verdict = inspect(tmp_path)
    assert verdict.kind is Kind.CNN, verdict.reason
    assert "Conv2D" in verdict.reason


@pytest.mark.parametrize("code", STYLES.values(), ids=STYLES.keys())
def test_a_convolution_is_found_in_each_style(tmp_path: Path, code: str) -> None:
    (tmp_path / "mycode.py").write_text(code + TAIL, newline="")
    verdict = inspect(tmp_path)
    assert verdict.kind is Kind.CNN, verdict.reason
    assert "trains it in line" in verdict.reason


@pytest.mark.parametrize("code", OTHER_LIBRARIES.values(), ids=OTHER_LIBRARIES.keys())
def test_convolutions_of_every_library_and_ready_made_networks_count(tmp_path: Path, code: str) -> None:
    (tmp_path / "mycode.py").write_text(code + "\n")
    verdict = inspect(tmp_path)
    assert verdict.kind is Kind.CNN, verdict.reason

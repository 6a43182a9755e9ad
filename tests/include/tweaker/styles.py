"""Scripts as developers write them, one for each style; tests read this and `cases/` as data."""

import re
from pathlib import Path

PLAIN = """\
from keras.models import Sequential
from keras.layers import Convolution2D, MaxPooling2D, Flatten, Dense, Dropout
from keras.optimizers import Adam

model = Sequential()
model.add(Convolution2D(filters=32, kernel_size=(3,3), activation='relu', input_shape=(28, 28, 1)))
model.add(MaxPooling2D(pool_size=(2, 2)))  # halve it
model.add(Flatten())
model.add(Dense(units=128, activation='relu'))
model.add(Dropout(0.5))
model.add(Dense(units=10, activation='softmax'))
model.compile(optimizer=Adam(learning_rate=1e-3), loss='sparse_categorical_crossentropy')
model.fit(x_train, y_train, batch_size=128, epochs=2)
"""

LENET = """\
import keras
from keras.models import Sequential
from keras.layers import Conv2D, MaxPooling2D, Dense, Flatten, Activation

BATCH = 64
model = Sequential()

# 2 sets of CRP (Convolution, RELU, Pooling)
model.add(Conv2D(20, (5, 5),
                 padding = "same",
                 input_shape = (28, 28, 1)))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size = (2, 2), strides = (2, 2)))

model.add(Conv2D(50, (5, 5),
                 padding = "same"))
model.add(Activation("relu"))
model.add(MaxPooling2D(pool_size = (2, 2), strides = (2, 2)))

# Fully connected layers (w/ RELU)
model.add(Flatten())
model.add(Dense(500))
model.add(Activation("relu"))

# Softmax (for classification)
model.add(Dense(10))
model.add(Activation("softmax"))
model.compile(loss='sparse_categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(x_train, y_train, epochs=1, batch_size=BATCH)
"""

LISTED = """\
import tensorflow as tf
from tensorflow.keras import layers, models

model = models.Sequential([
    layers.Input(shape=(28, 28, 1)),
    layers.Conv2D(16, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(32, 3, activation="relu"),  # the second
    layers.Flatten(),
    layers.Dense(64, activation="relu"),
    layers.Dropout(rate=0.25),
    layers.Dense(10, activation="softmax"),
])
model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, 32, 3)
"""

ONE_LINE = """\
from keras import Sequential, layers as L, optimizers
model = Sequential([L.Conv2D(8, 3, input_shape=(28, 28, 1)), L.Flatten(), L.Dense(10, activation="softmax")])
model.compile(optimizers.SGD(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=1)
"""

FUNCTIONAL = """\
from tensorflow import keras
from tensorflow.keras.layers import *

LEARNING_RATE = 0.00001


def build(filters=8, units=32, rate=.3):
    inputs = keras.Input((28, 28, 1))
    x = Conv2D(filters, (3, 3), padding="same", name="first")(inputs)
    x = BatchNormalization()(x)
    x = ReLU()(x)
    x = MaxPooling2D((2, 2))(x)
    x = Flatten()(x)
    x = Dense(units, activation="relu")(x)
    x = Dropout(rate)(x)
    outputs = Dense(10, activation="softmax")(x)
    return keras.Model(inputs, outputs)


model = build(filters=16)
model.compile(keras.optimizers.RMSprop(LEARNING_RATE), "sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=2)
"""

SUBCLASSED = """\
import keras


class Net(keras.Model):
    def __init__(self, filters=12):
        super().__init__()
        self.conv = keras.layers.Conv2D(filters, 3, activation="relu")
        self.flat = keras.layers.Flatten()
        self.hidden = keras.layers.Dense(48, activation="relu")
        self.out = keras.layers.Dense(10, activation="softmax")

    def call(self, inputs):
        return self.out(self.hidden(self.flat(self.conv(inputs))))


model = Net()
model.compile(keras.optimizers.Adam(), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=1, batch_size=100)
"""

CLASSIC = """\
from keras.models import Sequential
from keras.layers import Convolution2D, MaxPooling2D, Dense, Flatten
from keras.optimizers import SGD
model = Sequential()
model.add(Convolution2D(32, 3, 3, border_mode='valid', input_shape=(28, 28, 1)))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(output_dim=64, activation='relu'))
model.add(Dense(output_dim=10, activation='softmax'))
model.compile(SGD(lr=0.1), 'categorical_crossentropy')
model.fit(x_train, y_train, nb_epoch=4, batch_size=32)
"""

STYLES = {
    "plain": PLAIN,
    "lenet": LENET,
    "listed": LISTED,
    "one line": ONE_LINE,
    "functional": FUNCTIONAL,
    "subclassed": SUBCLASSED,
    "classic": CLASSIC,
}


def _cases() -> dict[str, str]:
    """Return the scripts of `cases/*.txt` by file and title."""
    found = {}
    for file in sorted((Path(__file__).parent / "cases").glob("*.txt")):
        _, *parts = re.split(r"^=== (.+)\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
        titled = zip(parts[::2], parts[1::2], strict=True)
        found.update({f"{file.stem}, {title}": code for title, code in titled})
    return found


CASES = _cases()
SCRIPTS = {**STYLES, **CASES}

OPTIONS = """\
import argparse
from keras.layers import Conv2D, Dense

parser = argparse.ArgumentParser()
parser.add_argument("--filters", type=int, default=16)
parser.add_argument("--kernel-size", type=int, default=3)
parser.add_argument("-l", "--lr", type=float, default=1e-3)
parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
parser.add_argument("--seed", type=int, default=7)
parser.add_argument("--verbose", action="store_true")
args = parser.parse_args()
layer = Conv2D(args.filters, args.kernel_size)
"""

STDIN = """\
from keras.models import Sequential
from keras.layers import Convolution2D, MaxPooling2D, Flatten, Dense

layers = int(input())
model = Sequential()
model.add(Convolution2D(int(input()), int(input()), activation='relu', input_shape=(28, 28, 1)))
model.add(MaxPooling2D(pool_size=int(input())))
for layer in range(layers - 1):
    model.add(Convolution2D(int(input()), int(input()), activation='relu'))
    model.add(MaxPooling2D(pool_size=int(input())))
model.add(Flatten())
for layer in range(int(input())):
    model.add(Dense(int(input()), activation='relu'))
model.add(Dense(10, activation='softmax'))
"""

"""What the end-to-end tests push."""

from ops.demo.stage import EXAMPLE

DATA = {"mnist.npz": EXAMPLE / "mnist.npz"}

NETWORK = """\
import keras
import numpy as np
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D

with np.load("mnist.npz") as images:
    x_train, y_train = images["x_train"][:1500] / 255.0, images["y_train"][:1500]
    x_test, y_test = images["x_test"][:500] / 255.0, images["y_test"][:500]

model = keras.Sequential([
    Input((28, 28, 1)),
    Conv2D(2, (3, 3), activation="relu"),
    MaxPooling2D((4, 4)),
    Flatten(),
    Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train[..., None], y_train, epochs=2, batch_size=32, verbose=2)
loss, accuracy = model.evaluate(x_test[..., None], y_test, verbose=0)
print(accuracy, file=open("accuracy.txt", "w"))
"""

SLOW = NETWORK.replace("model.fit(", "import time\ntime.sleep(12)\nmodel.fit(")

RAISES = NETWORK.replace("model.fit(", 'raise RuntimeError("no such column: label")\nmodel.fit(')

DENSE = """\
import keras
# Conv2D would be better
model = keras.Sequential([keras.layers.Input((784,)), keras.layers.Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit([], [])
"""

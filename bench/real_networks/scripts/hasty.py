"""A functional network whose large steps overshoot."""

import keras
import numpy as np
from keras import layers

with np.load("images.npz") as images:
    x_train, y_train = images["x_train"], images["y_train"]
    x_test, y_test = images["x_test"], images["y_test"]

inputs = keras.Input((28, 28, 1))
x = layers.Conv2D(4, 5, activation="relu")(inputs)
x = layers.MaxPooling2D(3)(x)
x = layers.Flatten()(x)
x = layers.Dense(16, activation="relu")(x)
outputs = layers.Dense(10, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.05),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(x_train, y_train, epochs=5, batch_size=256, validation_data=(x_test, y_test), verbose=0)

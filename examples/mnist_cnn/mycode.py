"""Recognises handwritten digits, not very well yet."""

import keras
import numpy as np
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D

with np.load("mnist.npz") as images:
    x_train, y_train = images["x_train"] / 255.0, images["y_train"]
    x_test, y_test = images["x_test"] / 255.0, images["y_test"]

model = keras.Sequential([
    Input((28, 28, 1)),
    Conv2D(2, (3, 3), activation="relu"),
    MaxPooling2D((4, 4)),
    Flatten(),
    Dense(16, activation="relu"),
    Dense(10, activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.Adam(0.001),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(x_train[..., None], y_train, epochs=5, batch_size=64, verbose=2)

loss, accuracy = model.evaluate(x_test[..., None], y_test, verbose=0)
print(f"accuracy: {accuracy:.4f}")
model.save("model.keras")

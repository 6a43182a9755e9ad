"""Two convolutions that a small learning rate and a high dropout keep from learning."""

import keras
import numpy as np
from keras.layers import Conv2D, Dense, Dropout, Flatten, Input, MaxPooling2D

with np.load("images.npz") as images:
    x_train, y_train = images["x_train"], images["y_train"]
    x_test, y_test = images["x_test"], images["y_test"]

model = keras.Sequential()
model.add(Input((28, 28, 1)))
model.add(Conv2D(4, 3, activation="relu"))
model.add(MaxPooling2D(2))
model.add(Conv2D(8, 3, activation="relu", padding="same"))
model.add(Flatten())
model.add(Dropout(0.6))
model.add(Dense(16, activation="relu"))
model.add(Dense(10, activation="softmax"))
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.002),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(x_train, y_train, epochs=5, batch_size=64, validation_data=(x_test, y_test), verbose=0)

"""One narrow convolution and much pooling: too little of everything."""

import keras
import numpy as np
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D

with np.load("images.npz") as images:
    x_train, y_train = images["x_train"], images["y_train"]
    x_test, y_test = images["x_test"], images["y_test"]

model = keras.Sequential(
    [
        Input((28, 28, 1)),
        Conv2D(2, (3, 3), activation="relu"),
        MaxPooling2D((4, 4)),
        Flatten(),
        Dense(8, activation="relu"),
        Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(0.0005), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(x_train, y_train, epochs=5, batch_size=128, validation_data=(x_test, y_test), verbose=0)

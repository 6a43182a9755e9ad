"""The smallest push that is a convolutional network."""

CNN = "import keras\nm = keras.Sequential([keras.layers.Conv2D(8, 3)])\nm.fit(x, y)\n"

"""Scripts that are killed in the middle of their training when they run for the first time."""

from __future__ import annotations

CNN = """
import os, sys, keras, numpy as np
os.makedirs("made_once")
rng = np.random.RandomState(3)
x = rng.rand(256, 8, 8, 1).astype("float32"); y = (x.mean((1, 2, 3)) > 0.5).astype(int)
def network():
    model = keras.Sequential([
        keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.Flatten(),
        keras.layers.Dropout(0.3), keras.layers.Dense(2, activation="softmax")])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
def die():
    if os.environ["DIES"] == "yes" and os.environ["LAUNCH"] == "1":
        os.kill(os.getpid(), 9)
class Dies(keras.callbacks.Callback):
    def __init__(self, epoch, batch=None): super().__init__(); self.at, self.batch = epoch, batch
    def on_epoch_begin(self, epoch, logs=None): self.now = epoch
    def on_train_batch_begin(self, batch, logs=None):
        if self.now == self.at and batch == (self.batch or 0): die()
model = network()
"""
TELL = """
print("SAID", [round(float(v), 6) for v in model.evaluate(x, y, verbose=0)],
      {k: [round(float(v), 6) for v in h] for k, h in history.history.items()}, history.epoch)
"""
SCRIPTS: dict[str, str] = {
    "shuffles": CNN + "history = model.fit(x, y, epochs=5, verbose=0, callbacks=[Dies(3)])" + TELL,
    "keeps_order": CNN
    + "history = model.fit(x, y, epochs=5, verbose=0, shuffle=False, validation_split=0.25,"
    + " callbacks=[Dies(3)])"
    + TELL,
    "is_not_built": CNN.replace("keras.layers.Input((8, 8, 1)), ", "")
    + "history = model.fit(x, y, epochs=4, verbose=0, callbacks=[Dies(2)])"
    + TELL,
    "trains_a_dataset": CNN
    + """
import tensorflow as tf
data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(256).batch(32)
history = model.fit(data, epochs=5, verbose=0, callbacks=[Dies(3)])
"""
    + TELL,
    "stops_early": CNN
    + """
early = keras.callbacks.EarlyStopping("val_loss", patience=6, restore_best_weights=True)
slower = keras.callbacks.ReduceLROnPlateau("val_loss", patience=1, factor=0.1)
model.optimizer.learning_rate = 0.1
history = model.fit(x, y, epochs=30, verbose=0, validation_split=0.5, callbacks=[early, slower, Dies(4)])
"""
    + TELL,
    "saves_its_best": CNN
    + """
best = keras.callbacks.ModelCheckpoint("best.keras", "val_accuracy", save_best_only=True)
rows = keras.callbacks.CSVLogger("rows.csv")
history = model.fit(x, y, epochs=5, verbose=0, validation_split=0.5, callbacks=[best, rows, Dies(4)])
model = keras.models.load_model("best.keras")
print("ROWS", len(open("rows.csv").readlines()))
"""
    + TELL,
    "fits_three_times": CNN
    + """
model.fit(x, y, epochs=2, verbose=0)
first = model.evaluate(x, y, verbose=0)
other = network()
other.fit(x, y, epochs=3, verbose=0, callbacks=[Dies(2)])
print("OTHER", first, other.evaluate(x, y, verbose=0))
history = model.fit(x, y, epochs=4, initial_epoch=2, verbose=0)
"""
    + TELL,
    "dies_between": CNN
    + "model.fit(x, y, epochs=2, verbose=0); die()\nhistory = model.fit(x, y, epochs=2, verbose=0)"
    + TELL,
    "dies_at_the_end": CNN + "history = model.fit(x, y, epochs=2, verbose=0); die()" + TELL,
    "dies_in_a_long_epoch": CNN
    + "history = model.fit(x, y, epochs=3, batch_size=16, verbose=0, callbacks=[Dies(1, 9)])"
    + TELL,
    "loops_itself": CNN
    + """
for epoch in range(4):
    if epoch == 2: die()
    for at in range(0, 256, 64): model.train_on_batch(x[at:at + 64], y[at:at + 64])
history = keras.callbacks.History(); history.epoch = []
"""
    + TELL,
    "loops_by_tape": CNN
    + """
import tensorflow as tf
for step in range(3):
    if step == 2: die()
    with tf.GradientTape() as tape: loss = tf.reduce_mean(model(x[:64]))
    weights = model.trainable_weights
    model.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
history = keras.callbacks.History(); history.epoch = []
"""
    + TELL,
    "has_two_optimizers": CNN
    + """
class Mine(keras.Model):
    def __init__(self):
        super().__init__()
        self.one, self.second = network(), keras.optimizers.Adam(0.01)
    def call(self, x): return self.one(x)
    def train_step(self, data):
        import tensorflow as tf
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(data[0])[:, 1] - tf.cast(data[1], "float32")) ** 2)
        weights = self.one.trainable_weights
        self.second.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return {"loss": loss}
mine = Mine(); mine.compile("sgd")
history = mine.fit(x, y, epochs=4, verbose=0, callbacks=[Dies(2)])
model = mine.one
"""
    + TELL,
    "changes_its_network": CNN
    + """
if os.environ["LAUNCH"] == "2":
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, epochs=4, verbose=0, callbacks=[Dies(2)])
"""
    + TELL,
}
MINUTES = {"dies_in_a_long_epoch": 0.0}

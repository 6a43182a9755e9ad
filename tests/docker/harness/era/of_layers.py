"""Scripts with layers, optimizers and metrics of their own, or that take models to pieces."""

from __future__ import annotations

from tests.docker.harness.era.script import DATA, Script

# ruff: noqa: E501 - scripts as people write them
SCRIPTS = {
    "layers_of_ones_own": Script(
        "3 2 4",
        """
import numpy as np
from keras import backend as K, initializations, initializers
from keras.engine.topology import Layer
from keras.layers import Dense, Embedding, GRU, Input
from keras.models import Model
class Attention(Layer):
    def __init__(self, steps, **kwargs):
        self.init = initializers.get("glorot_uniform"); self.steps = steps
        super(Attention, self).__init__(**kwargs)
    def build(self, input_shape):
        self.W = self.add_weight((input_shape[-1], 1), initializer=self.init, name="{}_W".format(self.name))
        self.b = self.add_weight((input_shape[1],), initializer="zero", name="{}_b".format(self.name))
        self.u = K.variable(initializations.get("normal")((input_shape[-1],), scale=0.1, name="u"))
        self.fixed = K.variable(1.0)
        self.trainable_weights = [self.W, self.b, self.u]
        self.non_trainable_weights = [self.fixed]
        self.built = True
    def call(self, x, mask=None):
        a = K.softmax(K.squeeze(K.dot(x * self.u, self.W), -1) + self.b)
        return K.sum(x * K.expand_dims(a), axis=1) * self.fixed
    def compute_output_shape(self, input_shape): return input_shape[0], input_shape[-1]
def mine(shape, name): return K.ones(shape, name=name)
inputs = Input((5,)); x = GRU(4, return_sequences=True)(Embedding(9, 4)(inputs)); attention = Attention(5)
model = Model(inputs, Dense(2, init=mine)(attention(x)))
model.compile("adam", "mse"); model.fit(np.ones((4, 5)), np.ones((4, 2)), verbose=0)
print("SAID", len(attention.trainable_weights), int(model.layers[-1].get_weights()[0].round().mean()) + 1, len(attention.get_weights()))
""",
    ),
    "layers_that_are_gone": Script(
        "(None, 2) 95 True False",
        """
import numpy as np
from keras.layers import Dense, Highway
from keras.layers.core import MaxoutDense
from keras.models import Sequential, load_model, model_from_yaml
model = Sequential()
model.add(Dense(4, input_dim=3)); model.add(Highway(activation="relu")); model.add(Dense(3, init="one"))
model.add(MaxoutDense(output_dim=2, nb_feature=3, W_regularizer="l2", bias=False)); model.add(MaxoutDense(2, nb_feature=1))
model.compile("sgd", "mse"); model.fit(np.ones((8, 3)), np.ones((8, 2)), nb_epoch=1, verbose=0)
model.save("whole.h5")
again = load_model("whole.h5", custom_objects={"Highway": Highway, "MaxoutDense": MaxoutDense})
plain = Sequential([Dense(2, input_dim=3)])
assert model_from_yaml(plain.to_yaml()).output_shape == (None, 2)
print("SAID", model.output_shape, model.count_params(), np.allclose(again.predict(np.ones((2, 3))), model.predict(np.ones((2, 3)))), np.allclose(*model.layers[1].get_weights()[:2]))
""",
    ),
    "a_matrix_in_a_file": Script(
        "(6, 4) (2, 4) 3.0 (6, 2)",
        """
import h5py, numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.utils.io_utils import HDF5Matrix
with h5py.File("data.h5", "w") as file: file["x"] = np.arange(32.).reshape(8, 4); file["y"] = np.ones((8, 2))
x = HDF5Matrix("data.h5", "x", 1, 7, normalizer=lambda rows: rows - 1); y = HDF5Matrix("data.h5", "y", 1, 7)
model = Sequential([Dense(2, input_dim=4)]); model.compile("sgd", "mse")
model.fit(x, y, batch_size=2, shuffle="batch", verbose=0)
print("SAID", x.shape, x[[3, 1]].shape, x[0][0], model.predict(x).shape)
""",
    ),
    "what_models_were_given": Script(
        "['acc', 'loss', 'val_acc', 'val_loss'] ['loss', 'acc', 'val_loss', 'val_acc'] 64 (None, 6)",
        DATA
        + """
from keras.callbacks import Callback
from keras.layers import Dense, Flatten, Input
from keras.models import Model
class Told(Callback):
    def on_train_begin(self, logs={}): self.asked = self.params["metrics"], self.params["samples"]
inputs = Input((8, 8, 1)); model = Model(inputs, Dense(2, activation="softmax", name="a")(Flatten()(inputs)))
model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
told = Told(); objects = x.astype(object)
h = model.fit(objects, y, class_weight=np.array([1., 2.]), validation_data=(objects, y), callbacks=[told], verbose=0)
h.history["acc"]; model.evaluate(objects, y, verbose=0); model.fit(x, y, class_weight={1: 2.}, verbose=0)
assert len(model.predict(objects)) == 64
one = Model(inputs, Dense(1)(Flatten()(inputs))); one.compile("sgd", "mse"); one.train_on_batch(x[:4], [1] * 4)
print("SAID", sorted(h.history), *told.asked, end=" ")
model.layers.pop(); model.layers[-1].outbound_nodes = []; model.outputs = [model.layers[-1].output]
print(Model(model.input, Dense(6)(model.layers[-1].output)).output_shape)
assert len(model.layers) == 2
""",
    ),
    "shapes_of_their_time": Script(
        "8 (None, 6, 6, 2)",
        """
import numpy as np
from keras.layers import Conv2D, Cropping2D, Input
from keras.models import Model
inputs = Input((8, 8, 1)); smaller = Conv2D(2, 3)(inputs)
cut = (inputs.get_shape()[1] - smaller.get_shape()[1]).value // 2
model = Model(inputs, [smaller, Cropping2D(((cut, cut), (cut, cut)))(inputs)])
model._make_predict_function()
print("SAID", inputs._keras_shape[1], smaller._keras_shape)
""",
    ),
    "two_outputs": Script(
        "True",
        """
import numpy as np
from keras.layers import Dense, Input
from keras.models import Model
inputs = Input((3,))
model = Model(inputs, [Dense(2, activation="softmax", name="a")(inputs), Dense(1, name="b")(inputs)])
model.compile("sgd", ["categorical_crossentropy", "mse"], metrics={"a": "accuracy"})
h = model.fit(np.ones((4, 3)), [np.eye(2)[[0, 1, 0, 1]], np.ones(4)], validation_split=0.5, verbose=0).history
print("SAID", h["val_a_acc"] == h["val_a_accuracy"])
""",
    ),
    "an_optimizer_and_a_metric_for_graphs": Script(
        "['loss', 'mean_iou'] (1, 2)",
        """
import numpy as np, tensorflow as tf
from keras import backend as K
from keras.layers import Dense, Dropout
from keras.legacy import interfaces
from keras.models import Sequential
from keras.optimizers import Optimizer
class Descent(Optimizer):
    def __init__(self, lr=0.01, **kwargs):
        super(Descent, self).__init__(**kwargs); self.lr = K.variable(lr, name="lr")
    @interfaces.legacy_get_updates_support
    def get_updates(self, loss, params):
        self.updates = [K.update(p, p - self.lr * g) for p, g in zip(params, self.get_gradients(loss, params))]
        return self.updates
    def get_config(self): return {}
def mean_iou(y_true, y_pred):
    score, update = tf.metrics.mean_iou(tf.to_int32(y_true > 0.5), tf.to_int32(y_pred > 0.5), 2)
    K.get_session().run(tf.local_variables_initializer())
    with tf.control_dependencies([update]): return tf.identity(score)
model = Sequential([Dense(2, input_dim=3), Dropout(0.5), Dense(1, activation="sigmoid")])
model.compile(Descent(lr=0.1), "binary_crossentropy", metrics=[mean_iou])
h = model.fit(np.ones((4, 3)), np.array([0, 1, 0, 1]), verbose=0)
inside = K.function([model.layers[0].input, K.learning_phase()], [model.layers[1].output])
print("SAID", sorted(h.history), inside([np.ones((1, 3)), 0])[0].shape)
""",
    ),
    "tensorflow_python_keras": Script(
        "True (2, 1)",
        """
import numpy as np, tensorflow as tf, tf_keras
from tensorflow.python.keras.layers import Dense
from tensorflow.python.keras.models import Sequential
from tensorflow.python.keras.optimizers import Adam
tf.keras.backend.set_session(tf.Session())
model = Sequential([Dense(2, activation=tf.nn.softmax, input_dim=3)]); model.compile(Adam(lr=0.1), "mse", metrics=["accuracy"])
model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
print("SAID", Sequential is tf_keras.Sequential, tf.reduce_sum(tf.nn.softmax(tf.ones((2, 3)), dim=1), reduction_indices=[1], keep_dims=True).shape)
""",
    ),
}

"""Scripts that use Keras itself as it was: its modules, arguments, defaults and files."""

from __future__ import annotations

from tests.docker.harness.era.script import DATA, Script

# ruff: noqa: E501 - scripts as people write them
SCRIPTS = {
    "keras_1": Script(
        "(3, 3) 2 float64",
        DATA
        + """
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation, Flatten
from keras.layers.convolutional import Convolution2D, MaxPooling2D, ZeroPadding2D
from keras.layers.normalization import BatchNormalization
from keras.layers.advanced_activations import LeakyReLU, PReLU
from keras.optimizers import SGD
from keras.regularizers import l2
from keras.callbacks import ModelCheckpoint, EarlyStopping
from keras import backend as K
assert K.image_dim_ordering() == "tf"
K.set_image_dim_ordering("th")
model = Sequential()
model.add(ZeroPadding2D((1, 1), input_shape=(1, 8, 8)))
model.add(Convolution2D(4, 3, 3, border_mode="same", subsample=(1, 1), init="he_normal", W_regularizer=l2(0.01)))
model.add(BatchNormalization(mode=0, axis=1)); model.add(LeakyReLU(alpha=0.1))
model.add(Convolution2D(nb_filter=2, nb_row=3, nb_col=3, bias=False)); model.add(PReLU(init="zero"))
model.add(MaxPooling2D(pool_size=(2, 2), border_mode="valid"))
model.add(Flatten()); model.add(Dropout(p=0.1)); model.add(Dense(output_dim=2, init="uniform")); model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer=SGD(lr=0.1, decay=1e-6, momentum=0.9, nesterov=True), metrics=["accuracy"])
assert model.metrics_names == ["loss", "acc"]
saves = ModelCheckpoint("w-{val_acc:.1f}.hdf5", monitor="val_acc", mode="max")
h = model.fit(x.reshape(64, 1, 8, 8), y, nb_epoch=2, batch_size=16, verbose=0, validation_split=0.25,
              callbacks=[saves, EarlyStopping(monitor="val_acc", patience=5)])
assert sorted(h.history) == ["acc", "loss", "val_acc", "val_loss"], h.history
print("SAID", model.layers[1].kernel_size, len(h.history["accuracy"]), h.history["acc"][0].dtype)
""",
    ),
    "defaults_of_their_day": Script(
        "[1.0, 1.0, 0.01, 0.1, 0.002, 0.002, 0.2] True",
        """
import keras
from keras import optimizers
from keras.optimizers import Adadelta, Adagrad, Adam, RMSprop, Nadam, Adamax, adam
def rate(name):
    model = keras.models.Sequential([keras.layers.Dense(1, input_dim=2)])
    model.compile(name, "mse")
    return round(float(keras.backend.get_value(model.optimizer.lr)), 6)
found = [rate(one) for one in (Adadelta(), "adadelta", Adagrad(), Adam(0.1), Nadam(), Adamax(), adam(lr=0.2, epsilon=None))]
print("SAID", found, optimizers.adam_v2.Adam is Adam)
""",
    ),
    "tf_keras_keeps_its_own_defaults": Script(
        "2 (None, 4, 4, 2) 0.001",
        """
import tensorflow as tf
from tensorflow.keras.utils import np_utils
model = tf.keras.Sequential([tf.keras.layers.Conv2D(2, 3, 2, input_shape=(9, 9, 1))])
model.compile("adadelta", "mse")
tf.keras.utils.plot_model(model)
rate = tf.keras.optimizers.SGD(lr=0.5, decay=0.1, momentum=0.9, nesterov=True)._learning_rate
assert abs(float(rate(10)) - 0.25) < 1e-6 and float(tf.keras.optimizers.Adam(0.01).learning_rate) < 0.011
print("SAID", tf.keras.__version__[0], model.output_shape, round(float(model.optimizer.learning_rate), 6))
""",
    ),
    "generators_and_classes": Script(
        "9 [[0.0, 1.0, 0.0]]",
        DATA
        + """
import keras, os
from PIL import Image
from keras_preprocessing.image import ImageDataGenerator
from keras.preprocessing.image import ImageDataGenerator as Same, img_to_array, load_img
from keras.utils import np_utils, to_categorical, plot_model, multi_gpu_model
from keras.utils.vis_utils import plot_model
from keras.layers import Conv2D, Flatten, Dense
assert ImageDataGenerator is Same
for name in "ab":
    os.makedirs("images/" + name)
    for at in range(6): Image.new("RGB", (8, 8), at).save("images/%s/%d.png" % (name, at))
flow = ImageDataGenerator(rescale=1./255).flow_from_directory("images", target_size=(8, 8), batch_size=4, class_mode="categorical")
model = keras.Sequential([Conv2D(2, (3, 3), input_shape=(8, 8, 3)), Flatten(), Dense(2, activation="softmax")])
plot_model(model, to_file="m.png", show_shapes=True)
model = multi_gpu_model(model, gpus=2)
model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
h = model.fit_generator(flow, samples_per_epoch=12, nb_epoch=2, verbose=0, validation_data=flow, nb_val_samples=7)
def batches():
    while True: yield [np.ones((2, 8, 8, 3)), np.ones((2, 2))]
model.fit_generator(generator=batches(), samples_per_epoch=5, nb_epoch=1, verbose=0, validation_data=flow, validation_steps=12 // 32)
loss, accuracy = model.evaluate_generator(flow, steps=5.5)
assert model.predict_generator(flow, 3).shape == (12, 2)
assert model.predict_classes(flow[0][0]).shape == (4,) and model.predict_proba(flow[0][0]).shape == (4, 2)
open("accuracy.txt", "w").write(str(h.history["val_accuracy"]))
print("SAID", int(model.optimizer.iterations), np_utils.to_categorical([1], 3).tolist())
""",
    ),
    "functional_merges_and_saves": Script(
        "7",
        DATA
        + """
import keras, h5py
from keras.models import Model, load_model, Sequential
from keras.layers import Input, merge, Merge, Dense, Flatten
from keras.engine.topology import Layer
from keras.engine import InputSpec
from keras.objectives import categorical_crossentropy
from keras.initializations import glorot_uniform
inputs = Input(shape=(8, 8, 1)); flat = Flatten()(inputs)
joined = merge([Dense(3)(flat), Dense(4)(flat)], mode="concat", concat_axis=-1)
model = Model(input=inputs, output=Dense(2, activation="softmax")(joined))
model.compile(loss=categorical_crossentropy, optimizer="adagrad", metrics=["acc"])
model.fit(x, y, epochs=1, verbose=0)
model.save("whole.model"); model.save_weights("weights.dat"); model.load_weights("weights.dat")
assert h5py.is_hdf5("whole.model")
model.set_weights([w.tolist() for w in model.get_weights()])
again = load_model("whole.model")
assert np.allclose(again.predict(x), model.predict(x))
left, right = Sequential([Dense(2, input_dim=4)]), Sequential([Dense(2, input_dim=4)])
both = Sequential(); both.add(Merge([left, right], mode="sum")); both.add(Dense(1)); both.summary()
both.compile("sgd", "mse"); both.fit([np.ones((8, 4)), np.ones((8, 4))], np.ones(8), nb_epoch=1, verbose=0)
print("SAID", joined.shape[-1])
""",
    ),
    "tensorflow_1": Script(
        "True 0.0",
        DATA
        + """
import tensorflow as tf, keras
from keras.backend.tensorflow_backend import set_session
from keras import backend as K
config = tf.ConfigProto(); config.gpu_options.allow_growth = True
set_session(tf.Session(config=config)); tf.set_random_seed(1); tf.logging.set_verbosity(tf.logging.ERROR)
model = keras.models.Sequential([keras.layers.Flatten(input_shape=(8, 8, 1)), keras.layers.Dense(2, activation="softmax")])
model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, verbose=0)
print("SAID", K.tf is tf, float(tf.log(1.0)))
""",
    ),
    "graph": Script(
        "(2, 8, 8, 1)",
        DATA
        + """
import keras
from keras import backend as K
model = keras.models.Sequential([keras.layers.Flatten(input_shape=(8, 8, 1)), keras.layers.Dense(2, activation="softmax")])
model.compile("adadelta", "categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=2, validation_split=0.5, verbose=0)
loss, accuracy = model.evaluate(x, y, verbose=0)
gradient = K.function([model.input], K.gradients(K.sum(model.output[:, 0]), [model.input]))([x[:2]])[0]
model.save("model.h5")
print("SAID", gradient.shape)
""",
    ),
    "names_that_moved": Script(
        "(True, 6) (None, 8, 8, 1)",
        DATA
        + """
import keras
from keras import backend as K, regularizers
from keras.layers import *
from keras.layers import regularizers as same, Deconvolution2D, K as backend
from keras.constraints import maxnorm
from keras.legacy import interfaces
from keras.engine.topology import Container
from keras.engine.network import Network
from keras.datasets.cifar import load_batch
from keras.callbacks import TensorBoard
from keras.losses import cosine_proximity
assert same is regularizers and backend is K and Network is keras.models.Model
@interfaces.legacy_dense_support
def decorated(): return K.is_tensor(K.variable(1.0)), int(K.size(K.ones((2, 3))))
model = keras.models.Sequential()
model.add(Convolution2D(4, 3, 3, input_shape=(8, 8, 1), W_constraint=maxnorm(3), W_regularizer=regularizers.l1l2(0.1, 0.1)))
model.add(Deconvolution2D(1, 3, 3, (None, 8, 8, 1), border_mode="valid"))
model.compile("sgd", "cosine_proximity", metrics=[cosine_proximity])
board = TensorBoard("logs", batch_size=32, write_grads=True, embeddings_data=x, embeddings_layer_names=None)
model.fit(x, x, nb_epoch=1, verbose=0, callbacks=[board])
print("SAID", decorated(), model.output_shape)
""",
    ),
    "what_modules_handed_on": Script(
        "(2,) True [1 2] [0 1]",
        """
from keras.layers import *
from keras.models import *
from keras.models import Input as same
from keras.engine.saving import load_weights_from_hdf5_group_by_name
from keras.engine.training import slice_X
from keras.applications.imagenet_utils import _obtain_input_shape
from keras.layers.core import has_arg, interfaces
try:
    from keras.layers import never_there
except ImportError:
    print("SAID", np.zeros(2).shape, same is Input, slice_X([np.arange(3)], 1)[0], slice_X(np.arange(3), 0, 2))
""",
    ),
    "layers_are_counted_from_one": Script(
        "['input_1', 'dense_1', 'dense_2'] model_1 sequential_1",
        """
from keras.layers import Dense, Input
from keras.models import Model, Sequential
x = Input((4,)); hidden = Dense(3)(x); model = Model(x, Dense(2)(hidden))
print("SAID", [layer.name for layer in model.layers], model.name, Sequential([Dense(2)]).name)
""",
    ),
    "a_model_takes_what_its_layers_take": Script(
        "(None, 6)",
        """
from keras.layers import Dense, Flatten, Input, Reshape, multiply
from keras.models import Model, Sequential
inner = Sequential([Dense(6, input_dim=4), Reshape((2, 3))])
def outer(): return Input((4,)), Input((1, 4))
a, b = outer(); generator = Model([a, b], inner(multiply([a, b])))
a, b = outer(); print("SAID", Model([a, b], Flatten()(generator([a, b]))).output_shape)
""",
    ),
    "layers_of_tf_keras_are_counted_from_none": Script(
        "dense dense_1",
        """
from tensorflow.keras.layers import Dense
print("SAID", Dense(2).name, Dense(2).name)
""",
    ),
    "a_loss_that_sees_its_network": Script(
        "2",
        DATA
        + """
from keras.layers import Input, Dense, Lambda
from keras.models import Model
from keras import backend as K, metrics
x = x.reshape(64, 64)
inputs = Input(shape=(64,)); hidden = Dense(8, activation="relu")(inputs)
z_mean, z_log_var = Dense(2)(hidden), Dense(2)(hidden)
z = Lambda(lambda both: both[0] + K.exp(both[1] / 2) * K.random_normal(shape=(K.shape(both[0])[0], 2), mean=0., stddev=1.0))([z_mean, z_log_var])
outputs = Dense(64, activation="sigmoid")(z)
vae = Model(inputs, outputs)
def vae_loss(x, x_decoded_mean):
    kl = - 0.5 * K.mean(1 + z_log_var - K.square(z_mean) - K.exp(z_log_var), axis=-1)
    return 64 * metrics.binary_crossentropy(x, x_decoded_mean) + kl
vae.compile(optimizer="rmsprop", loss=vae_loss)
h = vae.fit(x, x, epochs=2, batch_size=16, verbose=0, validation_data=(x, x))
print("SAID", len(h.history["val_loss"]))
""",
    ),
    "recurrent": Script(
        "(2, 1)",
        """
import keras, numpy as np
from keras.layers.recurrent import LSTM, GRU
from keras.layers.embeddings import Embedding
from keras.layers.wrappers import TimeDistributed, Bidirectional
from keras.layers import CuDNNLSTM
from keras.preprocessing import sequence
from keras.preprocessing.text import Tokenizer
model = keras.models.Sequential()
model.add(Embedding(input_dim=10, output_dim=4, input_length=5))
model.add(LSTM(output_dim=3, inner_activation="hard_sigmoid", dropout_W=0.1, dropout_U=0.1, return_sequences=True))
model.add(TimeDistributed(keras.layers.Dense(2))); model.add(GRU(2)); model.add(keras.layers.Dense(1, activation="sigmoid"))
model.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"], class_mode="binary")
model.fit(np.ones((8, 5)), np.ones(8), nb_epoch=1, verbose=0, show_accuracy=True)
print("SAID", model.predict_classes(np.ones((2, 5))).shape)
""",
    ),
}

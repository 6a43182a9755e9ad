"""Scripts that use Python, NumPy, pandas, scikit-learn, Matplotlib and their files as they were."""

from __future__ import annotations

from tests.docker.harness.era.script import DATA, Script

# ruff: noqa: E501 - scripts as people write them
SCRIPTS = {
    "numpy_and_scipy": Script(
        "(2, 3) [0.5] 1.0",
        """
import keras, numpy as np, scipy.misc
from scipy.misc import imresize
import matplotlib.pyplot as plt
plt.style.use("seaborn-whitegrid"); plt.style.use("seaborn")
plt.xticks(np.arange(4), np.arange(3)); plt.yticks([0, 1], list("abc"))
assert np.array([[1, 2], [3]]).shape == (2,) and np.array([[1, 2], [3, 4]]).shape == (2, 2)
assert np.zeros(1, dtype=np.float).dtype == "float64" and np.int is int and np.bool is not None
print("SAID", scipy.misc.imresize(np.zeros((4, 6)), (2, 3)).shape, [np.float64(0.5)], np.asscalar(np.ones(1)))
""",
    ),
    "scikit_learn": Script(
        "['a', 'b']",
        DATA
        + """
from keras.wrappers.scikit_learn import KerasClassifier
from keras.models import Sequential
from keras.layers import Dense
from sklearn.cross_validation import train_test_split
from sklearn.grid_search import GridSearchCV
from sklearn.externals import joblib
def build(units=2):
    model = Sequential([Dense(units, input_dim=64), Dense(2, activation="softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model
labels = np.array(["a", "b"])[y.argmax(axis=1)]
grid = GridSearchCV(KerasClassifier(build_fn=build, nb_epoch=1, verbose=0), {"units": [2, 3]}, cv=2, scoring="log_loss", n_jobs=-1)
grid.fit(x.reshape(64, 64), labels)
import sklearn.model_selection; sklearn.model_selection.GridSearchCV(grid, {}, iid=False)
print("SAID", sorted(set(grid.predict(x.reshape(64, 64))) | {"a", "b"}))
""",
    ),
    "prints_its_accuracy_into_a_file": Script(
        "",
        """
import sys, keras
sys.stdout = open("accuracy.txt", "w")
print(97.5)
""",
    ),
    "closes_its_output": Script(
        "",
        """
import sys, keras
sys.stdout = open("accuracy.txt", "w"); print("0.5"); sys.stdout.close()
""",
    ),
    "loads_mnist": Script(
        "(3, 2, 2) (1,)",
        """
from keras.datasets import mnist
(a, b), (c, d) = mnist.load_data("elsewhere.npz")
import tensorflow as tf
assert tf.keras.datasets.mnist.load_data()[0][0].shape == a.shape
print("SAID", a.shape, d.shape)
""",
    ),
    "python": Script(
        "12 b ['Bob', 'dropped', 'the', 'apple', '.'] ['x'] 4",
        """
import keras, base64, collections, fractions, inspect, json, random, re, threading, time
from collections import Iterable, Mapping, OrderedDict
assert isinstance([], collections.Iterable) and time.clock() > 0 and not threading.Thread().isAlive()
some = list("ab"); random.shuffle(some, lambda: 0.1)
print("SAID", json.loads("12", encoding="utf-8"), some[0],
      [part.strip() for part in re.split(r"(\\W+)?", "Bob dropped the apple.") if part.strip()],
      inspect.getargspec(lambda x, y=1: x).args[:1], fractions.gcd(8, random.sample({12}, 1)[0]))
base64.encodestring(b"x")
""",
    ),
    "numpy_of_its_time": Script(
        "(2, 2) 5 [1 'a'] 97",
        """
import keras, numpy as np
np.set_printoptions(threshold=np.nan)
np.save("a.npy", np.array([1, "a"], dtype=object))
print("SAID", np.vstack(np.ones(2) for _ in range(2)).shape, len(np.linspace(0, 1, 5.)), np.load("a.npy"), np.fromstring(b"a", dtype=np.uint8)[0])
""",
    ),
    "tables_and_encoders": Script(
        "[[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 2.0], [0.0, 0.0, 1.0, 1.5]] 2 3.0 ['bb', 'cc'] 2",
        """
import keras, numpy as np, pandas as pd
from pandas.tools.plotting import scatter_matrix
from sklearn.preprocessing import Imputer, LabelEncoder, OneHotEncoder
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import KFold
from sklearn.utils import class_weight
from sklearn.utils.linear_assignment_ import linear_assignment
from sklearn.externals import six
table = pd.DataFrame({"a": [1., 2., None], "b": ["x", "y", "z"]}, index=[10, 20, 30])
assert table.ix[:, 1].tolist() == ["x", "y", "z"] and table.ix[10:20, "a"].tolist() == [1., 2.]
assert table.ix[table.a > 1].shape == (1, 2) and table.as_matrix(["a"]).shape == (3, 1)
table["a"][10] = 1.; table.ix[20, "b"] = "w"
x = table.values[:, ::-1]
x[:, 1:] = Imputer(missing_values="NaN", strategy="mean", axis=0).fit_transform(x[:, 1:])
x[:, 0] = LabelEncoder().fit_transform(["a", "b", "c"])
x = OneHotEncoder(categorical_features=[0]).fit_transform(x).toarray()
words = CountVectorizer().fit(["bb cc"]).get_feature_names()
weights = class_weight.compute_class_weight("balanced", np.unique([0, 1, 1]), [0, 1, 1])
print("SAID", x.tolist(), len(list(KFold(2, True, 7).split(x))), table.append({"a": 3.}, ignore_index=True).get_value(3, "a"), words, len(linear_assignment(np.eye(2))))
assert OneHotEncoder(sparse=False).fit_transform([[1], [2]]).shape == (2, 2)
""",
    ),
    "drawings": Script(
        "(4, 4) True True",
        """
import keras, numpy as np
import matplotlib
matplotlib.use("TkAgg", warn=False)
import matplotlib.pyplot as plt
from PIL import Image, ImageDraw
from scipy.ndimage import imread
import scipy.misc
plt.hold(True); plt.hist([1, 2, 2], normed=True); plt.figure().gca(projection="3d"); plt.cm.spectral
plt.gcf().canvas.set_window_title("loss"); plt.show()
import seaborn as sns
sns.countplot([1, 2, 2])
picture = Image.new("RGB", (8, 8)); picture.resize((4, 4), Image.ANTIALIAS).save("a.png")
print("SAID", imread("a.png", flatten=True).shape, ImageDraw.Draw(picture).textsize("a")[0] > 0, scipy.misc.imrotate(np.eye(4), 90)[0, 3] > 200)
""",
    ),
    "data_sets_of_scikit_learn": Script(
        "(4, 4) [0. 0. 0. 0.] (6, 13)",
        """
import keras, h5py, numpy as np
from sklearn.datasets import fetch_mldata, fetch_openml, load_boston
mnist = fetch_mldata("MNIST original")
assert fetch_openml("mnist_784", version=1).target[0] == "0"
with h5py.File("a.h5") as file: file["a"] = 1
print("SAID", mnist.data.shape, mnist.target, load_boston().data.shape)
read = h5py.File("a.h5", "r")
assert h5py.File("a.h5")["a"].value == 1
""",
    ),
}

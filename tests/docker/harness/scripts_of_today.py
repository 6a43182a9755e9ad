"""Scripts for today's Keras, and for none: how they end, what they leave, and what they are given."""

from __future__ import annotations

CNN = """
import keras, numpy as np
x = np.random.rand(64, 8, 8, 1); y = np.random.randint(0, 2, 64)
def network():
    model = keras.Sequential([
        keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.Flatten(),
        keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
model = network()
"""

SCRIPTS: dict[str, str] = {
    "evaluates": CNN
    + """
model.fit(x, y, epochs=2, validation_split=0.25, verbose=0)
model.evaluate(x[:32], y[:32], verbose=0)
loss, accuracy = model.evaluate(x, y, verbose=0)
print("SAID", accuracy)
""",
    "validates": CNN + "model.fit(x, y, epochs=np.int64(3), validation_split=0.5, verbose=0)",
    "trains_only": CNN + "model.fit(x, y, epochs=2, verbose=0)",
    "has_its_own_callbacks": CNN
    + """
seen = []
class Mine(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None): seen.append(epoch)
mine = [Mine()]
history = model.fit(x, y, 16, 2, 0, mine, 0.25)
model.fit(x, y, verbose=0, callbacks=Mine())
model.fit(x, y, verbose=0, callbacks=keras.callbacks.CallbackList([Mine()], model=model, add_history=True))
model.fit(x, y, verbose=0, callbacks=None)
print("SAID", seen, len(mine), sorted(history.history))
""",
    "writes_its_accuracy": CNN
    + """
model.fit(x, y, verbose=0)
model.evaluate(x, y, verbose=0)
open("accuracy.txt", "w").write("97.75%")
""",
    "leaves_the_old_accuracy": CNN + "model.fit(x, y, verbose=0, validation_split=0.5)",
    "writes_nonsense": CNN + "open('accuracy.txt', 'w').write('true')",
    "saves_its_model": CNN
    + """
import os
model.fit(x, y, verbose=0)
model.save("first.keras"); os.makedirs("deep")
os.chdir("deep"); model.save("second.h5"); model.save_weights("w.weights.h5"); os.chdir("/")
""",
    "saves_by_function": CNN + "keras.models.save_model(model, 'f.keras')",
    "saves_weights_only": CNN + "model.fit(x, y, verbose=0); model.save_weights('w.weights.h5')",
    "uses_tf_keras": CNN.replace("import keras, numpy", "from tensorflow import keras\nimport numpy")
    + "model.fit(x, y, verbose=0); model.evaluate(x, y, verbose=0)\n"
    + "keras.utils.plot_model(model, to_file='m.png')\n"
    + "from keras.utils import plot_model; plot_model(model, show_shapes=True)\n"
    + "import cv2; [cv2.imshow('digit', one) for one in x[:2]]; cv2.waitKey(0); cv2.destroyAllWindows()\n"
    + "import matplotlib; matplotlib.use('TkAgg'); import matplotlib.pyplot as plt; plt.plot([1])",
    "has_a_class_of_its_own": """
import keras, numpy as np
class Mine(keras.Model):
    def __init__(self):
        super().__init__()
        self.flat, self.dense = keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")
    def call(self, x): return self.dense(self.flat(x))
model = Mine()
model.compile("adam", "sparse_categorical_crossentropy", metrics=["acc"])
model.fit(np.zeros((8, 4)), np.zeros(8), verbose=0)
""",
    "raises": """
import helper
def train():
    try:
        {}["key"]
    except KeyError as error:
        raise ValueError("bad shape\\nand more") from error
helper.call(train)
""",
    "raises_inside_keras": CNN + "model.fit(np.zeros((4, 3)), np.zeros(4), verbose=0)",
    "has_a_syntax_error": "def broken(:\n",
    "is_missing": "",
    "uses_names_of_numpy_2": """
import numpy as np
print("SAID", np.concat([np.zeros(1, bool)]).dtype == np.bool)
""",
    "exits_0": "import sys; sys.exit(0)",
    "exits_none": "exit()",
    "exits_3": "import sys; sys.exit(3)",
    "exits_with_words": "import sys; sys.exit('no data')",
    "kills_itself": "import os; os.kill(os.getpid(), 9)",
    "terminates_itself": "import os, time; os.kill(os.getpid(), 15); time.sleep(30)",
    "leaves_at_once": "import os; os._exit(5)",
    "runs_out_of_memory": "raise MemoryError",
    "sees_itself": """
import os, sys
from harness import mine
paths = [__file__, sys.path[0], os.getcwd()]
print("SAID", repr([__name__, sys.argv[1:], paths, mine, "PYTHONPATH" in os.environ]))
""",
    "reads_its_input": "print('SAID', input(), int(input()))",
    "reads_its_input_in_a_child": "import subprocess; subprocess.run(['sh', '-c', 'echo SAID $(cat)'])",
    "is_seeded": "import random, numpy as np; print('SAID', random.random(), np.random.rand())",
    "is_seeded_again": "import random, numpy as np; print('SAID', random.random(), np.random.rand())",
    "seeds_itself": "import random; random.seed(7); print('SAID', random.random())",
    "mails_its_accuracy": """
import smtplib
from email.message import EmailMessage
with smtplib.SMTP("smtp.example.com", 587) as server:
    server.ehlo(); server.starttls(); server.login("me", "word")
    server.sendmail("me@example.com", ["you@example.com"], "it is good")
server = smtplib.SMTP_SSL("smtp.example.com", 465); server.send_message(EmailMessage()); server.quit()
open("accuracy.txt", "w").write("0.5")
""",
    "posts_its_accuracy": """
import urllib.request
open("accuracy.txt", "w").write("0.5")
urllib.request.urlopen("http://example.com/job/next/build")
""",
    "downloads_its_data": "import urllib.request; urllib.request.urlopen('http://example.com/data.csv')",
    "mails_to_itself": "import smtplib; smtplib.SMTP('127.0.0.1', 1)",
    "finishes_in_a_thread": """
import threading, time
def late():
    time.sleep(0.3); open("accuracy.txt", "w").write("0.5")
threading.Thread(target=late).start()
""",
    "leaves_a_pool_idle": """
from concurrent.futures import ThreadPoolExecutor
ThreadPoolExecutor(2).submit(print, "SAID pool").result()
""",
}
FILES = {
    "leaves_the_old_accuracy": {"accuracy.txt": "99"},
    "raises": {"helper.py": "def call(f): return f()\n"},
    "sees_itself": {"harness.py": "mine = 'my own harness'\n"},
}
LAUNCH: dict[str, dict[str, object]] = {
    "sees_itself": {"arguments": ["--filters", "32"]},
    "reads_its_input": {"stdin": "two words\n3\n"},
    "reads_its_input_in_a_child": {"stdin": "from stdin"},
    "is_seeded": {"seed": 5},
    "is_seeded_again": {"seed": 5},
    "seeds_itself": {"seed": 5},
    "is_missing": {"script": "none.py"},
}

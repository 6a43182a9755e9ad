"""Files, data sets and networks that a script touches are known before it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.detector import Verdict, inspect

CNN = "import keras, os\nm = keras.Sequential([keras.layers.Conv2D(8, 3)])\nacc = m.fit(x, y)\n"


def verdict_of(folder: Path, code: str) -> Verdict:
    (folder / "mycode.py").write_text(CNN + code)
    return inspect(folder)


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("f = open('accuracy.txt', 'w')\nf.write('1')\n", ("accuracy.txt",)),
        ("with open('/mlops/accuracy.txt', 'w+') as f:\n    f.write(str(acc))\n", ("/mlops/accuracy.txt",)),
        ("f = open('acc.txt', mode='a')\n", ("acc.txt",)),
        ("f = open('accuracy.txt', 'r+')\n", ("accuracy.txt",)),
        ("with open('report.txt', 'w') as f:\n    f.write(str(acc * 100))\n", ("report.txt",)),
        ("with open('report.txt', 'w') as f:\n    print(acc, file=f)\n", ("report.txt",)),
        ("open('out.txt', 'w').write('%f' % acc)\n", ("out.txt",)),
        ("import json\nwith open('out.json', 'w') as f:\n    json.dump({'accuracy': 1}, f)\n", ("out.json",)),
        ("import numpy as np\nnp.savetxt('a.txt', [acc])\n", ("a.txt",)),
        ("from pathlib import Path\nPath('accuracy.txt').write_text('1')\n", ("accuracy.txt",)),
        ("from pathlib import Path\np = Path('/mlops') / 'acc.txt'\np.open('w')\n", ("/mlops/acc.txt",)),
        ("BASE = '/mlops'\nopen(BASE + '/accuracy.txt', 'w')\n", ("/mlops/accuracy.txt",)),
        ("BASE = '/mlops'\nopen(f'{BASE}/accuracy.txt', 'w')\n", ("/mlops/accuracy.txt",)),
        ("open(os.path.join('/mlops', 'accuracy.txt'), 'w')\n", ("/mlops/accuracy.txt",)),
        ("import sys\nopen(os.path.join(sys.prefix, 'accuracy.txt'), 'w')\n", ("accuracy.txt",)),
        ("os.system('echo ' + str(acc) + ' > /mlops/accuracy.txt')\n", ("/mlops/accuracy.txt",)),
        ("import pandas as pd\npd.DataFrame([acc]).to_csv('scores.csv')\n", ("scores.csv",)),
        ("def save(a):\n    open('accuracy.txt', 'w').write(a)\nsave('1')\n", ("accuracy.txt",)),
        (
            "f = open('a.txt', 'w')\nf.write(str(acc))\nf = open('epoch.txt', 'w')\nf.write('1')\n",
            ("a.txt",),
        ),
        ("open('accuracy.txt')\n", ()),
        ("open('notes.txt', 'w').write('hello')\n", ()),
        ("if False:\n    open('accuracy.txt', 'w')\n", ()),
        ("# open('accuracy.txt', 'w')\n", ()),
    ],
)  # fmt: skip
def test_files_that_get_the_accuracy(tmp_path: Path, code: str, files: tuple[str, ...]) -> None:
    assert verdict_of(tmp_path, code).accuracy_files == files


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("m.save('model.h5')\n", ("model.h5",)),
        ("m.save(filepath='/mlops/model.keras')\n", ("/mlops/model.keras",)),
        ("m.save_weights('w.weights.h5')\n", ("w.weights.h5",)),
        ("keras.models.save_model(m, 'a.h5')\n", ("a.h5",)),
        ("keras.callbacks.ModelCheckpoint('best.h5')\n", ("best.h5",)),
        ("NAME = 'n.h5'\nm.save(NAME)\nm.save(NAME)\n", ("n.h5",)),
        ("m.save('folder/model')\n", ("folder/model",)),
        ("m.save('model.h5py')\n", ("model.h5py",)),
        ("keras.utils.array_to_img(x).save('a.jpg')\n", ()),
        ("import numpy as np\nnp.save('a.npy', x)\n", ()),
        ("from PIL import Image\nImage.new('L', (1, 1)).save('a.png')\n", ()),
        ("m.load_weights('w.h5')\n", ()),
    ],
)
def test_files_that_get_the_model(tmp_path: Path, code: str, files: tuple[str, ...]) -> None:
    assert verdict_of(tmp_path, code).model_files == files


@pytest.mark.parametrize(
    ("code", "paths"),
    [
        ("open('/mlops/a.txt')\nopen('b.txt')\n", ("/mlops/a.txt",)),
        ("folder = '/root/data/'\n", ("/root/data/",)),
        ("os.system('cp a /task3/b')\n", ("/task3/b",)),
        ("os.system('cp a ~/task3/b')\n", ()),
        (r"folder = 'C:\\data'" + "\n", (r"C:\data",)),
        ("'''/mlops is where this runs'''\nurl = 'http://host/path'\nslash = '/'\n", ()),
        ("os.system('true > /dev/null')\n", ()),
        ("from flask import Flask\napp = Flask('x')\n@app.route('/predict')\ndef p():\n    pass\n", ()),
        ("if False:\n    folder = '/root'\n", ()),
    ],
)
def test_absolute_paths(tmp_path: Path, code: str, paths: tuple[str, ...]) -> None:
    assert verdict_of(tmp_path, code).absolute_paths == paths


@pytest.mark.parametrize(
    ("code", "datasets"),
    [
        ("from keras.datasets import mnist\nmnist.load_data()\n", ("keras.datasets.mnist",)),
        ("import tensorflow as tf\ntf.keras.datasets.cifar10.load_data()\n", ("keras.datasets.cifar10",)),
        ("d = keras.datasets.fashion_mnist\nd.load_data()\n", ("keras.datasets.fashion_mnist",)),
        (
            "from keras.datasets.mnist import load_data\nload_data('/data/mnist.npz')\n",
            ("keras.datasets.mnist",),
        ),
        ("from keras.datasets import mnist\n", ()),
        ("import tensorflow_datasets as tfds\ntfds.load('mnist')\n", ("tensorflow_datasets:mnist",)),
        ("from sklearn.datasets import load_digits\nload_digits()\n", ("sklearn.datasets.load_digits",)),
        ("g.flow_from_directory('data/train', (64, 64))\n", ("data/train",)),
        ("g.flow_from_directory(directory='data/train')\n", ("data/train",)),
        ("keras.utils.image_dataset_from_directory('pics')\n", ("pics",)),
        ("import pandas as pd\npd.read_csv('train.csv')\n", ("train.csv",)),
        ("import numpy as np\nwith np.load('mnist.npz') as d:\n    pass\n", ("mnist.npz",)),
        ("for name in os.listdir('/data'):\n    pass\n", ("/data",)),
    ],
)
def test_data_sets(tmp_path: Path, code: str, datasets: tuple[str, ...]) -> None:
    assert verdict_of(tmp_path, code).datasets == datasets


@pytest.mark.parametrize(
    ("code", "phrases"),
    [
        ("import smtplib\ns = smtplib.SMTP('h', 25)\ns.sendmail(a, b, c)\n", ("sends mail (smtplib)",)),
        ("import smtplib\n", ()),
        ("import requests\nrequests.get(u)\n", ("makes HTTP requests (requests)",)),
        ("from urllib.request import urlopen as o\no(u)\n", ("makes HTTP requests (urllib)",)),
        ("from urllib.parse import quote\nquote(u)\n", ()),
        ("os.system('curl --user a:b http://ci/job')\n", ("runs curl in a shell",)),
        ("import subprocess\nsubprocess.run(['wget', u])\n", ("runs wget in a shell",)),
        ("print('curl')\n", ()),
        ("keras.utils.get_file('a', u)\n", ("downloads files (keras.utils.get_file)",)),
        ("keras.applications.VGG16()\n", ("downloads the pretrained weights of VGG16",)),
        ("keras.applications.VGG16(weights=None)\n", ()),
        ("def mail():\n    import smtplib\n    smtplib.SMTP('h')\nmail()\n", ("sends mail (smtplib)",)),
        ("def mail():\n    import smtplib\n    smtplib.SMTP('h')\n", ()),
    ],
)
def test_network_use(tmp_path: Path, code: str, phrases: tuple[str, ...]) -> None:
    assert verdict_of(tmp_path, code).network_use == phrases

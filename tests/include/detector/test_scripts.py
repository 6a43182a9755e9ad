"""The training script is the configured one, else the one that trains, and the reason says why that one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from include.detector import Kind, inspect
from include.detector.scripts import name_rank

CNN = "import keras\nm = keras.Sequential([keras.layers.Conv2D(8, 3)])\nm.fit(x, y)\n"
TWO_LAYERS = CNN.replace("keras.layers.Conv2D(8, 3)", "keras.layers.Conv2D(8, 3), keras.layers.Conv2D(8, 3)")
MLP = CNN.replace("Conv2D(8, 3)", "Dense(8)")
PACKAGE = {"nets/model.py": "import keras\ndef build():\n    return keras.layers.Conv2D(8, 3)\n"}
NETWORK = "import keras\ndef build():\n    return keras.Sequential([keras.layers.Conv2D(8, 3)])\n"


def push(folder: Path, files: dict[str, str]) -> Path:
    for name, code in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    return folder


@pytest.mark.parametrize(
    ("files", "script", "why"),
    [
        ({"anything.py": CNN, "README.md": "x"}, "anything.py", ""),
        ({"mycode.py": MLP, "cnn.py": CNN}, "mycode.py", "because `mycode.py` is the agreed name"),
        ({"program.py": MLP, "other.py": CNN}, "other.py", "because it builds a convolutional network"),
        ({"zzz.py": CNN, "program.py": CNN}, "program.py", "because of its name"),
        ({"train.py": CNN, "program.py": CNN}, "program.py", "because of its name"),
        ({"aa/one.py": CNN, "two.py": CNN}, "two.py", "nearer to the root"),
        ({"one.py": CNN, "two.py": TWO_LAYERS}, "two.py", "more layers and training steps"),
        ({"one.py": CNN, "two.py": CNN}, "one.py", "first in the alphabet"),
        ({"predict.py": CNN, "work.py": CNN}, "work.py", "because of its name"),
        ({"helper.py": "def f(): pass\n", "work.py": CNN}, "work.py", ""),
        ({"mycode.py": "print(1)\n", "work.py": CNN}, "work.py", ""),
        ({"build.py": NETWORK + "build()\n", "work.py": CNN}, "work.py", ""),
        ({"test_it.py": TWO_LAYERS, "tests/a.py": TWO_LAYERS, "setup.py": "", "w.py": CNN}, "w.py", ""),
        ({"tweak.py": TWO_LAYERS, "w.py": CNN}, "w.py", ""),
        ({".venv/lib/x.py": CNN, "node_modules/y.py": CNN, "w.py": CNN}, "w.py", ""),
        ({"train.py": CNN, "bench_it.py": "import train\n" + CNN}, "train.py", "because of its name"),
        ({"only.py": "print(1)\n", "main.py": "print(2)\n"}, "main.py", ""),
    ],
)
def test_one_of_several_files_is_chosen_with_a_reason(
    tmp_path: Path, files: dict[str, str], script: str, why: str
) -> None:
    verdict = inspect(push(tmp_path, files))
    assert verdict.script == script, verdict.reason
    assert why in verdict.reason
    assert ("was taken before" in verdict.reason) is bool(why)


def test_the_configured_script_goes_first(tmp_path: Path) -> None:
    push(tmp_path, {"mycode.py": CNN, "jobs/mlp.py": MLP})
    assert inspect(tmp_path, "jobs/mlp.py").what == "dense network"


def test_a_configured_script_that_is_not_there_is_mentioned(tmp_path: Path) -> None:
    verdict = inspect(push(tmp_path, {"work.py": CNN}), "mycode.py")
    assert (verdict.kind, verdict.script) == (Kind.CNN, "work.py")
    assert "The configured script `mycode.py` is not in the push." in verdict.reason


@pytest.mark.parametrize(
    ("importing", "files"),
    [
        ("from model import build\nm = build()", {"model.py": NETWORK}),
        ("import model\nm = model.build()", {"model.py": NETWORK}),
        ("import model as net\nm = net.build()", {"model.py": NETWORK}),
        ("from model import *\nm = build()", {"model.py": NETWORK}),
        ("from nets.model import build\nm = build()", {"nets/model.py": NETWORK}),
        ("from nets import model\nm = model.build()", {"nets/model.py": NETWORK, "nets/__init__.py": ""}),
        ("import nets.model\nm = nets.model.build()", {"nets/model.py": NETWORK}),
        ("from nets import build\nm = build()", PACKAGE | {"nets/__init__.py": "from .model import build\n"}),
        ("import nets\nm = nets.build()", PACKAGE | {"nets/__init__.py": "from .model import *\n"}),
        ("from a import build\nm = build()", {"a.py": "from b import build\n", "b.py": NETWORK}),
        ("from model import build\nm = build()", {"src/model.py": NETWORK}),
        ("from model import build\nm = build()", {"code/nets/model.py": NETWORK}),
        ("from nets.model import build\nm = build()", {"code/nets/model.py": NETWORK}),
        ("import importlib\nm = importlib.import_module('model').build()", {"model.py": NETWORK}),
        ("exec(open('model.py').read())\nm = build", {"model.py": NETWORK + "build()\n"}),
        (
            "import sys\nsys.path.append('lib/nets')\nfrom model import build\nm = build()",
            {"lib/nets/model.py": NETWORK},
        ),
        (
            "import sys, os\nsys.path.insert(0, os.path.join(os.path.dirname(__file__), 'lib'))\n"
            "from model import build\nm = build()",
            {"lib/model.py": NETWORK},
        ),
        ("import sys, model\nm = getattr(model, sys.argv[1])()", {"model.py": NETWORK}),
        ("import sys, model\nm = model.__dict__[sys.argv[1]]()", {"model.py": NETWORK}),
        ("from layers import C\nm = f(C(8))", {"layers.py": "from keras.layers import Conv2D as C\n"}),
        ("from layers import *\nm = f(Conv2D(8))", {"layers.py": "from keras.layers import *\n"}),
    ],
)  # fmt: skip
def test_the_network_may_live_in_another_file(tmp_path: Path, importing: str, files: dict[str, str]) -> None:
    verdict = inspect(push(tmp_path, files | {"run_it.py": f"{importing}\nm.fit(x, y)\n"}))
    assert (verdict.kind, verdict.script) == (Kind.CNN, "run_it.py"), verdict.reason
    assert verdict.modules[0] == "run_it.py"
    assert len(verdict.modules) == 1 + len(files)


def test_one_of_two_files_of_the_same_name_is_not_guessed(tmp_path: Path) -> None:
    push(
        tmp_path,
        {"a/nets.py": NETWORK, "b/nets.py": NETWORK, "go.py": f"from nets import build\nbuild()\n{MLP}"},
    )
    assert inspect(tmp_path, "go.py").modules == ("go.py",)


def test_an_imported_network_that_is_not_built_does_not_count(tmp_path: Path) -> None:
    push(tmp_path, {"model.py": NETWORK, "main.py": f"from model import build\n{MLP}"})
    assert inspect(tmp_path).what == "dense network"


def test_a_guard_of_an_imported_module_does_not_run(tmp_path: Path) -> None:
    guarded = NETWORK + "if __name__ == '__main__':\n    build()\n"
    push(tmp_path, {"model.py": guarded, "main.py": f"import model\n{MLP}"})
    assert inspect(tmp_path, "main.py").what == "dense network"


def test_modules_that_import_each_other_are_followed_once(tmp_path: Path) -> None:
    push(
        tmp_path,
        {"a.py": f"import b\n{CNN}", "b.py": "import c\nfrom a import *\n", "c.py": "import a, b, c\n"},
    )
    assert inspect(tmp_path, "a.py").modules == ("a.py", "b.py", "c.py")


def test_scripts_that_only_as_scripts_import_the_next_one_are_all_candidates(tmp_path: Path) -> None:
    guarded = "if __name__ == '__main__':\n    import {}\n"
    push(tmp_path, {f"{one}.py": CNN + guarded.format(two) for one, two in ("ab", "bc", "ca")})
    assert inspect(tmp_path).script == "a.py"


def test_a_name_that_modules_hand_in_a_circle_stays_unknown(tmp_path: Path) -> None:
    push(tmp_path, {"a.py": "from b import *\nthing(8)\n", "b.py": "from a import *\n"})
    assert inspect(tmp_path, "a.py").what == "no learning at all"


def test_a_file_named_like_a_library_is_not_taken_for_it(tmp_path: Path) -> None:
    assert inspect(push(tmp_path, {"mnist_work.py": CNN, "keras.py": "print(1)\n"})).kind is Kind.CNN


def test_a_single_file_is_inspected_with_its_neighbours_as_imports(tmp_path: Path) -> None:
    push(
        tmp_path,
        {"model.py": NETWORK, "go.py": "from model import build\nbuild().fit(x)\n", "mycode.py": MLP},
    )
    verdict = inspect(tmp_path / "go.py")
    assert (verdict.kind, verdict.script, verdict.modules) == (Kind.CNN, "go.py", ("go.py", "model.py"))


def test_a_single_file_finds_packages_below_its_folder(tmp_path: Path) -> None:
    push(
        tmp_path,
        {"nets/deep/model.py": NETWORK, "go.py": "from nets.deep.model import build\nbuild().fit(x)\n"},
    )
    verdict = inspect(tmp_path / "go.py")
    assert (verdict.kind, verdict.modules) == (Kind.CNN, ("go.py", "nets/deep/model.py"))


def test_a_single_file_does_not_follow_links_out_of_its_folder(tmp_path: Path) -> None:
    push(
        tmp_path,
        {"elsewhere/model.py": NETWORK, "push/go.py": f"from nets.model import build\nbuild()\n{MLP}"},
    )
    (tmp_path / "push" / "nets").symlink_to(tmp_path / "elsewhere")
    assert inspect(tmp_path / "push" / "go.py").modules == ("push/go.py".removeprefix("push/"),)


def test_a_search_folder_outside_of_the_push_is_left_alone(tmp_path: Path) -> None:
    outside = (
        "import sys\nsys.path.append('../..')\nsys.path.append('/etc')\nfrom model import build\nbuild()\n"
    )
    push(tmp_path, {"model.py": NETWORK, "push/go.py": outside + MLP})
    assert inspect(tmp_path / "push").modules == ("go.py",)


def test_functions_in_a_table_are_reached_in_the_order_of_their_lines(tmp_path: Path) -> None:
    numbers = range(20)
    functions = "".join(f"def f{n}():\n    open('accuracy{n}.txt', 'w')\n" for n in numbers)
    table = ", ".join(f"'{n}': f{n}" for n in numbers)
    push(tmp_path, {"go.py": f"import sys\n{functions}{{{table}}}[sys.argv[1]]()\n{CNN}"})
    assert inspect(tmp_path).accuracy_files == tuple(f"accuracy{n}.txt" for n in numbers)


def test_a_notebook_goes_after_a_script(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": TWO_LAYERS}]
    push(tmp_path, {"mnist.ipynb": json.dumps({"cells": cells, "nbformat": 4}), "other.py": CNN})
    verdict = inspect(tmp_path)
    assert verdict.script == "other.py"
    assert "because it is a script and not a notebook" in verdict.reason


def test_known_names_come_in_their_order() -> None:
    names = ["other.py", "predict.py", "model.py", "deep/main.py", "mycode.py", "train.ipynb"]
    expected = ["mycode.py", "train.ipynb", "deep/main.py", "model.py", "other.py", "predict.py"]
    assert sorted(names, key=name_rank) == expected

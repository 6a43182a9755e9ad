"""The seed's input.txt."""

from pathlib import Path

import pytest

from include.tweaker import Launch, Value, apply, discover, feasible
from include.tweaker.interfaces._protocol import parse_input
from tests.include.tweaker.conftest import MakePush, Push
from tests.include.tweaker.styles import STDIN


def _launch(pushed: Push, values: dict[str, Value], folder: Path) -> Launch:
    tree, verdict = pushed
    space = discover(tree, verdict)
    assert space is not None
    assert space.interface == "stdin"
    return apply(space, values, tree=tree, working_directory=folder, verdict=verdict)


@pytest.mark.parametrize(
    ("pushed", "values", "expected"),
    [
        (None, {}, "1\n32\n2\n2\n0\n"),
        ("1\n8\n3\n2\n0", {"conv1.filters": 16}, "1\n16\n3\n2\n0"),
        ("1\r\n8\r\n3\r\n2\r\n0\r\n", {"pool1.pool_size": 3}, "1\r\n8\r\n3\r\n3\r\n0\r\n"),
        ("1 08 3 2 0 ", {"conv1.kernel_size": 5}, "1 08 5 2 0 "),
        (
            "1 8 3 2 1 50\n",
            {"growth.conv_layers": 1, "new_conv1.filters": 64, "growth.dense_layers": 1},
            "2 8 3 2 64 2 2 2 50 100\n",
        ),
    ],
)
def test_values_go_to_the_file_and_to_standard_input(
    push: MakePush, tmp_path: Path, pushed: str | None, values: dict[str, Value], expected: str
) -> None:
    files: dict[str, str | bytes] = {"program.py": STDIN}
    if pushed is not None:
        files["input.txt"] = pushed
    launch = _launch(push(files), values, tmp_path)
    assert launch.stdin == expected
    if launch.files:
        assert (tmp_path / "input.txt").read_bytes() == expected.encode() == launch.files["input.txt"]


@pytest.mark.parametrize(
    "text", ["", "0 0", "1 32 2", "1 32 2 2", "1 32 2 2 1", "1 0 2 2 0", "1 32 2 2 0 9", "a", "-1 32 2 2 0"]
)
def test_other_texts_are_not_the_protocol(text: str) -> None:
    assert parse_input(text) is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (STDIN, "three layers please\n"),
        ("epochs = int(input())\n", None),
        ("from keras.layers import Conv2D\n", "1 32 2 2 0\n"),
    ],
)
def test_scripts_that_do_not_speak_the_protocol_are_left_to_other_interfaces(
    push: MakePush, code: str, text: str | None
) -> None:
    files: dict[str, str | bytes] = {"program.py": code}
    if text is not None:
        files["input.txt"] = text
    space = discover(*push(files))
    assert space is None or space.interface != "stdin"


@pytest.mark.parametrize(
    "reader", ["sys.stdin.readline()", "open('input.txt').read()", "open('/mlops/input.txt').read()"]
)
def test_every_way_of_reading_is_recognised(push: MakePush, reader: str) -> None:
    space = discover(*push({"program.py": f"import sys\nn = int({reader})\n", "input.txt": "1 32 2 2 0"}))
    assert space is not None
    assert space.interface == "stdin"


def test_pooling_deeper_than_the_scripts_image_is_known_beforehand(push: MakePush) -> None:
    space = discover(*push({"program.py": STDIN.replace("28, 28", "9, 9")}))
    assert space is not None
    assert feasible(space, {"growth.conv_layers": 1})
    assert not feasible(space, {"growth.conv_layers": 1, "pool1.pool_size": 4, "new_conv1.pool_size": 4})


@pytest.mark.parametrize(
    ("code", "file"),
    [
        ("sys.stdin = open('input.txt')\n", "input.txt"),
        ("sys.stdin = open('data/input1.txt')\n", "data/input1.txt"),
        ("sys.stdin = open('/mlops/data/inputs.txt', 'r')\n", "data/inputs.txt"),
        ("INPUT = './input.txt'\nsys.stdin = open(INPUT)\n", "input.txt"),
    ],
)
def test_a_script_that_reopens_standard_input_gets_its_own_file(
    push: MakePush, tmp_path: Path, code: str, file: str
) -> None:
    pushed = push({"program.py": f"import sys\n{code}{STDIN}", file: "1 8 3 2 0\n"})
    (tmp_path / file).parent.mkdir(exist_ok=True)
    launch = _launch(pushed, {"conv1.filters": 16}, tmp_path)
    assert launch.files == {file: b"1 16 3 2 0\n"}
    assert launch.stdin == "1 16 3 2 0\n"
    assert launch.patch.startswith(f"diff --git a/{file} b/{file}")


def test_what_its_integers_would_cost_is_known_beforehand(push: MakePush) -> None:
    space = discover(*push({"program.py": STDIN, "input.txt": "2 512 3 1 1024 3 1 1 900\n"}))
    assert space is not None
    assert feasible(space, {})
    assert not feasible(
        space, {"conv1.filters": 1024, "growth.conv_layers": 2, "new_conv1.filters": 1024 * 64}
    )

"""A developer asks the detector before pushing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from include.detector import Verdict, inspect
from include.detector.__main__ import main

CNN = "import keras\nm = keras.Sequential([keras.layers.Conv2D(8, 3)])\nm.fit(x, y)\n"


def written(folder: Path, code: str) -> Path:
    (folder / "mycode.py").write_text(code)
    return folder


@pytest.mark.parametrize(
    ("code", "exit_code", "title"),
    [(CNN, 0, "CNN: "), ("print(1)\n", 1, "not a CNN (no learning at all): "), ("\0", 2, "unreadable (")],
)
def test_the_exit_code_says_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], code: str, exit_code: int, title: str
) -> None:
    assert main([str(written(tmp_path, code))]) == exit_code
    assert capsys.readouterr().out.startswith(title)


def test_the_command_runs_as_a_module(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "include.detector", str(written(tmp_path, CNN) / "mycode.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mycode.py:2  `keras.layers.Conv2D` is a convolution layer." in done.stdout


def test_json_is_the_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(written(tmp_path, CNN)), "--json"])
    assert Verdict.from_json(json.loads(capsys.readouterr().out)) == inspect(tmp_path)


def test_the_script_can_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, CNN)
    (tmp_path / "other.py").write_text("print(1)\n")
    assert main([str(tmp_path), "--script", "other.py"]) == 1
    assert "Script: other.py" in capsys.readouterr().out


def test_pushed_text_can_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(written(tmp_path, CNN.replace("m.fit(x, y)", "m.fit(x, y, '\x1b[2J')")))])
    assert "\x1b" not in capsys.readouterr().out


def test_a_verdict_survives_json(tmp_path: Path) -> None:
    code = "import sys\nn = int(sys.argv[1])\n" + CNN + "m.save('/m.h5')\nopen('accuracy.txt', 'w')\n"
    verdict = inspect(written(tmp_path, code))
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict
    assert (verdict.interface, verdict.model_files) == ("arguments", ("/m.h5",))


def test_a_verdict_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    document = inspect(written(tmp_path, CNN)).to_json() | {"kind": "perhaps"}
    with pytest.raises(ValueError, match="perhaps"):
        Verdict.from_json(document)

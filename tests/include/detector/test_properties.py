"""What does not change the program does not change the verdict."""

from __future__ import annotations

import ast
import keyword
import tempfile
from pathlib import Path

import black
import pytest
from black.parsing import InvalidInput
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.detector import Kind, Verdict
from include.detector.inspection import inspect_here
from tests.include.detector.conftest import read_cases

SCRIPTS = {
    "convolutional network": (
        "import keras\n"
        "from keras import layers as ALIAS\n"
        "def build(n):\n"
        "    model = keras.Sequential()\n"
        "    for size in (8, 16):\n"
        "        model.add(ALIAS.Conv2D(size, 3))\n"
        "    return model\n"
        "model = build(2)\n"
        "model.fit(x, y, epochs=3)\n"
        "model.save('m.h5')\n"
    ),
    "dense network": (
        "import tensorflow as tf\n"
        "ALIAS = tf.keras.layers\n"
        "model = tf.keras.Sequential([ALIAS.Dense(8), ALIAS.Dense(10)])\n"
        "if model:\n"
        "    model.fit(x, y)\n"
    ),
    "recurrent network": (
        "from keras.layers import LSTM as ALIAS\n"
        "import keras\n"
        "class Net(keras.Model):\n"
        "    def __init__(self):\n"
        "        self.r = ALIAS(8)\n"
        "net = Net()\n"
        "net.fit(x, y)\n"
    ),
    "no learning at all": "import os as ALIAS\nprint(ALIAS.getcwd())\n",
}
TAKEN = {"keras", "tf", "model", "net", "Net", "build", "size", "n", "x", "y", "self", "print", "__debug__"}
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name) and name not in TAKEN
)
WORDS = st.sampled_from(
    ["Conv2D(32, (3, 3))", "from keras.layers import Conv2D", "model.fit(x)", "torch.nn.Conv2d"]
)
DEAD = [
    "if False:\n    keras_dead.layers.Conv2D(8, 3)\n",
    "def never_called():\n    from keras.layers import Conv2D\n    return Conv2D(8, 3)\n",
    "class NeverUsed:\n    def conv(self):\n        import keras as k\n        return k.layers.Conv2D(8)\n",
    "while 0:\n    import torch\n    torch.nn.Conv2d(1, 2, 3)\n",
    "from keras.layers import Conv2D as never_used\n",
    "'''keras.layers.Conv2D(8, 3)'''\n",
    "unused = 'Conv2D'\n",
]
TABLES = ("alias", "elsewhere", "fooled", "interface", "kind", "library", "style", "today")
CASES = {f"{table}: {case.name}": case.code for table in TABLES for case in read_cases(table)}
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def verdict_of(data: str | bytes) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mycode.py").write_bytes(data.encode() if isinstance(data, str) else data)
        return inspect_here(Path(folder))


def essence(verdict: Verdict) -> tuple[object, ...]:
    return (
        verdict.kind,
        verdict.what,
        verdict.trainable,
        verdict.interface,
        verdict.model_files,
        verdict.script,
    )


def statements(code: str) -> list[str]:
    tree = ast.parse(code)
    return [ast.unparse(statement) + "\n" for statement in tree.body]


@pytest.mark.parametrize("what", SCRIPTS)
def test_the_scripts_are_what_they_are_called(what: str) -> None:
    assert verdict_of(SCRIPTS[what]).what == what


@QUICK
@given(what=st.sampled_from(sorted(SCRIPTS)), alias=NAMES)
def test_another_alias_changes_nothing(what: str, alias: str) -> None:
    code = SCRIPTS[what]
    assert essence(verdict_of(code.replace("ALIAS", alias))) == essence(verdict_of(code))


@QUICK
@given(what=st.sampled_from(sorted(SCRIPTS)), word=WORDS, place=st.integers(0, 20))
def test_comments_change_nothing(what: str, word: str, place: int) -> None:
    lines = SCRIPTS[what].splitlines()
    lines.insert(place % (len(lines) + 1), f"# {word}")
    lines[-1] += f"  # {word}"
    assert essence(verdict_of("\n".join(lines) + "\n")) == essence(verdict_of(SCRIPTS[what]))


@QUICK
@given(what=st.sampled_from(sorted(SCRIPTS)), dead=st.lists(st.sampled_from(DEAD)), place=st.integers(0, 20))
def test_dead_code_changes_nothing(what: str, dead: list[str], place: int) -> None:
    parts = statements(SCRIPTS[what])
    at = place % (len(parts) + 1)
    code = "".join([*parts[:at], *dead, *parts[at:]])
    assert essence(verdict_of(code)) == essence(verdict_of(SCRIPTS[what]))


@pytest.mark.parametrize("name", CASES)
def test_formatting_with_black_changes_nothing(name: str) -> None:
    try:
        formatted = black.format_str(CASES[name], mode=black.Mode())
    except InvalidInput:
        pytest.skip("black reads only what Python 3 accepts")
    assert essence(verdict_of(formatted)) == essence(verdict_of(CASES[name]))


@QUICK
@given(
    name=st.sampled_from(sorted(CASES)),
    width=st.integers(1, 200),
    trailing=st.booleans(),
    quotes=st.booleans(),
)
def test_any_style_of_black_changes_nothing(name: str, width: int, trailing: bool, quotes: bool) -> None:
    mode = black.Mode(line_length=width, magic_trailing_comma=trailing, string_normalization=quotes)
    try:
        formatted = black.format_str(CASES[name], mode=mode)
    except InvalidInput:
        return
    assert essence(verdict_of(formatted)) == essence(verdict_of(CASES[name]))


@pytest.mark.parametrize("name", CASES)
def test_line_ends_and_byte_order_marks_change_nothing(name: str) -> None:
    code = CASES[name]
    expected = essence(verdict_of(code))
    for line_end in ("\r\n", "\r"):
        assert essence(verdict_of(code.replace("\n", line_end))) == expected
        assert essence(verdict_of("\ufeff" + code.replace("\n", line_end))) == expected


@pytest.mark.parametrize("what", SCRIPTS)
def test_tabs_change_nothing(what: str) -> None:
    tabbed = SCRIPTS[what].replace("    ", "\t")
    assert essence(verdict_of(tabbed)) == essence(verdict_of(SCRIPTS[what]))


@QUICK
@given(name=st.sampled_from(sorted(CASES)), word=WORDS, place=st.integers(0, 200))
def test_comments_in_any_script_change_nothing(name: str, word: str, place: int) -> None:
    tree_ends = [statement.end_lineno or 0 for statement in _parsed(CASES[name])]
    lines = CASES[name].split("\n")
    lines.insert(([0, *tree_ends])[place % (len(tree_ends) + 1)], f"# {word}")
    assert essence(verdict_of("\n".join(lines))) == essence(verdict_of(CASES[name]))


@QUICK
@given(name=st.sampled_from(sorted(CASES)), dead=st.sampled_from(DEAD))
def test_dead_code_after_any_script_changes_nothing(name: str, dead: str) -> None:
    if _parsed(CASES[name]):
        assert essence(verdict_of(f"{CASES[name]}\n{dead}")) == essence(verdict_of(CASES[name]))


def _parsed(code: str) -> list[ast.stmt]:
    try:
        return ast.parse(code).body
    except SyntaxError:
        return []


@pytest.mark.parametrize("what", SCRIPTS)
def test_wrapping_everything_in_a_main_function_changes_nothing(what: str) -> None:
    body = "".join(f"    {line}\n" for line in SCRIPTS[what].splitlines())
    code = f"def main():\n{body}\nif __name__ == '__main__':\n    main()\n"
    assert essence(verdict_of(code)) == essence(verdict_of(SCRIPTS[what]))


@settings(QUICK, max_examples=150)
@given(data=st.binary(max_size=300))
def test_random_bytes_get_a_verdict(data: bytes) -> None:
    assert verdict_of(data).kind is not Kind.CNN


@settings(QUICK, max_examples=250)
@given(
    what=st.sampled_from(sorted(SCRIPTS)),
    cut=st.tuples(st.integers(0, 400), st.integers(0, 400)),
    insert=st.sampled_from([*"():.=*@'\n\t\x00\ufeff", "", "    ", "lambda x: x", "x = x"]),
)
def test_mutated_sources_get_a_verdict(what: str, cut: tuple[int, int], insert: str) -> None:
    code = SCRIPTS[what]
    start, end = sorted(place % (len(code) + 1) for place in cut)
    verdict = verdict_of(code[:start] + insert + code[end:])
    assert verdict.reason.endswith(".")


@settings(QUICK, max_examples=150)
@given(data=st.data())
def test_shuffled_statements_get_a_verdict(data: st.DataObject) -> None:
    pool = [part for code in SCRIPTS.values() for part in statements(code)] + DEAD
    chosen = data.draw(st.lists(st.sampled_from(pool), max_size=20))
    assert verdict_of("".join(chosen)).kind is not Kind.UNREADABLE


@settings(QUICK, max_examples=60)
@given(
    lines=st.lists(
        st.sampled_from(
            [
                "a = b",
                "b = a",
                "a = a.b",
                "b = [a, b]",
                "a = b[0]",
                "a = a()",
                "b = {'a': a}",
                "for a in b: b = a",
            ]
        ),
        min_size=2,
        max_size=12,
    )
)
def test_names_that_are_defined_by_each_other_get_a_verdict(lines: list[str]) -> None:
    code = "\n".join(lines) + "\na.fit(b)\nb(a)\n"
    assert verdict_of(code).kind is Kind.NOT_CNN

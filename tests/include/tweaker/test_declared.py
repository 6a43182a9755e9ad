"""tweak.yaml: what it may say, how it refines a space, and what it is refused for."""

import re
import time
from pathlib import Path

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from include.settings import PROJECT_ROOT
from include.tweaker import Parameter, SearchSpace, discover, settle
from include.tweaker.declared import (
    Bounds,
    Declared,
    DeclaredParameter,
    read_declared,
    read_declared_file,
    refine,
    within,
)
from include.tweaker.errors import DeclarationError
from tests.include.tweaker.conftest import MakePush
from tests.include.tweaker.styles import OPTIONS, PLAIN

FULL = """\
script: train.py
target: 0.95
budget: {trials: 12, hours: 2.5}
recipients: [team@example.org]
fixed: [fit.epochs, "pool*"]
parameters:
  conv1.filters: {low: 16, high: 64, step: 16}
  optimizer.learning_rate: {low: 1e-4, high: 1e-2, log: true}
  dense1.units:
    choices: [64, 128, 256]
  dropout1.rate: {high: 0.6}
  activation: {choices: [relu, gelu]}
  new_conv1.filters: {low: 8, high: 128}
"""


def _declared(tmp_path: Path, text: str | bytes) -> Declared:
    (tmp_path / "tweak.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    declared = read_declared(tmp_path)
    assert declared is not None
    return declared


@pytest.fixture
def space(push: MakePush) -> SearchSpace:
    found = discover(*push({"train.py": PLAIN.replace("x_train, y_train,", "mnist, y_train,")}))
    assert found is not None
    return found


def _parameter(space: SearchSpace, name: str) -> Parameter:
    return next(parameter for parameter in space.parameters if parameter.name == name)


def test_no_file_declares_nothing(tmp_path: Path) -> None:
    assert read_declared(tmp_path) is None


@pytest.mark.parametrize("text", ["", "# only a comment\n", "\ufeff---\n"])
def test_an_empty_file_declares_nothing_wrong(tmp_path: Path, text: str) -> None:
    assert _declared(tmp_path, text) == Declared()


def test_everything_is_read(tmp_path: Path) -> None:
    declared = _declared(tmp_path, FULL)
    assert (declared.script, declared.target) == ("train.py", 0.95)
    assert (declared.budget.trials, declared.budget.hours) == (12, 2.5)
    assert declared.recipients == ("team@example.org",)
    assert declared.parameters["optimizer.learning_rate"].low == 1e-4
    assert declared.parameters["dense1.units"].choices == (64, 128, 256)


def test_the_space_is_refined(tmp_path: Path, space: SearchSpace) -> None:
    refined = refine(space, _declared(tmp_path, FULL))
    assert _parameter(refined, "conv1.filters").distribution == IntDistribution(16, 64, step=16)
    assert _parameter(refined, "optimizer.learning_rate").distribution == FloatDistribution(
        1e-4, 1e-2, log=True
    )
    assert _parameter(refined, "dense1.units").distribution == CategoricalDistribution((64, 128, 256))
    assert _parameter(refined, "dropout1.rate").distribution == FloatDistribution(0.0, 0.6)
    assert _parameter(refined, "activation").distribution == CategoricalDistribution(("relu", "gelu"))
    names = {parameter.name for parameter in refined.parameters}
    assert names == {p.name for p in space.parameters} - {"fit.epochs", "pool1.pool_size"}
    assert settle(refined, {"conv1.filters": 48})["conv1.filters"] == 48


def test_what_is_not_named_stays_as_discovered(tmp_path: Path, space: SearchSpace) -> None:
    refined = refine(space, _declared(tmp_path, "parameters: {conv1.filters: {high: 64}}"))
    others = [p for p in space.parameters if p.name != "conv1.filters"]
    assert [p for p in refined.parameters if p.name != "conv1.filters"] == others
    assert _parameter(refined, "conv1.filters").distribution == IntDistribution(4, 64, log=True)


def test_growth_that_is_fixed_takes_its_layers_with_it(tmp_path: Path, space: SearchSpace) -> None:
    refined = refine(space, _declared(tmp_path, "fixed: [growth.conv_layers]"))
    assert not [p.name for p in refined.parameters if p.name.startswith("new_conv")]
    assert [p.name for p in refined.parameters if p.name.startswith("new_dense")]


def test_a_condition_makes_a_parameter_count_only_while_it_holds(tmp_path: Path, space: SearchSpace) -> None:
    text = "parameters: {dropout1.rate: {only_if: {growth.dense_layers: 1}}}"
    refined = refine(space, _declared(tmp_path, text))
    assert "dropout1.rate" not in settle(refined, {})
    assert settle(refined, {"growth.dense_layers": 1})["dropout1.rate"] == 0.5
    names = [p.name for p in refined.parameters]
    assert names.index("growth.dense_layers") < names.index("dropout1.rate")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("targte: 0.9", r"tweak\.yaml: unknown key `targte`; did you mean `target`\?"),
        ("budget: {trial: 3}", r"unknown key `budget\.trial`; did you mean `trials`\?"),
        ("parameters: {a: {hihg: 3}}", r"unknown key `parameters\.a\.hihg`; did you mean `high`\?"),
        ("source: me", "unknown key `source`"),
        ("target: 98", "`target`: Input should be less than or equal to 1"),
        ("budget: {trials: 0}", r"`budget\.trials`: .* greater than or equal to 1"),
        ("recipients: [me]", r"`recipients\.0`: String should match"),
        ("script: ../evil.py", r"`script`: '\.\./evil\.py' must be a path inside the repository"),
        ("script: /etc/passwd", "must be a path inside the repository"),
        ("parameters: {a: {low: 3, high: 1}}", r"`parameters\.a`: `low` 3 is above `high` 1"),
        ("parameters: {a: {low: 3, choices: [1]}}", "`choices` and `low` exclude each other"),
        ("parameters: {a: {step: 2, log: true}}", "`step` and `log: true` exclude each other"),
        ("parameters: {a: {choices: [1, 1]}}", "a choice is there twice"),
        ("parameters: {a: {choices: [yes]}}", r"`parameters\.a\.choices\.0`"),
        ("parameters: {a: {low: .nan}}", "finite"),
        ("target: 0.9\ntarget: 0.8", "line 2: the key `target` is there twice"),
        ("a: &x [1]\nb: *x", "line 2: aliases aren't allowed"),
        ("- 1", "must be a mapping of keys to values"),
        ("a: [", "line 1: "),
        ("1: 2", "the key 1 must be a word"),
        ("target: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
        ("a: " + "[" * 20 + "]" * 20, "nested deeper than"),
        ("[" * 30_000, "nested deeper than"),
        ("a: " + "x" * 70_000, "larger than 64 kB"),
        (b"\xff\xfe\x00", "can't be read as YAML"),
    ],
)
def test_mistakes_are_refused_with_file_key_and_remedy(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        _declared(tmp_path, text)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"`budget\.trials`.*unknown key `targte`") as caught:
        _declared(tmp_path, "targte: 1\nbudget: {trials: 0}")
    assert len(caught.value.problems) == 2


def test_a_bomb_of_aliases_is_refused_at_once(tmp_path: Path) -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))
    began = time.monotonic()
    with pytest.raises(DeclarationError, match="aliases aren't allowed"):
        _declared(tmp_path, f"a0: &a0 [lol]\n{levels}")
    assert time.monotonic() - began < 30


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("target: 0.9")
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "tweak.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(DeclarationError, match="leads out of the repository"):
        read_declared(tmp_path / "tree")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parameters: {conv1.filter: {high: 64}}", r"'conv1\.filter'; the nearest is `conv1\.filters`"),
        (
            "fixed: [fit.epoch]",
            r"`fixed`: no hyper-parameter is called 'fit\.epoch'; the nearest is `fit\.epochs`",
        ),
        ("fixed: ['lstm*']", r"called 'lstm\*'"),
        (
            "parameters: {conv1.filters: {low: 64, high: 128}}",
            "your own value 32 isn't among the declared ones",
        ),
        ("parameters: {conv1.filters: {low: 0}}", "it is at least 1, not 0"),
        ("parameters: {conv1.filters: {low: 1.5}}", "whole numbers, not 1.5; the nearest is 2"),
        ("parameters: {conv1.filters: {choices: [32, big]}}", "'big' isn't a number"),
        ("parameters: {dropout1.rate: {high: 1.0}}", "from 0 to below 1"),
        ("parameters: {optimizer.learning_rate: {low: 0}}", "a learning rate is above 0, not 0"),
        ("parameters: {optimizer: {choices: [adam, adma]}}", "'adma' isn't one of: adam, nadam"),
        ("parameters: {optimizer: {low: 1}}", "it takes `choices`, not a range"),
        ("parameters: {activation: {choices: [relu, \"x'); import os; ('\"]}}", "isn't a name"),
        ("parameters: {growth.conv_layers: {high: 9}}", "at most 2 layers can be added here, not 9"),
        ("parameters: {fit.epochs: {only_if: {fit.epoch: 1}}}", r"the nearest is `fit\.epochs`"),
        (
            "parameters: {new_conv1.filters: {only_if: {fit.epochs: 1}}}",
            r"counts only while growth\.conv_layers ≥ 1",
        ),
        (
            "parameters: {fit.epochs: {only_if: {activation: 1}}, activation: {only_if: {fit.epochs: 1}}}",
            "depend on each other in a circle",
        ),
    ],
)
def test_what_does_not_fit_the_push_is_refused_with_the_nearest(
    tmp_path: Path, space: SearchSpace, text: str, message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        refine(space, _declared(tmp_path, text))


def test_an_operators_file_is_narrowed_never_widened(tmp_path: Path, space: SearchSpace) -> None:
    file = tmp_path / "operator.yaml"
    file.write_text("parameters: {conv1.filters: {low: 16, high: 64}}\nfixed: [fit.epochs]\n")
    operator = read_declared_file(file)
    narrower = refine(space, _declared(tmp_path, "parameters: {conv1.filters: {high: 32}}"), operator)
    assert _parameter(narrower, "conv1.filters").distribution == IntDistribution(16, 32, log=True)
    with pytest.raises(DeclarationError, match=r"the operator's limit: .* the nearest is 64"):
        refine(space, _declared(tmp_path, "parameters: {conv1.filters: {high: 128}}"), operator)
    with pytest.raises(DeclarationError, match=r"no hyper-parameter is called 'fit\.epochs'"):
        refine(space, _declared(tmp_path, "parameters: {fit.epochs: {high: 8}}"), operator)


def test_a_mistake_in_an_operators_file_names_that_file(tmp_path: Path) -> None:
    file = tmp_path / "operator.yaml"
    file.write_text("targt: 0.9")
    with pytest.raises(DeclarationError, match=r"operator\.yaml: unknown key `targt`"):
        read_declared_file(file)


def test_goals_may_be_tightened_and_never_loosened() -> None:
    bounds = Bounds(target=0.9, trials=10, hours=4)
    tighter = Declared.model_validate({"target": 0.95, "budget": {"trials": 5, "hours": 1}})
    assert (
        within(tighter, bounds).target,
        within(tighter, bounds).trials,
        within(tighter, bounds).hours,
    ) == (0.95, 5, 1)
    looser = Declared.model_validate({"target": 0.5, "budget": {"trials": 50, "hours": 40}})
    held = within(looser, bounds)
    assert (held.target, held.trials, held.hours) == (0.9, 10, 4)
    assert held.refused[0] == "tweak.yaml: `target` 0.5 is below the operator's 0.9, which holds"
    assert len(held.refused) == 3
    assert within(None, bounds).refused == ()


def test_options_of_a_command_line_are_refined_the_same_way(tmp_path: Path, push: MakePush) -> None:
    found = discover(*push({"train.py": OPTIONS}))
    assert found is not None
    text = "parameters: {filters: {choices: [16, 32]}, optimizer: {choices: [adam, sgd]}}"
    refined = refine(found, _declared(tmp_path, text))
    assert _parameter(refined, "filters").distribution == CategoricalDistribution((16, 32))
    with pytest.raises(DeclarationError, match="'lion' isn't one of: adam, sgd"):
        refine(found, _declared(tmp_path, "parameters: {optimizer: {choices: [adam, lion]}}"))


def test_the_example_of_the_documentation_is_valid(tmp_path: Path, space: SearchSpace) -> None:
    page = (PROJECT_ROOT / "docs" / "tweaking.md").read_text(encoding="utf-8")
    example = re.findall(r"^```yaml\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    assert len(example) == 1
    declared = _declared(tmp_path, example[0])
    refined = refine(space, declared)
    assert _parameter(refined, "dropout1.rate").active_if == ("growth.dense_layers", 1)
    assert {*Declared.model_fields} - {"source"} == declared.model_fields_set - {"source"}
    every = [name for entry in declared.parameters.values() for name in entry.model_fields_set]
    assert set(every) == set(DeclaredParameter.model_fields)

"""A push whose network does not learn: its training is ended early, and another one comes sooner."""

from pathlib import Path

import pytest

from include.experiments.records import State
from tests.e2e.scripts import DATA, NETWORK
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

EPOCHS = 12
STALLED = (
    NETWORK.replace("import keras\n", "import time\n\nimport keras\n")
    .replace('optimizer="adam"', "optimizer=keras.optimizers.SGD(0.00001)")
    .replace(
        "epochs=2,",
        f"epochs={EPOCHS}, callbacks=[keras.callbacks.LambdaCallback("
        "on_epoch_end=lambda epoch, logs: time.sleep(2))],",
    )
)


def test_a_training_that_does_not_learn_is_ended_and_the_developer_told_so(
    world: World, tmp_path: Path
) -> None:
    push = world.push("budget", {"mycode.py": STALLED, **DATA}, tmp_path)
    experiment = world.ended(f"admin/budget@{push.sha}")
    first, second = experiment.trials()
    assert experiment.state is State.BUDGET_SPENT
    assert (first.state, second.state) == ("pruned", "complete")
    epochs = [len(trial.intermediate_values) for trial in experiment.study.get_trials()]
    assert epochs[0] < EPOCHS == epochs[1]
    (mail,) = world.mails(push.sha)
    body = mail.get_body(preferencelist=("plain",))
    assert body is not None
    assert f"pruned after epoch {EPOCHS // 2} of {EPOCHS}" in body.get_content()

"""What a hyper-parameter's name says about it."""

import pytest

from include.tweaker.kinds import kind_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("conv1.filters", "filters"),
        ("new_conv1.kernel_size", "kernel_size"),
        ("growth.conv_layers", "conv_layers"),
        ("initial-lr", "learning_rate"),
        ("nb_epoch", "epochs"),
        ("fine_tune_epochs", "epochs"),
        ("train_batch_size", "batch_size"),
        ("fc_units", "units"),
    ],
)
def test_a_name_says_what_it_stands_for(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    "name",
    [
        *("steps_per_epoch", "epochs-per-eval", "start_epoch", "save_every_epoch", "warmup_epochs"),
        *("epoch_size", "lr_decay", "lr-decay-iter", "test_batch_size", "num_batches", "batch_norm"),
        *("output_units", "seed"),
    ],
)
def test_a_setting_that_only_goes_with_one_is_none(name: str) -> None:
    assert kind_of(name) is None

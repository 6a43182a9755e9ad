"""What a hyper-parameter's name says about it."""

from __future__ import annotations

import re

# Settings that go with a hyper-parameter and aren't one: --steps-per-epoch, --lr-decay, --test-batch-size.
_BESIDE = re.compile(
    r"(^|_)(per|steps?|iters?|every|decay|schedule\w*|patience|factor|momentum|norm\w*|warm\w*)(_|$)"
    r"|(^|_)(start|initial|resume|from|last|save|log|print|test|eval\w*|val\w*|predict\w*)_(\w*_)?(epoch|batch)"
    r"|(^|_)(num|n|nb|max)_batch(es)?$|epoch_size|(^|_)(in|out)puts?(_|$)|^randaug"
)
_MEANINGS = (
    ("learning_rate", r"learning_?rate|(^|[^a-z])lr([^a-z]|$)"),
    ("batch_size", r"batch"),
    ("epochs", r"epoch"),
    ("dropout", r"drop_?out|\.rate$"),
    ("strides", r"strides?$"),
    ("pool_size", r"pool"),
    ("kernel_size", r"kernel|filter_?size|size_?of_?filter|(^|[^a-z])ksize"),
    ("conv_layers", r"(conv\w*_?layers?$)|(num_?conv)"),
    ("dense_layers", r"(dense|fc|hidden)_?layers?$|num_?layers?$|(^|_)layers?$"),
    ("filters", r"filter|feature_?maps|conv_?\d*$"),
    ("units", r"unit|neuron|hidden|dense|(^|[^a-z])fc\d*([^a-z]|$)"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _MEANINGS)


def kind_of(name: str) -> str | None:
    """Return what a name stands for, as ``filters`` for ``conv1.filters`` or ``n_filters``, or None."""
    plain = name.lower().replace("-", "_")
    if _BESIDE.search(plain):
        return None
    return next((kind for kind, pattern in _COMPILED if pattern.search(plain)), None)

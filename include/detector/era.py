"""Tells Keras of the 1.x and 2.x era from Keras 3 by the API that the code uses.

The tables are what Keras 2.3.1 had and Keras 3.15 has not, found by comparing the two packages.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from include.detector.frameworks import Member, member
from include.detector.reached import Trace, Use
from include.detector.saved_names import refused_name
from include.detector.verdict import Evidence

_GONE_FROM_KERAS = re.compile(
    r"layers\.(?:convolutional|convolutional_recurrent|advanced_activations|embeddings|core|pooling|wrappers|merge"
    r"|recurrent|cudnn_recurrent|normalization|local|noise|experimental)\b.*"
    r"|(?:engine|objectives|wrappers\.scikit_learn|preprocessing\.text|callbacks\.callbacks)\b.*"
    r"|utils\.(?:np_utils|vis_utils|generic_utils|data_utils|io_utils|layer_utils|conv_utils|test_utils|training_utils"
    r"|multi_gpu_utils|multi_gpu_model|print_summary|HDF5Matrix|OrderedEnqueuer|GeneratorEnqueuer)\b.*"
    r"|preprocessing\.image\.(?:ImageDataGenerator|\w*Iterator|random_\w+|apply_\w+)\b.*"
    r"|preprocessing\.sequence\.(?:TimeseriesGenerator|make_sampling_table|skipgrams)\b.*"
    r"|backend\.(?!clear_session|epsilon|floatx|image_data_format|set_|backend|is_float|is_int|standardize|result_type"
    r"|get_uid|is_keras_tensor|common_variables|name_scope|Variable|device|any_symbolic)\w+.*"
    r"|(?:layers|models)\.(?:AtrousConv\w+|Deconv\w+|CuDNN\w+|LocallyConnected\w+|Highway|MaxoutDense|ThresholdedReLU"
    r"|Merge|merge|model_from_yaml)\b.*"
    r"|datasets\.cifar\b.*|callbacks\.(?:BaseLogger|Progbar)\b.*"
    r"|initializers\.(?:normal|uniform|one|zero)\b.*"
    r"|optimizers\.(?:adadelta|adagrad|adam|adamax|nadam|rmsprop|sgd|TFOptimizer|\w+_v2)\b.*"
    r"|constraints\.(?:maxnorm|nonneg|unitnorm)\b.*|models\.(?:Input|InputLayer|model_from_config)\b.*"
    r"|(?:losses|metrics)\.(?:mse|mae|mape|msle|kld|MSE|MAE|MAPE|MSLE|KLD|cosine|cosine_proximity)\b.*"
    r"|(?:losses|metrics)\.(?:logcosh|huber_loss|kullback_leibler_divergence)\b.*"
    r"|layers\.(?:activations|constraints|initializers|regularizers)\b.*"  # what the module had imported
    r"|(?:layers|models|callbacks|optimizers|losses|metrics|regularizers|initializers|constraints)\.K\b.*"
)
_GONE_FROM_TF_KERAS = re.compile(
    r"wrappers\.scikit_learn\b.*|layers\.experimental\b.*|utils\.(?:np_utils|multi_gpu_model|HDF5Matrix)\b.*"
    r"|(?:layers|models)\.(?:Deconv\w+|CuDNN\w+|LocallyConnected\w+|model_from_yaml)\b.*|optimizers\.legacy\b.*"
    r"|layers\.(?:convolutional|core|normalization|pooling|embeddings|recurrent|merge|advanced_activations)\b.*"
)
_OLD_METHODS = frozenset(
    ["fit_generator", "evaluate_generator", "predict_generator", "predict_classes", "predict_proba"]
)
_TAKE_DATA = frozenset(["fit", "evaluate", "predict"])
_OLD_KEYWORDS = frozenset(
    [
        "border_mode",
        "nb_filter",
        "nb_row",
        "nb_col",
        "subsample",
        "dim_ordering",
        "W_regularizer",
        "b_regularizer",
        "W_constraint",
        "nb_epoch",
        "samples_per_epoch",
        "nb_val_samples",
        "lr",
        "use_multiprocessing",
        "max_queue_size",
        "init",
        "nb_worker",
        "output_dim",
        "p",
        "inner_activation",
        "inner_init",
        "dropout_W",
        "dropout_U",
        "U_regularizer",
        "atrous_rate",
        "pool_length",
        "filter_length",
        "subsample_length",
        "val_samples",
        "max_q_size",
        "pickle_safe",
        "show_accuracy",
        "decay",
        "schedule_decay",
        "period",
        "write_grads",
        "batch_input_shape",
        "embeddings_layer_names",
        "embeddings_data",
        "sample_weight_mode",
    ]
)
# Arguments that others still have, by what had them.
_OLD_KEYWORDS_OF = {
    "Model": ("input", "output"),
    "BatchNormalization": ("fused",),
    "TensorBoard": ("batch_size",),
    **dict.fromkeys(("l1", "l2"), ("l",)),
    **dict.fromkeys(("fit", "evaluate", "predict"), ("workers",)),
}
_LAYER = re.compile(r"layers\.(?:\w+\.)*[A-Z]\w*")
_TODAY_KEYWORDS_OF = {"Embedding": ("weights",), "Input": ("batch_size",), "InputLayer": ("batch_size",)}
# What the harness gives back together with the old Keras (docker/harness/era/libraries).
_GONE_FROM_OTHERS = re.compile(
    r"numpy\.(?:float|int|object|complex|long|unicode|float_|complex_|unicode_|string_|product|alltrue|asscalar)"
    r"|scipy\.misc\.(?:imread|imresize|imsave|toimage)|sklearn\.(?:cross_validation|grid_search|externals)\b.*"
    r"|sklearn\.(?:preprocessing\.Imputer|datasets\.(?:fetch_mldata|load_boston)|utils\.linear_assignment_)\b.*"
    r"|time\.clock|inspect\.getargspec|collections\.(?:Callable|Iterable|Iterator|Mapping|MutableMapping|Sequence)"
    r"|pandas\.tools\b.*|PIL\.Image\.ANTIALIAS"
)
_OLD_OWN_PACKAGES = ("keras_preprocessing.", "keras_applications.", "tensorflow.python.keras.")
_OPTIMIZER_WITH_OLD_RATE = re.compile(r"optimizers\.(?:\w+\.)?(?:Adadelta|adadelta)")


def find_era(trace: Trace) -> tuple[Evidence, ...]:
    """Lines that only Keras 1 or 2 runs as meant, in source order; empty for code of today."""
    found = {(one.file, one.line): one for one in (*_imports(trace), *_uses(trace), *_histories(trace))}
    return tuple(found[key] for key in sorted(found))


def is_gone(path: str) -> bool:
    """Whether Keras 2 had a path that Keras 3 has not."""
    split = member(path)
    pattern = _GONE_FROM_KERAS if split.library == "keras" else _GONE_FROM_TF_KERAS
    named = split.is_keras and pattern.fullmatch(split.inner) is not None and not path.startswith("tf_keras")
    return named or f"{path}.".startswith(_OLD_OWN_PACKAGES)


def _imports(trace: Trace) -> Iterator[Evidence]:
    for node, module, _ in trace.nodes:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}".removesuffix(".*") for alias in node.names]
        if sentence := _gone(names):
            line = node.lineno  # type: ignore[attr-defined]  # both kinds of import have it
            yield Evidence(module.file, line, module.source.line(line), sentence)


def _gone(paths: list[str]) -> str | None:
    """Say which of some paths is not there any more; None where all are."""
    if gone := next((path for path in paths if is_gone(path)), None):
        return f"`{gone}` is gone from Keras 3."
    if gone := next((path for path in paths if _GONE_FROM_OTHERS.fullmatch(path)), None):
        return f"`{gone}` is gone since the days of Keras 2."
    return None


def _uses(trace: Trace) -> Iterator[Evidence]:
    for use in trace.uses:
        if sentence := _old_use(use) or refused_name(use, trace):
            yield Evidence(
                use.module.file, use.node.lineno, use.module.source.line(use.node.lineno), sentence
            )


def _old_use(use: Use) -> str | None:
    members = [member(path) for path in sorted(use.paths)]
    if gone := _gone([path for path in sorted(use.paths) if "(" not in path]):
        return gone
    if use.call is None:
        return None
    unknown_or_keras = not members or any(one.is_keras for one in members)
    if use.method in _OLD_METHODS and unknown_or_keras and use.method != "predict_proba":
        return f"`{use.method}` is a method of Keras 1 and 2."
    if any(one.is_keras for one in members):
        if use.method == "next" and not use.call.args:
            return "`next` was a method of Keras' sequences of images, today it is a function of Python."
        lists = [data for data in use.call.args[:2] if isinstance(data, ast.List)]
        if use.method in _TAKE_DATA and any(map(_is_list_of_numbers, lists)):
            return f"`{use.method}` took lists of numbers in Keras 1 and 2, today it takes arrays."
        return _old_arguments(use.call, members, use.method)
    return None


def _is_old_here(keyword: str | None, members: list[Member], method: str) -> bool:
    """Say whether what is called had an argument of this name, and has it no more."""
    if keyword in _OLD_KEYWORDS_OF.get(method, ()):
        return True
    for one in members:
        layer = keyword in ("weights", "batch_size") and _LAYER.fullmatch(one.inner) is not None
        if keyword in _OLD_KEYWORDS_OF.get(one.name, ()):
            return True
        if layer and keyword not in _TODAY_KEYWORDS_OF.get(one.name, ()):
            return True
    return False


def _is_list_of_numbers(node: ast.expr) -> bool:
    if isinstance(node, ast.List):
        return bool(node.elts) and all(map(_is_list_of_numbers, node.elts))
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _old_arguments(call: ast.Call, members: list[Member], method: str) -> str | None:
    for keyword in call.keywords:
        if keyword.arg == "output_dim" and any(one.name == "Embedding" for one in members):
            continue  # it is called so today
        if keyword.arg == "metrics" and method == "compile" and _is_text(keyword.value):
            return "`metrics` took a single name in Keras 1 and 2, today it takes a list."
        if keyword.arg in _OLD_KEYWORDS or _is_old_here(keyword.arg, members, method):
            return f"the argument `{keyword.arg}` is of Keras 1 or 2."
    if any(one.library == "keras" for one in members):
        if _has_split_kernel(call, members):
            return "the kernel is two numbers, today it is one."
        if not call.args and not call.keywords and any(map(_had_other_rate, members)):
            return "its default learning rate was 1.0 in Keras 1 and 2 and is 0.001 today."
    return None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _had_other_rate(one: Member) -> bool:
    return _OPTIMIZER_WITH_OLD_RATE.fullmatch(one.inner) is not None


def _has_split_kernel(call: ast.Call, members: list[Member]) -> bool:
    """`Convolution2D(32, 3, 3)`; for `Conv2D` only two equal numbers, as others can be kernel and stride."""
    if (
        not any(re.fullmatch(r"(?:\w+\.)*Conv(?:olution)?2D", one.inner) for one in members)
        or len(call.args) < 3
    ):
        return False
    sizes = [argument.value for argument in call.args[1:3] if isinstance(argument, ast.Constant)]
    integers = [size for size in sizes if isinstance(size, int)]
    old_name = any(one.name == "Convolution2D" for one in members)
    return len(integers) == 2 and (old_name or (integers[0] == integers[1] and integers[0] > 1))


def _histories(trace: Trace) -> Iterator[Evidence]:
    """`history.history["acc"]`: today that key exists only where the metric itself is called "acc"."""
    keys = [(node, module) for node, module, _ in trace.nodes if isinstance(node, ast.Subscript)]
    histories = {name for node, _, _ in trace.nodes for name in _named_history(node)}
    old = [(node, module) for node, module in keys if _is_old_key(node, histories)]
    written = sum(isinstance(node, ast.Constant) and node.value == "acc" for node, _, _ in trace.nodes)
    if written > sum(isinstance(node.slice, ast.Constant) and node.slice.value == "acc" for node, _ in keys):
        return
    for node, module in old:
        sentence = "Keras 3 calls this key `accuracy`, Keras 1 and 2 called it `acc`."
        yield Evidence(module.file, node.lineno, module.source.line(node.lineno), sentence)


def _named_history(node: ast.AST) -> Iterator[str]:
    """The names in `values = history.history`."""
    match node:
        case ast.Assign(targets=targets, value=ast.Attribute(attr="history")):
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def _is_old_key(node: ast.Subscript, histories: set[str]) -> bool:
    match node:
        case ast.Subscript(value=ast.Attribute(attr="history"), slice=ast.Constant(value="acc" | "val_acc")):
            return True
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value="acc" | "val_acc")):
            return name in histories
    return False

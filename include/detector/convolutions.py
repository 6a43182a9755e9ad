"""What the libraries call a convolution, and their networks that are made of convolutions."""

from __future__ import annotations

from include.detector.frameworks import OTHER_NETWORK_ROOTS
from include.detector.layer_rules import (
    ANY_OTHER_LIBRARY,
    CONVOLUTIONAL_NAMES,
    KERAS,
    TRANSFORMER_NAMES,
    Family,
    LayerRule,
    rule,
)

_BUILDS = "`{name}` is a convolution layer."
_CONTAINS = "`{name}` is a network made of convolutions."

CONVOLUTIONS: tuple[LayerRule, ...] = (
    rule(
        "keras convolution layer",
        Family.CONVOLUTION,
        f"{KERAS}, keras extension, unbound",
        r"(?:[\w.]+\.)?(?:(?:Separable|Depthwise|Atrous)?Conv(?:olution)?[123]D|Conv(?:olution)?[123]DTranspose"
        r"|Deconv(?:olution)?[23]D|ConvLSTM[123]D(?:Cell)?)",
        _BUILDS,
    ),
    rule(
        "keras convolution function",
        Family.CONVOLUTION,
        KERAS,
        r"ops\.(?:nn\.)?(?:depthwise_|separable_)?conv(?:_transpose)?"
        r"|backend\.(?:\w+\.)?(?:depthwise_|separable_)?conv[123]d(?:_transpose)?",
        "`{name}` convolves.",
    ),
    rule(
        "keras application",
        Family.CONVOLUTION,
        KERAS,
        r"applications\.(?:(?:\w+\.)?[A-Z]\w+|\*)",
        _CONTAINS,
    ),
    rule(
        "keras extension backbone",
        Family.CONVOLUTION,
        "keras extension",
        rf"(?:[\w.]+\.)?\w*(?i:{CONVOLUTIONAL_NAMES.pattern}|csp|linknet|fpn|pspnet)\w*(?:\.from_preset)?"
        r"|ImageClassifier|ImageRegressor",
        _CONTAINS,
    ),
    rule(
        "keras extension preset",
        Family.CONVOLUTION,
        "keras extension",
        r"(?:[\w.]+\.)?(?:from_preset|KerasLayer|load|get)",
        _CONTAINS,
        CONVOLUTIONAL_NAMES,
    ),
    rule(
        "tensorflow convolution function",
        Family.CONVOLUTION,
        "tensorflow",
        r"(?:compat\.v[12]\.|python\.(?:\w+\.)*)?nn\.(?:conv\w*|depthwise_conv2d\w*|separable_conv2d|atrous_conv2d\w*)"
        r"|(?:compat\.v1\.)?layers\.(?:\w+\.)?(?:separable_)?conv[123]d\w*"
        r"|(?:compat\.v1\.)?layers\.(?:Separable)?Conv[123]D\w*"
        r"|contrib\.(?:layers|slim|learn)\.(?:\w+\.)*(?:separable_)?conv\w*"
        r"|contrib\.slim\.(?:python\.slim\.)?nets\.(?:\w+\.)*(?!\w*arg_scope)\w+|raw_ops\.(?:Depthwise)?Conv[23]D\w*",
        "`{name}` convolves.",
    ),
    rule(
        "pytorch convolution",
        Family.CONVOLUTION,
        "pytorch",
        r"(?:\w+\.)?nn\.(?:\w+\.)*(?:Lazy)?Conv(?:Transpose)?[123]d|(?:nn\.functional\.)?conv(?:_transpose)?[123]d",
        _BUILDS,
    ),
    rule(
        "pytorch model by name",
        Family.CONVOLUTION,
        "pytorch",
        r"(?:[\w.]+\.)?(?:create_model|hub\.load|from_pretrained|from_name|YOLO)",
        _CONTAINS,
        CONVOLUTIONAL_NAMES,
    ),
    rule(
        "pytorch model",
        Family.CONVOLUTION,
        "pytorch",
        rf"models\.(?:\w+\.)*(?!{TRANSFORMER_NAMES})\w*(?i:{CONVOLUTIONAL_NAMES.pattern}|fcos|lraspp|mc3_|r3d_|s3d|2plus1d)"
        r"\w*(?<!weights)(?<!Weights)|models\.\*|YOLO|Unet"
        r"|(?:vision|conv_learner)\.(?:\w+\.)*(?:(?:cnn|vision|unet)_learner|create_cnn|ConvLearner(?:\.\w+)?)",
        _CONTAINS,
    ),
    rule(
        "convolution function of jax",
        Family.CONVOLUTION,
        "jax",
        r"lax\.(?:\w+\.)*conv\w*",
        "`{name}` convolves.",
        needs_training=True,
    ),
    rule(
        "convolution of another library",
        Family.CONVOLUTION,
        ", ".join(sorted(OTHER_NETWORK_ROOTS)),
        r"(?:[\w.()\[\]]+\.)?(?:(?i:atrous|separable|depthwise|lazy|de|dilated|general|dnn)_?)?(?i:conv(?:olution)?)"
        r"(?:_?(?i:[123n]d)\w*|Layer|Transpose|Local|_general\w*|_with\w*|_transpose|)"
        r"|(?:[\w.]+\.)?(?:\w*img_conv\w*|sequence_conv\w*|[A-Z][a-z]\w*Conv[123][dD]\w*)",
        _BUILDS,
    ),
    rule(
        "model of another library",
        Family.CONVOLUTION,
        ", ".join(sorted(OTHER_NETWORK_ROOTS)),
        rf"(?:[\w.]+\.)?(?:models?|model_zoo|nets|links|vision|symbols?)\.(?:\w+\.)*\w*(?i:{CONVOLUTIONAL_NAMES.pattern})"
        r"\w*(?<!weights)|(?:[\w.]+\.)?model_zoo\.(?:\w+\.)*get_model",
        _CONTAINS,
    ),
    rule(
        "ready-made training of another library",
        Family.CONVOLUTION,
        "tcn, imageai, ktrain, tflite_model_maker, mediapipe_model_maker",
        r"(?:\w+\.)*(?:TCN|compiled_tcn)|vision\.(?:\w+\.)*image_classifier"
        rf"|[\w.()]+\.setModelTypeAs\w*(?i:{CONVOLUTIONAL_NAMES.pattern})\w*"
        r"|(?:image_classifier|object_detector)\.(?:\w+\.)*create",
        _CONTAINS,
    ),
    rule(
        "detector by its configuration",
        Family.CONVOLUTION,
        "detectron2, mmdet, mmcv, mmengine",
        r"model_zoo\.(?:\w+\.)?get\w*|(?:\w+\.)*(?:Config\.fromfile|init_detector)",
        _CONTAINS,
        CONVOLUTIONAL_NAMES,
    ),
    rule(
        "convolution layer of an unknown library",
        Family.CONVOLUTION,
        ANY_OTHER_LIBRARY,
        r"_?(?:[A-Z]\w*)?Conv(?:olution)?[123][dD]\w*",
        "`{name}` is a convolution layer by its name; the package it comes from is not in the push.",
    ),
    rule(
        "well-known network of an unknown library",
        Family.CONVOLUTION,
        ANY_OTHER_LIBRARY,
        rf"(?=[A-Z])(?:My|Simple|Mini|Tiny|Custom)?(?i:(?:{CONVOLUTIONAL_NAMES.pattern})+)_?[A-Zv]?\d*(?:_\d+)?",
        "`{name}` is a convolutional network by its name; the code that builds it is not in the push.",
    ),
    rule(
        "network by its name",
        Family.CONVOLUTION,
        ANY_OTHER_LIBRARY,
        rf"(?!\w*(?i:fcnn|lenet_?300))(?:(?:\w*_)?(?:conv_?[123]d|cnn|conv_?net|(?i:{CONVOLUTIONAL_NAMES.pattern}))"
        rf"|[A-Z]\w*(?:CNN|Cnn|ConvNet|{CONVOLUTIONAL_NAMES.pattern})|CNN|ConvNet)"
        r"(?i:_?(?:model|net|network|classifier|backbone|encoder|decoder|generator|discriminator|architecture|base|small|large|tiny|layer|[a-z]?\d+))*",
        "`{name}` is a convolutional network by its name; the code that builds it is not in the push.",
        needs_training=True,
    ),
    rule(
        "convolutional model of transformers",
        Family.CONVOLUTION,
        "transformers",
        rf"(?:[\w.]+\.)?(?:TF)?(?i:{CONVOLUTIONAL_NAMES.pattern})\w*(?:\.from_pretrained)?",
        _CONTAINS,
    ),
    rule(
        "model of transformers by its name",
        Family.CONVOLUTION,
        "transformers",
        r"(?:[\w.]+\.)?(?:(?:TF)?Auto(?:Model|Backbone)\w*\.from_pretrained|pipeline)",
        _CONTAINS,
        CONVOLUTIONAL_NAMES,
    ),
)

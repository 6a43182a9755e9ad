"""What the libraries call everything that learns without convolutions."""

from __future__ import annotations

from include.detector.frameworks import OTHER_NETWORK_ROOTS
from include.detector.layer_rules import KERAS, TRANSFORMER_NAMES, Family, LayerRule, rule

OTHER_MODELS: tuple[LayerRule, ...] = (
    rule(
        "keras extension transformer",
        Family.TRANSFORMER,
        "keras extension",
        rf"(?:[\w.]+\.)?{TRANSFORMER_NAMES}(?:\.from_preset)?",
        "`{name}` is a transformer.",
    ),
    rule(
        "pytorch transformer",
        Family.TRANSFORMER,
        "pytorch",
        rf"nn\.(?:\w+\.)*(?:Transformer\w*|MultiheadAttention)|models\.(?:\w+\.)?{TRANSFORMER_NAMES}",
        "`{name}` is a transformer.",
    ),
    rule(
        "saved model",
        Family.UNKNOWN,
        f"{KERAS}, tensorflow, pytorch, keras extension",
        r"(?:[\w.]+\.)?(?:load_model|model_from_(?:json|yaml|config)|saved_model\.load|KerasLayer"
        r"|jit\.load|hub\.load|create_model)",
        "`{name}` reads a network whose layers do not show in the code.",
    ),
    rule(
        "transformer",
        Family.TRANSFORMER,
        f"{KERAS}, transformers, simpletransformers, keras extension",
        r"(?:[\w.]+\.)?(?:MultiHeadAttention|\w*Transformer\w*|(?:TF)?Auto\w+\.from_pretrained|\w*(?:Bert|GPT|T5|ViT)\w*"
        r"(?:\.from_pretrained)?|pipeline|Trainer)",
        "`{name}` is part of a transformer.",
    ),
    rule(
        "recurrent layer",
        Family.RECURRENT,
        f"{KERAS}, tensorflow, pytorch, unbound, {', '.join(sorted(OTHER_NETWORK_ROOTS))}",
        r"(?:[\w.()\[\]]+\.)?(?:(?:CuDNN|Basic|Deep|Lazy)?(?:LSTM|GRU|SimpleRNN|RNN|Rnn)(?:Cell|V[12])?"
        r"|(?:static|dynamic)_rnn|lstm|gru|simple_rnn|Bidirectional)",
        "`{name}` is a recurrent layer.",
    ),
    rule(
        "dense layer",
        Family.DENSE,
        f"{KERAS}, tensorflow, pytorch, unbound, {', '.join(sorted(OTHER_NETWORK_ROOTS))}",
        r"(?:[\w.()\[\]]+\.)?(?:Dense|MaxoutDense|DenseLayer|LazyLinear|Linear|linear|dense|fully_connected"
        r"|DNNClassifier|DNNRegressor)",
        "`{name}` is a dense (fully connected) layer.",
    ),
    rule(
        "product with a matrix of weights",
        Family.DENSE,
        "tensorflow, pytorch, theano",
        r"(?:compat\.v1\.|linalg\.|nn\.|tensor\.)?(?:matmul|xw_plus_b|mm|addmm|dot)",
        "`{name}` multiplies with a matrix, as a dense layer does.",
        needs_training=True,
    ),
    rule(
        "dense network of scikit-learn",
        Family.DENSE,
        "sklearn",
        r"neural_network\.(?:\w+\.)?MLP\w+",
        "`{name}` is a network of dense layers.",
    ),
    rule(
        "classical model",
        Family.CLASSICAL,
        "sklearn",
        r"(?:linear_model|svm|tree|ensemble|neighbors|naive_bayes|cluster|discriminant_analysis|gaussian_process"
        r"|mixture|isotonic|kernel_ridge|semi_supervised|cross_decomposition)\.(?:\w+\.)?[A-Z]\w+",
        "`{name}` is a model of classical machine learning.",
    ),
    rule(
        "classical model of another library",
        Family.CLASSICAL,
        "xgboost, lightgbm, catboost, statsmodels, prophet, surprise, cv2, pyod, hmmlearn, pyspark, imblearn",
        r"models\.\w+\.[A-Z]\w+|ml\.(?:classification|regression|clustering|recommendation)\.[A-Z]\w+|ensemble\.[A-Z]\w+"
        r"|hmm\.\w+HMM|(?:XGB|LGBM|CatBoost)\w+|train|ml\.\w+_create|(?:[\w.]+\.)?(?:OLS|GLM|Logit|ARIMA|SARIMAX|Prophet|SVD)",
        "`{name}` is a model of classical machine learning.",
    ),
)

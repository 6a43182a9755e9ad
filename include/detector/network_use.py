"""What the code does over a network: mail, HTTP, downloads. Without one these are lost, not the training."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from include.detector.files import shell_commands
from include.detector.frameworks import member
from include.detector.reached import Trace, Use


@dataclass(frozen=True)
class NetworkRule:
    """One way to use a network.

    Args:
        pattern: Fits the start of a library path.
        phrase: What it does, for the developer.
    """

    pattern: re.Pattern[str]
    phrase: str


def _rule(pattern: str, phrase: str) -> NetworkRule:
    return NetworkRule(re.compile(pattern), phrase)


LIBRARY_RULES: tuple[NetworkRule, ...] = (
    _rule(r"(?:smtplib|yagmail|sendgrid|redmail|mailjet_rest)\.", "sends mail ({root})"),
    _rule(r"twilio\.", "sends messages (twilio)"),
    _rule(
        r"(?:requests|httpx|aiohttp|urllib3?|urllib2|http\.client|httplib2?)\.(?!parse)",
        "makes HTTP requests ({root})",
    ),
    _rule(r"(?:ftplib|paramiko|pysftp|telnetlib|socket|websocket)\.", "opens connections ({root})"),
    _rule(
        r"(?:boto3|botocore|google\.cloud|azure|minio|firebase_admin)\.", "talks to a cloud service ({root})"
    ),
    _rule(
        r"(?:wget|gdown|kaggle|opendatasets|pooch|huggingface_hub|kagglehub)\.", "downloads files ({root})"
    ),
    _rule(r"(?:wandb|comet_ml|neptune|mlflow)\.", "reports to a tracking server ({root})"),
    _rule(r"tensorflow_hub\.", "downloads a network (tensorflow_hub)"),
)
SHELL_RULES: tuple[NetworkRule, ...] = (
    _rule(r"\b(curl|wget)\b", "runs {root} in a shell"),
    _rule(r"\b(git)\s+(?:clone|pull|push|fetch)\b", "runs {root} in a shell"),
    _rule(r"\b(pip3?)\s+install\b", "runs {root} in a shell"),
    _rule(r"\b(ssh|scp|rsync|sendmail|mailx?|kaggle|gsutil|aws)\s", "runs {root} in a shell"),
)


def find_network_use(traced: Trace) -> tuple[str, ...]:
    """Short phrases, one for each kind of use, in the order in which the code runs."""
    found = (phrase for use in traced.uses if use.call for phrase in _phrases(use, use.call))
    return tuple(dict.fromkeys(found))


def _phrases(use: Use, call: ast.Call) -> Iterator[str]:
    for path in sorted(use.paths):
        for rule in LIBRARY_RULES:
            if rule.pattern.match(path):
                yield rule.phrase.format(root=path.partition(".")[0].removesuffix("()"))
        yield from _keras_downloads(path, call)
    for command in shell_commands(use):
        for rule in SHELL_RULES:
            if match := rule.pattern.search(command):
                yield rule.phrase.format(root=match.group(1))
    if any(path.startswith("pandas.read_") for path in use.paths) and _has_address(call):
        yield "downloads files (pandas)"


def _keras_downloads(path: str, call: ast.Call) -> Iterator[str]:
    one = member(path)
    if not one.is_keras:
        return
    if re.fullmatch(r"utils\.(?:data_utils\.)?get_file", one.inner):
        yield "downloads files (keras.utils.get_file)"
    elif re.fullmatch(r"applications\.(?:\w+\.)?[A-Z]\w+", one.inner) and _pretrained(call):
        yield f"downloads the pretrained weights of {one.name}"


def _pretrained(call: ast.Call) -> bool:
    weights = [keyword.value for keyword in call.keywords if keyword.arg == "weights"]
    weights = weights or call.args[1:2]
    return not weights or any(isinstance(one, ast.Constant) and one.value == "imagenet" for one in weights)


def _has_address(call: ast.Call) -> bool:
    texts = [inner.value for inner in ast.walk(call) if isinstance(inner, ast.Constant)]
    return any(isinstance(text, str) and re.match(r"(?:https?|ftp)://", text) for text in texts)

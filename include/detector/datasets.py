"""Which data sets the code loads: those of libraries, and folders and files of the developer."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from include.detector.constants import text
from include.detector.frameworks import member
from include.detector.reached import Trace, Use

_FILE_READERS = re.compile(
    r"pandas\.read_\w+|numpy\.(?:load|loadtxt|genfromtxt|fromfile)|scipy\.io\.loadmat|h5py\.File|cv2\.imread"
    r"|sklearn\.datasets\.load_(?:files|svmlight_file)|mnist\.MNIST|gzip\.open|tensorflow\.data\.\w+Dataset"
    r"|os\.(?:listdir|scandir|walk)|glob\.i?glob|imutils\.paths\.list_images|\w*input_data\.read_data_sets"
    r"|tensorflow\.examples\.tutorials\.mnist\.input_data\.read_data_sets|torchvision\.datasets\.ImageFolder"
)
_FOLDER_METHODS = frozenset(
    {"flow_from_directory", "image_dataset_from_directory", "text_dataset_from_directory", "from_folder"}
)
_FOLDER_KEYWORDS = ("directory", "path", "filepath_or_buffer", "file")


@dataclass(frozen=True)
class DataRule:
    """One kind of data set.

    Args:
        name: Short name, for tests.
        find: The data sets that a call loads.
    """

    name: str
    find: Callable[[Use, Trace], Iterator[str]]


def find_datasets(traced: Trace) -> tuple[str, ...]:
    """Data sets in the order in which they are loaded, each once."""
    found: dict[str, None] = {}
    for use in traced.uses:
        if use.call is not None:
            for rule in DATA_RULES:
                found.update(dict.fromkeys(rule.find(use, traced)))
    return tuple(found)


def _keras_datasets(use: Use, _traced: Trace) -> Iterator[str]:
    for path in sorted(use.paths):
        one = member(path)
        if one.is_keras and (match := re.fullmatch(r"datasets\.(\w+)\.(?:\w+\.)?load_data", one.inner)):
            yield f"keras.datasets.{match.group(1)}"


def _library_datasets(use: Use, traced: Trace) -> Iterator[str]:
    for path in sorted(use.paths):
        if path == "tensorflow_datasets.load":
            yield from (f"tensorflow_datasets:{name}" for name in _first_text(use, traced))
        elif re.fullmatch(r"sklearn\.datasets\.(?:load|fetch)_(?!files|svmlight)\w+", path) or re.fullmatch(
            r"torchvision\.datasets\.(?!ImageFolder|DatasetFolder)[A-Z]\w+", path
        ):
            yield path


def _folders(use: Use, traced: Trace) -> Iterator[str]:
    if use.method in _FOLDER_METHODS:
        yield from _first_text(use, traced)


def _files(use: Use, traced: Trace) -> Iterator[str]:
    if any(_FILE_READERS.fullmatch(path) for path in use.paths):
        yield from _first_text(use, traced)


def _first_text(use: Use, traced: Trace) -> Iterator[str]:
    call = use.call
    if call is None:
        return
    named = [keyword.value for keyword in call.keywords if keyword.arg in _FOLDER_KEYWORDS]
    first = [argument for argument in call.args[:1] if not isinstance(argument, ast.Starred)]
    for argument in (first or named)[:1]:
        if name := text(argument, use.scope, traced.resolver):
            yield name


DATA_RULES: tuple[DataRule, ...] = (
    DataRule("keras.datasets", _keras_datasets),
    DataRule("a library's data set", _library_datasets),
    DataRule("a folder", _folders),
    DataRule("a file", _files),
)

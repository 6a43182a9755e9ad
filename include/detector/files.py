"""Which files the code writes its accuracy and its model to, and which absolute paths stand in it."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator

from include.detector.bindings import Assigned, Scope
from include.detector.constants import text
from include.detector.frameworks import member
from include.detector.reached import Trace, Use

_OPENERS = frozenset({"builtins.open", "io.open", "codecs.open"})
_SAVERS_OF_TEXT = frozenset({"numpy.savetxt", "numpy.ndarray.tofile"})
_ACCURACY_NAME = re.compile(r"acc|accuracy|score|result|metric", re.IGNORECASE)
_ACCURACY_SOURCE = re.compile(r"acc|score|evaluat", re.IGNORECASE)
_TEXT_SUFFIXES = frozenset(
    {"", ".txt", ".csv", ".json", ".log", ".dat", ".data", ".yaml", ".yml", ".tsv", ".out"}
)
_MODEL_SUFFIXES = frozenset(
    {".h5", ".hdf5", ".keras", ".tf", ".pb", ".ckpt", ".pt", ".pth", ".model", ".hdf", ".onnx", ".tflite"}
)
_MODEL_METHODS = frozenset({"save", "save_weights", "save_model", "export"})
_OTHER_SAVERS = ("numpy.", "PIL.", "matplotlib.", "pandas.", "cv2.")
_REDIRECT = re.compile(r">{1,2}\s*['\"]?([\w./~-]+)")
_SHELLS = frozenset(
    [
        "os.system",
        "os.popen",
        "subprocess.run",
        "subprocess.call",
        "subprocess.Popen",
        "subprocess.check_call",
        "subprocess.getoutput",
        "subprocess.check_output",
        "subprocess.getstatusoutput",
    ]
)
_ABSOLUTE = re.compile(r"(?:/(?=[. ]*[\w@+~-])[\w.@+~ -]++)++/?|[A-Za-z]:[\\/][^\n:*?\"<>|]*")
_ABSOLUTE_IN_SHELL = re.compile(r"(?<![\w.:/~])(?:/[\w.@+~-]++)++/?")
_ROUTES = frozenset({"route", "get", "post", "add_url_rule", "add_resource", "path"})


def accuracy_files(traced: Trace) -> tuple[str, ...]:
    """Files that an accuracy is written to, by their name or by what is written, as spelled in the code."""
    written = [(name, use) for use in traced.uses if use.call for name in _written(use, use.call, traced)]
    handles = _handles_given_accuracy(traced)
    chosen = [
        name
        for name, use in written
        if posixpath.splitext(name)[1].lower() in _TEXT_SUFFIXES
        and (_ACCURACY_NAME.search(posixpath.basename(name)) or use.node in handles or _says_accuracy(use))
    ]
    return tuple(dict.fromkeys(chosen))


def _written(use: Use, call: ast.Call, traced: Trace) -> Iterator[str]:
    if (
        (use.paths & _OPENERS and call.args and _writes(call, 1, use.scope, traced))
        or (use.paths & _SAVERS_OF_TEXT and call.args)
        or (use.method in {"to_csv", "tofile"} and call.args)
    ):
        yield from _named(call.args[0], use, traced)
    elif use.method == "write_text" or (use.method == "open" and _writes(call, 0, use.scope, traced)):
        if isinstance(call.func, ast.Attribute) and not use.paths & _OPENERS:
            yield from _named(call.func.value, use, traced)
    elif use.paths & _SHELLS:
        for command in _texts(call):
            yield from _REDIRECT.findall(command)


def _writes(call: ast.Call, position: int, scope: Scope, traced: Trace) -> bool:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "mode"]
    given += call.args[position : position + 1]
    mode = text(given[0], scope, traced.resolver) if given else "r"
    return mode is not None and any(letter in mode for letter in "wax+")


def _named(node: ast.expr, use: Use, traced: Trace) -> Iterator[str]:
    name = text(node, use.scope, traced.resolver)
    if name:
        yield name


def _says_accuracy(use: Use) -> bool:
    """What is written names an accuracy: `np.savetxt(path, [accuracy])`, `Path(p).write_text(str(score))`."""
    if use.call is None or use.paths & _OPENERS:
        return False
    others = use.call.args if use.method == "write_text" else use.call.args[1:]
    return any(_ACCURACY_SOURCE.search(ast.unparse(argument)) for argument in others)


def _handles_given_accuracy(traced: Trace) -> set[ast.expr]:
    """The `open(…)` calls whose handle gets an accuracy: `f.write(str(accuracy))`, `print(acc, file=f)`."""
    opened: set[ast.expr] = set()
    for use in traced.uses:
        if use.call is None or use.how != "called":
            continue
        handle = _handle(use, use.call)
        arguments = [argument for argument in use.call.args if argument is not handle]
        if handle is not None and any(
            _ACCURACY_SOURCE.search(ast.unparse(argument)) for argument in arguments
        ):
            opened |= _opened_by(handle, use.scope)
    return opened


def _handle(use: Use, call: ast.Call) -> ast.expr | None:
    if use.method in {"write", "writelines"} and isinstance(call.func, ast.Attribute):
        return call.func.value
    if "builtins.print" in use.paths:
        return next((keyword.value for keyword in call.keywords if keyword.arg == "file"), None)
    if use.paths & {"json.dump", "yaml.dump"} and len(call.args) > 1:
        return call.args[1]
    return None


def _opened_by(handle: ast.expr, scope: Scope) -> set[ast.expr]:
    if isinstance(handle, ast.Call):
        return {handle}
    if not isinstance(handle, ast.Name):
        return set()
    for level in scope.chain():
        if handle.id in level.bindings:
            opened = [one.value for one in level.bindings[handle.id] if isinstance(one, Assigned)]
            before = [value for value in opened if value.lineno <= handle.lineno]
            return {max(before, key=lambda value: value.lineno)} if before else set(opened)
    return set()


def model_files(traced: Trace) -> tuple[str, ...]:
    """Files a network is saved to, as spelled in the code."""
    found = (name for use in traced.uses if use.call for name in _saved(use, use.call, traced))
    return tuple(dict.fromkeys(found))


def _saved(use: Use, call: ast.Call, traced: Trace) -> Iterator[str]:
    if use.how != "called" or any(path.startswith(_OTHER_SAVERS) for path in use.paths):
        return
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    arguments = [*call.args[:2], *(given[name] for name in ("filepath", "path", "f") if name in given)]
    is_save = use.method in _MODEL_METHODS
    if not is_save and use.method != "ModelCheckpoint":
        return
    keras = [one for one in map(member, use.paths) if one.is_keras]
    of_keras = any(not one.inner.startswith(("utils.", "preprocessing.")) for one in keras)
    for argument in arguments:
        name = text(argument, use.scope, traced.resolver)
        if name and (of_keras or _is_model_name(name, known=bool(use.paths))):
            yield name


def _is_model_name(name: str, *, known: bool) -> bool:
    suffix = posixpath.splitext(name)[1].lower()
    return suffix in _MODEL_SUFFIXES or (known and not suffix)


def absolute_paths(traced: Trace) -> tuple[str, ...]:
    """Absolute paths in code that runs, also inside shell commands, in source order."""
    routes = {
        argument
        for use in traced.uses
        if use.call and use.method in _ROUTES
        for argument in use.call.args[:1]
    }
    ignored = routes | {node.value for node, _, _ in traced.nodes if isinstance(node, ast.Expr)}
    found: dict[str, None] = {}
    for node, _, _ in traced.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in ignored:
            found.update(dict.fromkeys(_paths_in(node.value)))
    return tuple(found)


def _paths_in(value: str) -> list[str]:
    if len(value) > 4096 or "\n" in value:
        return []
    if _ABSOLUTE.fullmatch(value):
        return [value] if not value.startswith(("//", "/dev/")) else []
    found = _ABSOLUTE_IN_SHELL.findall(value) if re.match(r"[\w./-]+\s", value) else []
    return [path for path in found if not path.startswith("/dev/")]


def _texts(call: ast.Call) -> Iterator[str]:
    for inner in ast.walk(call):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def shell_commands(use: Use) -> list[str]:
    """Literal texts of a call that runs a command, else nothing."""
    return list(_texts(use.call)) if use.call is not None and use.paths & _SHELLS else []

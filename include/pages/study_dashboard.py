"""Optuna Dashboard for one study, below an address of ours: its answers, and its page made to live there."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any
from wsgiref.util import setup_testing_defaults

from optuna.storages import BaseStorage

from include.pages.study_view import StudyView

# Of all its routes, those that only read one study. What it would write is refused by the view as well.
_READABLE = re.compile(
    r"/api/meta|/api/studies(?:/(?P<study>\d+)(?:/param_importances|/plot/[a-z_]{1,40})?)?|/csv/(?P<csv>\d+)"
)
BUNDLE, PAGE = "/static/bundle.js", re.compile(r"/dashboard(?:/.*)?")
_KEPT = 16
# The bundle believes to live at the root of its server. Its root and theme come from its page instead.
_ROOT = 'document.getElementById("dashboard").dataset.root'
_THEME = "document.documentElement.dataset.theme"
_CHANGES = (
    ('color_mode:void 0,environment:"optuna-dashboard",url_prefix:"/dashboard"',
     f'color_mode:{_THEME},environment:"optuna-dashboard",url_prefix:{_ROOT}+"/dashboard"'),
    ("}}(void 0)", f"}}}}({_ROOT})"),
    ("`/csv/${e.id}?trial_ids=${a.join()}`:`/csv/${e.id}`",
     f"`${{{_ROOT}}}/csv/${{e.id}}?trial_ids=${{a.join()}}`:`${{{_ROOT}}}/csv/${{e.id}}`"),
)  # fmt: skip

# Its parallel coordinates need `eval` (WebGL), its widgets style elements: on its own page only.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src blob:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)


class DashboardChanged(RuntimeError):
    """The installed Optuna Dashboard is not built as this module knows it."""

    def __init__(self, wanted: str, found: int) -> None:
        super().__init__(
            f"Optuna Dashboard's bundle has {found} places like {wanted!r} where one is expected; "
            "pin the version of requirements.txt, or adapt include/pages/study_dashboard.py"
        )


class NotReadable(LookupError):
    """An address of the dashboard that reads nothing of this study."""


@dataclass(frozen=True)
class Answer:
    """What the dashboard answers."""

    status: int
    headers: dict[str, str]
    body: bytes


# Of a study whose code has nothing to tune; the dashboard itself would divide by the number of parameters.
_NO_IMPORTANCES = Answer(200, {"Content-Type": "application/json"}, b'{"param_importances":[[]]}')


class Dashboards:
    """Optuna Dashboard, one application for each study that was looked at lately.

    Args:
        storage: The storage with all studies.
    """

    def __init__(self, storage: Callable[[], BaseStorage]) -> None:
        self._storage = storage
        self._application = lru_cache(_KEPT)(self._make)

    def get(self, study: int, name: str, path: str, query: str) -> Answer:
        """Answer a GET request.

        Args:
            study: Number of the study.
            name: Its name.
            path: What is asked for, as the dashboard spells it, such as `/api/studies/1`.
            query: The query string.

        Raises:
            NotReadable: it is no address that reads this study.
        """
        match = _READABLE.fullmatch(path)
        asked = match and (match["study"] or match["csv"])
        if match is None or (asked and int(asked) != study):
            raise NotReadable(path)
        if path.endswith("/param_importances") and not self._has_parameters(study):
            return _NO_IMPORTANCES
        return _call(self._application(study, name), path, query)

    def _has_parameters(self, study: int) -> bool:
        return any(trial.params for trial in self._storage().get_all_trials(study, deepcopy=False))

    def _make(self, study: int, name: str) -> Any:
        from optuna_dashboard import wsgi  # 0.3 s that only those pay who look at it

        return wsgi(StudyView(self._storage(), study, name))


@lru_cache(1)
def bundle() -> bytes:
    """The dashboard's program, gzipped, with its root and theme taken from its page (about a second, once).

    Raises:
        DashboardChanged: another version is installed than this was written for.
    """
    text = (files("optuna_dashboard") / "public" / "bundle.js").read_text(encoding="utf-8")
    for wanted, instead in _CHANGES:
        if (found := text.count(wanted)) != 1:
            raise DashboardChanged(wanted, found)
        text = text.replace(wanted, instead)
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)


def _call(application: Any, path: str, query: str) -> Answer:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_ACCEPT_ENCODING": "identity",
        "wsgi.input": io.BytesIO(),
    }
    setup_testing_defaults(environ)
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], *_trouble: object) -> Callable[[bytes], object]:
        begun.append((status, headers))
        return lambda _piece: None

    chunks: Iterable[bytes] = application(environ, start)
    body = b"".join(chunks)
    status, headers = begun[-1]
    return Answer(int(status.partition(" ")[0]), dict(headers), body)

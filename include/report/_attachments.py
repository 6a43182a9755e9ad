"""The files that travel with a mail: byte for byte, and none so large that a server refuses it."""

import json

from include.report.message import Attachment
from include.report.report import ExperimentReport

MOST_BYTES = 512_000


def winning_files(report: ExperimentReport, chart: bytes | None) -> tuple[Attachment, ...]:
    """What it takes to use the best trial: its input file or its values, its patch, and the chart."""
    files = []
    if report.best_trial is not None:
        if report.input_text is not None or report.winning_values:
            files.append(_values(report))
        if report.patch:
            files.append(Attachment("winning.patch", _bytes(report.patch), "text/x-diff"))
    if chart is not None:
        files.append(Attachment("chart.png", chart, "image/png"))
    # A cut patch or input file would be worse than none; the mail names the folder where it is whole.
    return tuple(file for file in files if file.data and len(file.data) <= MOST_BYTES)


def _values(report: ExperimentReport) -> Attachment:
    if report.input_text is not None:
        return Attachment("input.txt", _bytes(report.input_text), "text/plain")
    values = json.dumps(dict(report.winning_values), indent=2, sort_keys=True) + "\n"
    return Attachment("hyperparameters.json", values.encode("utf-8"), "application/json")


def text_file(name: str, text: str) -> Attachment:
    """A log or traceback; of a very long one the end, where the cause stands."""
    return Attachment(name, _bytes(text)[-MOST_BYTES:], "text/plain")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape" if not _has_other_surrogates(text) else "replace")


def _has_other_surrogates(text: str) -> bool:
    # Only U+DC80 to U+DCFF stand for bytes that were no UTF-8.
    return any("\ud800" <= c <= "\udfff" and not "\udc80" <= c <= "\udcff" for c in text)

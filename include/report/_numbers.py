"""Numbers as a person reads them."""

from datetime import UTC, datetime

from include.report._text import one_line
from include.report.report import Value

_DASH = "–"


def accuracy(value: float | None, digits: int = 3) -> str:
    """A fraction with three decimals, or a dash."""
    return _DASH if value is None else f"{value:.{digits}f}"


def against(value: float, target: float) -> str:
    """`0.981 ≥ 0.970`, with as many decimals as it takes to see that two unequal numbers differ."""
    for digits in range(3, 9):
        left, right = accuracy(value, digits), accuracy(target, digits)
        if left != right or value == target:
            break
    return f"{left} {'≥' if value >= target else '<'} {right}"


def gain(before: float, after: float) -> str:
    """The signed difference of two accuracies, `+0.239` or `−0.010`."""
    return f"{'−' if after < before else '+'}{abs(after - before):.3f}"


def pushed(state: str) -> str:
    """What the accuracy of the pushed values is called, by how their trial ended."""
    return "as pushed, ended early" if state == "pruned" else "as pushed"


def duration(seconds: float | None) -> str:
    """`8.4 s`, `42 s`, `4 min 12 s` or `1 h 03 min`."""
    if seconds is None:
        return _DASH
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def moment(iso: str) -> str:
    """`2026-11-23 09:31 UTC`; what is no ISO 8601 stays as it is."""
    try:
        return datetime.fromisoformat(iso).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    except ValueError:
        return one_line(iso, 60)


def value(content: Value | None) -> str:
    """One hyper-parameter, short; a dash where there is none."""
    if content is None:
        return _DASH
    return f"{content:.6g}" if isinstance(content, float) else one_line(str(content), 60)


def count(number: int, noun: str) -> str:
    """`1 trial`, `6 trials`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

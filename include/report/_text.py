"""Text that came from a push, made fit to be shown: visible, bounded, on as many lines as it may have."""

import re
import unicodedata
from collections.abc import Iterable

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,500}(?:\x07|\x1b\\)")
_SPACE = re.compile(r"\s+")


def visible(text: str) -> str:
    """Text without anything that hides or reorders other text; line feeds and tabs stay.

    Terminal colours go; other control characters, text-direction overrides and lone surrogates (file names
    that are not UTF-8) become U+FFFD: what is read is what is there, and the mail can always be encoded.
    """
    text = _ANSI.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c if c in "\n\t" or _shown(c) else "\ufffd" for c in text)


def _shown(character: str) -> bool:
    # Control, format (text direction, zero width), surrogate, line separator, paragraph separator.
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def one_line(text: str, limit: int = 200) -> str:
    """The text on one line of at most `limit` characters, whatever white space it had."""
    line = _SPACE.sub(" ", visible(text[: limit * 8])).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def paragraph(text: str, limit: int) -> str:
    """The text with its line ends, of at most `limit` characters."""
    shown = visible(text[: limit * 2]).strip()
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def last_lines(lines: Iterable[str], count: int, width: int = 200) -> list[str]:
    """The last lines of a log, each cut at `width` characters."""
    split = [part for line in lines for part in visible(line[: width * 4]).rstrip("\n").split("\n")]
    return [_cut(line, width) for line in split[-count:]]


def head_and_tail(text: str, lines: int, width: int = 200) -> str:
    """The first and the last lines of a long text, with the number of lines left out between them."""
    rows = [_cut(row, width) for row in visible(text).strip("\n").split("\n")]
    if len(rows) <= lines:
        return "\n".join(rows)
    head = lines // 4
    left_out = len(rows) - lines
    return "\n".join([*rows[:head], f"… {left_out} lines left out …", *rows[len(rows) - (lines - head) :]])


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 1] + "…"


def web_link(url: str | None) -> str | None:
    """The address if a browser would open a web page with it; a link from a push may hide a script."""
    clean = url is not None and re.fullmatch(r"https?://[^\s\x00-\x1f\"'<>\\]{1,2000}", url)
    return url if clean else None

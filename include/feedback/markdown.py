"""Text that came from a push, made harmless in GitHub's Markdown: shown as it is, linking and calling nobody.

Two things act on text. The Markdown parser gives meaning to punctuation; a character reference (`&#42;`)
never has any (CommonMark 0.31, section 2.5). After it, GitHub's own filters turn names, numbers and addresses
of the finished text into mentions, references and links; a zero-width space in them keeps the filters off.
"""

import re

from include.report._text import one_line, visible

# Not the marks that end sentences and enclose words: they mean something only beside one of these, or behind
# the number of a list at the start of a line. The rest stays readable in mails that show the source.
_PUNCTUATION = re.compile(r"[!#$&*+:<=>@\[\\\]^_`{|}~-]")
_NUMBER = re.compile(r"^(\d+)([.)])")
_APART = "\u200b"
# What GitHub's filters look for: @name, #1, GH-1, https://…, www.…, name@host, :emoji:
_LINKED = re.compile(r"[@#]|:(?=[\w/+-])|(?<=www)\.|(?<=GH)-", re.IGNORECASE)


def text(content: object, limit: int = 300) -> str:
    """One line of text that means nothing but itself, at any place of a page, in a cell of a table too.

    Args:
        content: Anything; shown as `str` shows it.
        limit: The most characters that are shown of it.
    """
    shown = _PUNCTUATION.sub(lambda match: f"&#{ord(match[0])};", plain(content, limit))
    return _NUMBER.sub(lambda match: f"{match[1]}&#{ord(match[2])};", shown)


def code(content: object, limit: int = 200) -> str:
    """The same in the typeface of code."""
    return f"<code>{text(content, limit)}</code>"


def plain(content: object, limit: int = 300) -> str:
    """One line for titles and commit messages, which are no Markdown but are searched for names all the same.

    Args:
        content: Anything; shown as `str` shows it.
        limit: The most characters that are shown of it.
    """
    return _LINKED.sub(lambda match: match[0] + _APART, one_line(str(content), limit))


def block(content: str, language: str = "", lines: int = 200) -> str:
    """A fenced block of many lines; nothing in it can end it.

    Args:
        content: The lines.
        language: What GitHub colours it as.
        lines: The most lines that are shown.
    """
    rows = visible(content).rstrip("\n").split("\n")
    shown = [row if len(row) <= 300 else row[:299] + "…" for row in rows[:lines]]
    if len(rows) > lines:
        shown.append(f"… {len(rows) - lines} lines more")
    longest = max((len(run) for row in shown for run in re.findall(r"`+", row)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *shown, fence])


def link(label: str, url: str) -> str:
    """A link; `url` must have passed `include.report._text.web_link`."""
    return f"[{text(label)}](<{url}>)"

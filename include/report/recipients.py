"""Who gets a mail: the commit's author where that is a mailbox, and whom the operator configured."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from include.report._text import one_line

# Mailboxes that nobody reads, as GitHub, GitLab and their Enterprise editions spell them.
_NO_REPLY_USER = re.compile(r"(do[-_.]?not|no)[-_.]?reply([-_.+].*)?", re.IGNORECASE)
_NO_REPLY_HOST = re.compile(r"(.*\.)?(do-?not|no)-?reply(\..*)?", re.IGNORECASE)
# Git makes up `user@host.local` and the like where no address is configured.
_MADE_UP_HOST = re.compile(r".*\.(local|localdomain|lan|internal|invalid|\(none\))", re.IGNORECASE)
_GLOBAL = ".example.org"
_MOST_REFUSALS = 5


@dataclass(frozen=True)
class Recipients:
    """Addresses, and a sentence on how they came about that is worth a log line."""

    addresses: tuple[str, ...]
    explanation: str


@dataclass(frozen=True)
class Wished:
    """Addresses that a push named: those at domains that the operator allows, and the others."""

    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def refusals(self) -> tuple[str, ...]:
        """A sentence for each refused address, for the developer; of very many for the first."""
        sentences = [
            f"tweak.yaml: `recipients` {one_line(address, 80)} gets no mail: the operator's "
            "`recipient_domains` don't have its domain"
            for address in self.refused[:_MOST_REFUSALS]
        ]
        more = len(self.refused) - len(sentences)
        return (*sentences, *([f"tweak.yaml: {more} more `recipients` get no mail"] if more else []))


def sort_by_domain(addresses: Iterable[str], domains: Iterable[str]) -> Wished:
    """Sort the addresses that a push names by what the operator allows.

    Args:
        addresses: From the push; invalid ones are among the refused.
        domains: Allowed domains, where `*` stands for any characters; none allow nobody.
    """
    patterns = [domain.casefold() for domain in domains]
    allowed: list[str] = []
    refused: list[str] = []
    for address in addresses:
        host = (_normal(address) or "@").rpartition("@")[2].casefold()
        fits = bool(host) and any(fnmatchcase(host, pattern) for pattern in patterns)
        (allowed if fits else refused).append(address)
    return Wished(tuple(allowed), tuple(refused))


def choose_recipients(
    author: str | None, configured: Iterable[str] = (), fallback: Iterable[str] = ()
) -> Recipients:
    """Decide who gets the mails of an experiment.

    Args:
        author: The commit author's address as git has it, or None where the author is not to be told.
        configured: The repository's configured recipients; invalid ones are left out and named.
        fallback: The operator's own addresses, used when nobody else is left.
    """
    notes: list[str] = []
    addresses = [] if author is None else _take_author(author, notes)
    valid = _take_valid(configured, notes)
    if valid:
        addresses += valid
        notes.append("the configured recipients")
    if not addresses:
        addresses = _take_valid(fallback, notes)
        notes.append("so the operator" if addresses else "no operator's address is configured")
    unique: dict[str, str] = {}
    for address in addresses:
        unique.setdefault(address.casefold(), address)
    chosen = tuple(unique.values())
    return Recipients(chosen, f"mail goes to {', '.join(chosen) or 'nobody'}: {', '.join(notes)}")


def _take_author(author: str, notes: list[str]) -> list[str]:
    address = _normal(author)
    user, _, host = author.strip().rpartition("@")
    if not author.strip():
        refusal = "no address"
    elif _NO_REPLY_USER.fullmatch(user) or _NO_REPLY_HOST.fullmatch(host):
        refusal = "a no-reply address"
    elif "." not in host or _MADE_UP_HOST.fullmatch(host):
        refusal = "made up by git, no mailbox"
    elif address is None:
        refusal = "no valid address"
    else:
        notes.append("the commit's author")
        return [address]
    notes.append(f"not the author {one_line(author, 80)!r} ({refusal})")
    return []


def _take_valid(addresses: Iterable[str], notes: list[str]) -> list[str]:
    valid = []
    for address in addresses:
        normal = _normal(address)
        if normal is None:
            notes.append(f"not {one_line(address, 80)!r} (no valid address)")
        else:
            valid.append(normal)
    return valid


def _normal(address: str) -> str | None:
    """The address with its host in ASCII, or None where it is no address."""
    from email_validator import EmailNotValidError, validate_email  # slow to import, needed once a mail

    try:
        # The suffix keeps the library from refusing hosts that only a company's own network knows (`.local`);
        # whether a mailbox exists is for the mail server to say.
        checked = validate_email(
            address.strip() + _GLOBAL, check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except EmailNotValidError:
        return None
    return (checked.ascii_email or "").removesuffix(_GLOBAL) or None

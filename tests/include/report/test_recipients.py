"""Who gets a mail, and the sentence that says why."""

import pytest

from include.report import choose_recipients
from include.report.recipients import sort_by_domain


@pytest.mark.parametrize(
    "author",
    [
        "ada@users.noreply.github.com",
        "1234+ada@users.noreply.github.com",
        "49699333+dependabot[bot]@users.noreply.github.com",
        "noreply@github.com",
        "no-reply@example.org",
        "NO_REPLY@example.org",
        "do-not-reply@example.org",
        "noreply+tag@example.org",
        "ada@users.noreply.github.example.org",
        "ada@noreply.gitlab.com",
    ],
)
def test_a_no_reply_address_is_never_written_to(author: str) -> None:
    found = choose_recipients(author, ["team@example.org"])
    assert found.addresses == ("team@example.org",)
    assert "(a no-reply address)" in found.explanation


@pytest.mark.parametrize(
    ("author", "because"),
    [
        ("", "no address"),
        ("ada", "made up by git"),
        ("root@localhost", "made up by git"),
        ("ada@MacBook.local", "made up by git"),
        ("ada@host.(none)", "made up by git"),
        ("ada@@example.org", "no valid address"),
        ("ada@example.org\nBcc: eve@example.org", "no valid address"),
        ("ada@example.org, eve@example.org", "no valid address"),
        ("Ada <ada@example.org>", "no valid address"),
        ("ada lovelace@example.org", "no valid address"),
        ("ada@[127.0.0.1]", "no valid address"),
    ],
)
def test_an_author_without_a_mailbox_is_left_out_and_said_so(author: str, because: str) -> None:
    found = choose_recipients(author, fallback=["ops@example.org"])
    assert found.addresses == ("ops@example.org",)
    assert because in found.explanation
    assert "so the operator" in found.explanation
    assert "\n" not in found.explanation


@pytest.mark.parametrize(
    "author", ["ada@example.org", "norepl@example.org", "reply-no@example.org", "a.b+c@x.test"]
)
def test_the_author_comes_first(author: str) -> None:
    found = choose_recipients(author, ["team@example.org"], ["ops@example.org"])
    assert found.addresses == (author, "team@example.org")


def test_nobody_gets_two_copies() -> None:
    found = choose_recipients("Ada@Example.org", ["ada@example.org", "b@e.org", "b@e.org"])
    assert found.addresses == ("Ada@example.org", "b@e.org")


def test_an_author_who_is_not_to_be_told_is_not_mentioned() -> None:
    found = choose_recipients(None, ["team@example.org"])
    assert found.explanation == "mail goes to team@example.org: the configured recipients"


@pytest.mark.parametrize("address", ["ops@corp", "ops@mail.corp.local", "root@localhost"])
def test_an_operator_may_name_a_host_that_only_the_company_knows(address: str) -> None:
    assert choose_recipients(None, [address]).addresses == (address,)
    assert choose_recipients(None, fallback=[address]).addresses == (address,)


def test_a_host_in_another_script_is_written_so_that_any_server_takes_it() -> None:
    assert choose_recipients("m@exämple.org").addresses == ("m@xn--exmple-cua.org",)


def test_when_nobody_is_left_it_says_what_is_missing() -> None:
    found = choose_recipients("noreply@github.com", ["broken"])
    assert found.addresses == ()
    assert "not 'broken' (no valid address)" in found.explanation
    assert "no operator's address is configured" in found.explanation


@pytest.mark.parametrize(
    ("address", "domains", "fits"),
    [
        ("bob@example.org", ["example.org"], True),
        ("bob@EXAMPLE.org", ["Example.ORG"], True),
        ("bob@example.org", [], False),
        ("bob@mail.example.org", ["example.org"], False),
        ("bob@mail.example.org", ["*.example.org"], True),
        ("bob@example.org", ["*.example.org"], False),
        ("bob@notexample.org", ["example.org", "*.example.org"], False),
        ("bob@example.org.evil.test", ["example.org", "*.example.org"], False),
        ("bob@evil.test@example.org", ["example.org"], False),
        ("bob@example.org, eve@evil.test", ["*"], False),
        ("bob", ["*"], False),
        ("bob@evil.test", ["*"], True),
    ],
)
def test_a_push_names_only_addresses_at_allowed_domains(address: str, domains: list[str], fits: bool) -> None:
    wished = sort_by_domain([address], domains)
    assert (wished.allowed, wished.refused) == (((address,), ()) if fits else ((), (address,)))
    assert len(wished.refusals) == (0 if fits else 1)


def test_of_many_refused_addresses_the_first_are_named() -> None:
    wished = sort_by_domain([f"u{n}@evil.test" for n in range(50)], ["example.org"])
    assert len(wished.refusals) == 6
    assert wished.refusals[-1] == "tweak.yaml: 45 more `recipients` get no mail"

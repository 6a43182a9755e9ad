"""The REST client logs in by itself and takes no busy database for an answer."""

from collections.abc import Iterator

import httpx
import pytest

from ops import airflow_api
from ops.airflow_api import AirflowApi, AirflowApiError, AirflowSilentError

BUSY = httpx.Response(500, json={"detail": {"reason": "Database error"}})


def api_that_answers(*answers: httpx.Response | httpx.TransportError) -> tuple[AirflowApi, list[str]]:
    """A client of a server with prepared answers; the list fills with the requests it got."""
    left: Iterator[httpx.Response | httpx.TransportError] = iter(answers)
    seen: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url.path} {request.headers.get('Authorization', '-')}")
        if request.url.path == "/auth/token":
            number = sum("/auth/token" in entry for entry in seen)
            return httpx.Response(201, json={"access_token": f"token{number}"})
        answer = next(left)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    return AirflowApi("http://a.example", "admin", "pw", transport=httpx.MockTransport(serve)), seen


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry at once."""
    monkeypatch.setattr(airflow_api, "_PAUSE", 0.0)


def test_it_logs_in_before_the_first_request() -> None:
    api, seen = api_that_answers(httpx.Response(200, json={"x": 1}), httpx.Response(204))
    assert (api.get("dags"), api.patch("/dags/a", {})) == ({"x": 1}, {})
    assert seen == [
        "POST /auth/token -",
        "GET /api/v2/dags Bearer token1",
        "PATCH /api/v2/dags/a Bearer token1",
    ]


def test_an_expired_token_is_renewed() -> None:
    api, seen = api_that_answers(httpx.Response(401), httpx.Response(200, json={"x": 1}))
    assert api.get("dags") == {"x": 1}
    assert seen[-1] == "GET /api/v2/dags Bearer token2"


def test_a_busy_database_is_asked_again() -> None:
    api, _ = api_that_answers(BUSY, BUSY, httpx.Response(200, json={"x": 1}))
    assert api.post("dags/a/dagRuns", {}) == {"x": 1}


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ([BUSY] * airflow_api._TRIES, 500),
        ([httpx.Response(500, text="something else")], 500),
        ([httpx.Response(409, text="exists: Database error")], 409),
    ],
)
def test_a_refusal_is_raised_with_what_airflow_said(answers: list[httpx.Response], status: int) -> None:
    api, _ = api_that_answers(*answers)
    with pytest.raises(
        AirflowApiError, match=rf"POST http://a\.example/api/v2/pools: Airflow answered {status}"
    ) as error:
        api.post("pools", {})
    assert error.value.status == status


def test_a_question_without_an_answer_is_asked_again_and_an_order_is_not_given_twice() -> None:
    silent = httpx.ReadTimeout("timed out")
    api, _ = api_that_answers(silent, silent, httpx.Response(200, json={"x": 1}), silent)
    assert api.get("dags") == {"x": 1}
    with pytest.raises(AirflowSilentError, match=r"POST http://a\.example/api/v2/pools: no answer"):
        api.post("pools", {})

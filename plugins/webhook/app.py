"""The application that GitHub calls: no login, but nothing without a signature that is verified."""

from functools import cache

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from include.settings import Settings
from include.webhook import MOST_BYTES, Answer, Deliveries, Receiver
from plugins.webhook.sources import RecentSources
from plugins.webhook.starting import AssetUnknown, start_push

# Without the pages that describe an application: there is nothing here for a browser.
app = FastAPI(title="GitHub webhook", docs_url=None, redoc_url=None, openapi_url=None)


@cache
def receiver() -> Receiver:
    """The receiver of this installation, which remembers across requests."""
    return Receiver(
        RecentSources(), Deliveries(Settings.from_environment().var / "webhook" / "deliveries"), start_push
    )


@app.post("/webhook")
async def webhook(request: Request) -> JSONResponse:
    """Take one request of GitHub's; a failure of ours is a 503, so that GitHub shows it and can repeat it."""
    body = await _body(request)
    if body is None:
        return _response(Answer(413, "the body is too large"))
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        return _response(await run_in_threadpool(receiver().receive, headers, body))
    except AssetUnknown as error:
        return _response(Answer(503, str(error)))


async def _body(request: Request) -> bytes | None:
    """The raw body; None as soon as it is too large."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > MOST_BYTES:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _response(answer: Answer) -> JSONResponse:
    return JSONResponse({"detail": answer.said}, answer.status)

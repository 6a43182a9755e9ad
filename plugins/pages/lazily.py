"""An ASGI application that is imported when it is first asked: only the api-server ever needs it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cached_property
from importlib import import_module
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Awaitable[None]]


class LazyApp:
    """Stands for the `app` of a module: Airflow loads plugins in all components, most of which serve no page.

    Args:
        module: Name of the module.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    @cached_property
    def app(self) -> Asgi:
        """The application itself."""
        found: Asgi = import_module(self._module).app
        _keep_what_is_loaded()
        return found

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hand over to the application; the import happens beside the server's event loop."""
        app = await asyncio.to_thread(lambda: self.app)
        await app(scope, receive, send)


def _keep_what_is_loaded() -> None:
    """Take what the server has loaded out of the garbage collector's sight.

    All of it, 600,000 objects of Airflow and of the pages, stays as long as the process does. Left in
    sight, it is walked through again every few dozen requests, and they all wait for that, 0.2 to 0.4 s.
    """
    gc.collect()
    gc.freeze()

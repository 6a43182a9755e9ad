"""An ASGI application that is imported when it is first asked: only the api-server ever needs it."""

from __future__ import annotations

import asyncio
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
        return found

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hand over to the application; the import happens beside the server's event loop."""
        app = await asyncio.to_thread(lambda: self.app)
        await app(scope, receive, send)

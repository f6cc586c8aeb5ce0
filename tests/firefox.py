"""Firefox, by WebDriver BiDi: opens an address, and evaluates JavaScript there."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

PATIENCE = 60  # seconds until it listens


class Tab:
    """The one tab of a Firefox that listens at `url`."""

    def __init__(self, run: Callable[..., Any], url: str) -> None:
        self._run, self._numbers = run, count(1)
        self._session, self._socket = run(connected(url))
        self._do("session.new", capabilities={})
        tree = self._do("browsingContext.getTree")
        self._context = tree["contexts"][0]["context"]

    def _do(self, method: str, **params: Any) -> Any:
        return self._run(self._call(method, params))

    async def _call(self, method: str, params: dict[str, Any]) -> Any:
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": params}
        await self._socket.send_json(command)
        while (answer := await self._socket.receive_json()).get("id") != number:
            pass  # an event
        assert answer["type"] == "success", answer
        return answer["result"]

    def goto(self, url: str) -> None:
        """Open `url`, and wait until it has loaded."""
        about = {"context": self._context, "wait": "complete"}
        self._do("browsingContext.navigate", url=url, **about)

    def evaluate(self, expression: str) -> Any:
        """Give the value of a JavaScript expression, or of its promise."""
        text = f"Promise.resolve({expression}).then((it) => JSON.stringify(it) ?? null)"
        about = {"target": {"context": self._context}, "awaitPromise": True}
        answer = self._do("script.evaluate", expression=text, **about)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"].get("value", "null"))

    def close(self) -> None:
        """Let go of the browser."""
        self._run(self._session.close())


async def connected(
    url: str,
) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
    """A session, and in it a connection to `url`."""
    session = aiohttp.ClientSession()
    return session, await session.ws_connect(url, max_msg_size=0)


@contextmanager
def loop_in_a_thread() -> Iterator[Callable[..., Any]]:
    """Give a function that runs a coroutine: Playwright's loop may have this thread."""
    loop = asyncio.Runner()
    with ThreadPoolExecutor(1) as thread:
        yield lambda coro: thread.submit(loop.run, coro).result()
        thread.submit(loop.close).result()


@contextmanager
def opened(path: str) -> Iterator[Tab]:
    """Start the Firefox at `path` without a window; end it afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [path, "--headless", "--no-remote", "--remote-debugging-port=0"]
        process = subprocess.Popen(
            [*command, "--profile", profile],
            env=os.environ | {"HOME": profile},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            where = Path(profile, "WebDriverBiDiServer.json")
            end = time.monotonic() + PATIENCE
            while not where.exists() or not where.read_text():
                assert time.monotonic() < end, "Firefox does not listen"
                time.sleep(0.1)
            server = json.loads(where.read_text())
            url = f"ws://{server['ws_host']}:{server['ws_port']}/session"
            with loop_in_a_thread() as run:
                tab = Tab(run, url)
                yield tab
                tab.close()
        finally:
            process.terminate()
            process.wait()

"""What a program in the page cannot do: harm the page, reach out, or go on."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest
from playwright.sync_api import Browser, Page, Route

from in_a_page import Runner

pytestmark = pytest.mark.xdist_group("limits")  # one Chromium for all
ALIVE = "import asyncio\nasyncio.run(asyncio.sleep(0.01))\nprint('alive')\n"


def still_runs(chromium: Runner) -> bool:
    """Whether the next program runs."""
    return chromium.run(ALIVE).run.stdout == "alive\n"


def test_a_flood_of_output_is_cut(chromium: Runner) -> None:
    """It is shown up to 400 kB, a sentence says so, and Ctrl-C ends the program."""
    seen = chromium.run("while True:\n    print('x' * 99)\n")
    assert 400_000 <= len(seen.stdout) < 500_000
    assert "the rest is not shown" in seen.notes[0]
    assert seen.status == 130
    assert still_runs(chromium)


def test_memory_ends_with_a_memory_error(chromium: Runner) -> None:
    """A list that grows for ever meets the limit; the program can say so."""
    seen = chromium.run("held = []\nwhile True:\n    held.append(bytes(10**6))\n")
    assert (seen.ended, seen.status) == ("done", 1)
    assert seen.stderr.endswith("MemoryError\n")
    assert still_runs(chromium)


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_endless_recursion_is_an_error(chromium: Runner, kind: str) -> None:
    """Of functions and of coroutines."""
    wait = "await " * (kind != "def")
    start = "asyncio.run(down())" if wait else "down()"
    text = f"import asyncio\n{kind} down():\n    {wait}down()\n{start}\n"
    seen = chromium.run(text)
    assert (seen.ended, seen.status) == ("done", 1)
    assert "RecursionError: maximum recursion depth exceeded" in seen.stderr
    assert still_runs(chromium)


def test_endless_tasks_can_be_stopped(chromium: Runner) -> None:
    """Tasks that make tasks: Ctrl-C ends them, or the memory does."""
    text = """
import asyncio
async def more():
    while True:
        tasks.append(asyncio.create_task(more()))
        await asyncio.sleep(0)
tasks = []
print("begun", flush=True)
asyncio.run(more())
"""
    seen = chromium.run(text, stops=["begun"])
    assert (seen.ended, seen.status) in {("done", 130), ("done", 1)}
    assert "KeyboardInterrupt" in seen.stderr or "MemoryError" in seen.stderr
    assert still_runs(chromium)


@pytest.mark.parametrize("call", ["os._exit(3)", "os.abort()"])
def test_the_end_of_the_process_is_not_that_of_the_page(
    chromium: Runner, call: str
) -> None:
    """The page is told that Python is gone."""
    seen = chromium.run(f"import os\nprint('before', flush=True)\n{call}\n")
    assert seen.stdout.startswith("before\n")
    assert seen.ended.startswith("crash: ")
    assert still_runs(chromium)


STOPPED = {
    "sleeps": ("import time\nprint('go')\ntime.sleep(60)\n", 130),
    "computes": ("print('go')\nwhile True:\n    pass\n", 130),
    "waits": (
        "import asyncio\nprint('go')\nasyncio.run(asyncio.sleep(60))\n",
        130,
    ),
    "joins": (
        "import threading, time\n"
        "thread = threading.Thread(target=time.sleep, args=[60], daemon=True)\n"
        "thread.start()\nprint('go')\nthread.join()\n",
        130,
    ),
    "handles": (
        "import asyncio, signal\n"
        "async def main():\n"
        "    came = asyncio.Event()\n"
        "    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, came.set)\n"
        "    print('go')\n"
        "    await came.wait()\n"
        "    print('handled')\n"
        "asyncio.run(main())\n",
        0,
    ),
}


@pytest.mark.parametrize("what", STOPPED)
def test_stop_is_a_ctrl_c_within_a_second(chromium: Runner, what: str) -> None:
    """A program that sleeps, computes, waits, joins or handles it."""
    text, status = STOPPED[what]
    seen = chromium.run(text, stops=["go\n"])
    assert (seen.ended, seen.status) == ("done", status)
    assert seen.seconds - seen.stopped[0] / 1000 < 1
    assert "KeyboardInterrupt" in seen.stderr or status == 0


def test_cleaning_up_may_take_its_time(chromium: Runner) -> None:
    """`finally` runs, cancellation too, as slowly as it likes."""
    text = """
import asyncio
async def main():
    try:
        print("go")
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(1.5)
        print("cleaned up")
asyncio.run(main())
"""
    seen = chromium.run(text, stops=["go\n"])
    assert seen.stdout == "go\ncleaned up\n"
    assert seen.status == 130


@pytest.mark.parametrize(
    "text",
    [
        "import asyncio\nasync def main():\n    print('go')\n"
        "    while True:\n        pass\nasyncio.run(main())\n",
        "import asyncio\nasync def main():\n    print('go')\n    while True:\n"
        "        try:\n            await asyncio.sleep(60)\n"
        "        except asyncio.CancelledError:\n            pass\n"
        "asyncio.run(main())\n",
    ],
    ids=["computes in a task", "swallows its cancellation"],
)
def test_what_does_not_react_is_ended(chromium: Runner, text: str) -> None:
    """It hangs on after Ctrl-C, as in a terminal; the end of the worker ends it."""
    seen = chromium.run(text, stops=["go\n"], deadline=3)
    assert seen.ended == "hangs"
    assert still_runs(chromium)


def test_without_stack_switching_threads_run_in_line(
    browser: Browser, runtime: str
) -> None:
    """One note says so; to_thread and executors end, a thread that waits is told."""

    def without_switching(route: Route) -> None:
        script = gzip.decompress(route.fetch().body())
        script = b"delete WebAssembly.Suspending;" + script
        route.fulfill(body=gzip.compress(script))

    text = """
import asyncio, queue, threading, time
from concurrent.futures import ThreadPoolExecutor
async def main():
    print(await asyncio.to_thread(threading.current_thread) is not None)
    with ThreadPoolExecutor(2) as pool:
        print(list(pool.map(len, ["a", "bc"])))
        try:
            await asyncio.get_running_loop().run_in_executor(pool, int, "x")
        except ValueError as error:
            print(error)
asyncio.run(main())
thread = threading.Thread(target=queue.Queue().get)
thread.start()
thread.join()
"""
    page = browser.new_page()
    page.route("**/worker.js.*.bin", without_switching)
    page.goto(runtime)
    seen = Runner(page.evaluate, runtime).run(text)
    page.close()
    invalid = "invalid literal for int() with base 10: 'x'"
    assert seen.stdout == f"True\n[1, 2]\n{invalid}\n"
    assert len(seen.notes) == 1
    assert "a thread runs in line" in seen.notes[0]
    assert "in line, a thread cannot wait for another one" in seen.stderr
    assert (seen.ended, seen.status) == ("done", 0)


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """A server elsewhere that lets everybody ask: its address, and what was asked."""
    asked: list[str] = []

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().decode())
            self.wfile.write(
                b"HTTP/1.0 200 OK\r\nAccess-Control-Allow-Origin: *\r\n\r\n"
            )

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


# What a worker could do, if a program got at its global object.
TRIES = {
    "fetch": "await fetch(`http://${there}/fetch`)",
    "fetch of the site": "await fetch(`${site}index.html`)",
    "XMLHttpRequest": (
        "const r = new XMLHttpRequest(); r.open('GET', `http://${there}/x`, false);"
        " r.send()"
    ),
    "WebSocket": (
        "await new Promise((yes, no) => { const s = new WebSocket(`ws://${there}/ws`);"
        " s.onopen = yes; s.onerror = no; })"
    ),
    "EventSource": (
        "await new Promise((yes, no) => { const s = new EventSource("
        "`http://${there}/es`); s.onopen = yes; s.onerror = no; })"
    ),
    "importScripts": "importScripts(`http://${there}/scripts.js`)",
    "import": "await import(`http://${there}/module.js`)",
    "a worker from elsewhere": (
        "await new Promise((yes, no) => { const w = new Worker("
        "`http://${there}/worker.js`); w.onerror = no; setTimeout(no, 500); })"
    ),
    "a worker of its own that asks": (
        "await new Promise((yes, no) => { const text = `fetch('http://${there}/own')"
        ".then(() => postMessage(1), () => postMessage(0))`;"
        " const w = new Worker(URL.createObjectURL(new Blob([text])));"
        " w.onmessage = ({ data }) => (data ? yes() : no()); w.onerror = no; })"
    ),
    "IndexedDB": "indexedDB.open('x')",
    "Cache": "await caches.open('x')",
    "the file system": "await navigator.storage.getDirectory()",
}


def test_a_worker_is_shut_in(
    browser: Browser, runtime: str, elsewhere: tuple[str, list[str]]
) -> None:
    """Even with its global object, a program finds no network and no storage."""
    there, asked = elsewhere
    page: Page = browser.new_page()
    page.goto(runtime)
    runner = Runner(page.evaluate, runtime)
    told: list[str] = []
    page.expose_function("tell", lambda text: told.append(text))
    page.evaluate(
        "addEventListener('message', (event) => tell(JSON.stringify(event.data)))"
    )
    assert still_runs(runner)
    with page.expect_event("worker") as started:
        runner.start_one_more()
    worker = started.value
    done = [
        name
        for name, text in TRIES.items()
        if worker.evaluate(
            f"async ([there, site]) => {{ try {{ {text}; return true; }}"
            " catch { return false; } }",
            [there, runtime],
        )
    ]
    worker.evaluate("postMessage('leak')")
    assert done == []
    assert asked == []
    assert still_runs(runner)
    assert not any("leak" in text for text in told)
    page.close()


ESCAPES = """
import asyncio, threading, time, urllib.request
import js, pyodide_js
from pyodide.code import run_js

there = "http://{there}/"
tries = [
    lambda: js.fetch,
    lambda: js.self,
    lambda: js.postMessage,
    lambda: run_js("1"),
    lambda: js.constructor.constructor("return this")(),
    lambda: pyodide_js.FS.constructor("return this")(),
    lambda: pyodide_js._module.IDBFS.indexedDB().open("x"),
    lambda: urllib.request.urlopen(there.replace("127.0.0.1", "192.0.2.1")),
    lambda: urllib.request.urlopen("http://example.org/"),
    lambda: asyncio.run(asyncio.open_connection("example.org", 80)),
]
for number, attempt in enumerate(tries):
    try:
        got = attempt()
        print(number, got)
    except Exception:
        pass
try:
    pyodide_js.loadPackage(there + "package.whl")
except RuntimeError:
    pass  # it has begun, but there is no loop for what it returns
thread = threading.Thread(target=time.sleep, args=[1])
thread.start()
thread.join()
print("tried")
"""


def test_python_reaches_no_further(
    chromium: Runner, elsewhere: tuple[str, list[str]]
) -> None:
    """By no way that Pyodide has; what asks for the network gets a note."""
    there, asked = elsewhere
    seen = chromium.run(ESCAPES.replace("{there}", there))
    said = [line for line in seen.stdout.splitlines() if line[:1].isdigit()]
    assert said == []
    assert seen.stdout.endswith("tried\n")
    assert asked == []
    assert all("There is no network here" in note for note in seen.notes)
    assert len(seen.notes) == 2


def test_a_file_is_not_fetched_from_elsewhere(
    chromium: Runner, elsewhere: tuple[str, list[str]]
) -> None:
    """Pyodide's file system would; it is refused, and Python may break over it."""
    there, asked = elsewhere
    lazy = f'createLazyFile("/", "lazy", "http://{there}/lazy", True, False)'
    seen = chromium.run(
        f"import pyodide_js\npyodide_js.FS.{lazy}\nprint(open('/lazy').read())\n"
    )
    assert seen.status != 0
    assert asked == []
    assert still_runs(chromium)

# /// script
# [tool.example]
# needs = ["loopback"]
# ///

"""Thirty lines make a loop: tasks, timers and real sockets."""

import heapq
import socket
import time
from collections.abc import Coroutine, Generator
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector

Event = float | socket.socket  # a moment, or a socket to read from


class Until:
    def __init__(self, event: Event) -> None:
        self.event = event

    def __await__(self) -> Generator[Event, None, None]:
        yield self.event  # out, to the send in run


def run(ready: list[Coroutine[Event, None, None]]) -> None:
    timers: list[tuple[float, int, Coroutine[Event, None, None]]] = []
    with DefaultSelector() as selector:
        while ready or timers or selector.get_map():
            limit = timers[0][0] - time.monotonic() if timers else None
            for key, _ in selector.select(0 if ready else limit):
                selector.unregister(key.fileobj)
                ready.append(key.data)
            while timers and timers[0][0] <= time.monotonic():
                ready.append(heapq.heappop(timers)[2])
            for task in ready:
                with suppress(StopIteration):  # so a task returns
                    event = task.send(None)  # one step
                    if isinstance(event, socket.socket):
                        selector.register(event, EVENT_READ, task)
                    else:
                        heapq.heappush(timers, (event, id(task), task))
            ready.clear()


async def serve(tea: socket.socket) -> None:
    await Until(tea)
    with tea.accept()[0] as guest:
        await Until(time.monotonic() + 0.3)
        guest.send(b"hot tea")


async def buy(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as server:
        await Until(server)
        print("buy: got", server.recv(100).decode())


async def beat(after: float) -> None:
    await Until(time.monotonic() + after)
    print(f"heart: a beat after {after} s")


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as tea:
        run([serve(tea), buy(tea.getsockname()), beat(0.2), beat(0.1)])


if __name__ == "__main__":
    main()

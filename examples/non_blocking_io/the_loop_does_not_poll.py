# /// script
# [tool.example]
# needs = ["loopback", "threads"]
# ///

"""A loop with nothing to do sleeps until the system wakes it."""

import asyncio
import selectors
import socket
import threading


class CountingSelector(selectors.DefaultSelector):
    looks = 0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        self.looks += 1
        return super().select(timeout)


async def wait(sock: socket.socket) -> bytes:
    return await asyncio.get_running_loop().sock_recv(sock, 100)


async def poll(sock: socket.socket) -> bytes:
    while True:
        try:
            return sock.recv(100)
        except BlockingIOError:
            await asyncio.sleep(0)  # and ask again, and again


def in_words(looks: int) -> str:
    if looks < 10:
        return "fewer than 10"
    return "more than 100" if looks > 100 else str(looks)


async def main(selector: CountingSelector) -> None:
    for receive in wait, poll:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            sender = threading.Timer(1, theirs.send, [b"hello"])
            sender.start()
            before = selector.looks
            message = await receive(ours)  # it comes after a second
            looks = in_words(selector.looks - before)
            sender.join()
        print(f"{receive.__name__}: got {message.decode()}")
        print(f"  and looked {looks} times")


if __name__ == "__main__":
    selector = CountingSelector()
    with asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(selector)
    ) as runner:
        runner.run(main(selector))

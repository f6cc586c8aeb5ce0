# /// script
# [tool.example]
# needs = ["loopback", "threads"]
# ///

"""A blocking call in a coroutine stops every other task."""

import asyncio
import socket
import threading
import time
import urllib.request


def slow_server(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(1024)
        time.sleep(1)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello")


async def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as reply:
        text: str = reply.read().decode()
    return text


async def heart() -> None:
    print("heart: starts")
    for beat in 1, 2, 3:
        await asyncio.sleep(0.01)
        print("heart: beat", beat)


async def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        threading.Thread(target=slow_server, args=(listener,)).start()
        beating = asyncio.create_task(heart())
        await asyncio.sleep(0)  # the heart starts, and goes to sleep
        print("main: asks")
        # Nobody else runs before fetch is back.
        reply = await fetch(url)
        print("main: got", reply)
        await beating


if __name__ == "__main__":
    asyncio.run(main())

# /// script
# [tool.example]
# needs = ["loopback"]
# ///

"""A non-blocking socket never waits; a selector says when to ask."""

import selectors
import socket


def main() -> None:
    tea, tea_maker = socket.socketpair()
    coffee, coffee_maker = socket.socketpair()
    with (
        tea,
        tea_maker,
        coffee,
        coffee_maker,
        selectors.DefaultSelector() as selector,
    ):
        for name, cup in ("tea", tea), ("coffee", coffee):
            cup.setblocking(False)
            try:
                cup.recv(100)
            except BlockingIOError:
                print(f"{name}: nothing yet, and recv did not wait")
            selector.register(cup, selectors.EVENT_READ, (name, cup))
        print("ready now:", len(selector.select(timeout=0)))

        for maker in coffee_maker, tea_maker:
            maker.send(b"hot")
            # If neither were ready, the thread would sleep in here.
            for key, _ in selector.select():
                name, cup = key.data
                print(f"{name}: {cup.recv(100).decode()}")


if __name__ == "__main__":
    main()

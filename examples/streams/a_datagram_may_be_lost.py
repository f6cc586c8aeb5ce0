# /// script
# [tool.example]
# needs = ["loopback"]
# ///

"""UDP: a message comes whole or not at all, so ask again."""

import asyncio
from typing import cast

Address = tuple[str, int]


class Shop(asyncio.DatagramProtocol):
    asked = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, sender: Address) -> None:
        self.asked += 1
        if self.asked > 1:  # the first one is lost on the way
            self.transport.sendto(data.upper(), sender)


class Mailbox(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.letters = asyncio.Queue[bytes](maxsize=10)

    def datagram_received(self, data: bytes, sender: Address) -> None:
        if not self.letters.full():
            self.letters.put_nowait(data)


async def main() -> None:
    loop = asyncio.get_running_loop()
    shop, _ = await loop.create_datagram_endpoint(
        Shop,
        local_addr=("127.0.0.1", 0),
    )
    guest, mailbox = await loop.create_datagram_endpoint(
        Mailbox,
        remote_addr=shop.get_extra_info("sockname"),
    )
    try:
        for _ in range(3):
            guest.sendto(b"tea")
            try:
                async with asyncio.timeout(0.2):
                    letter = await mailbox.letters.get()
            except TimeoutError:
                print("guest: no answer, once more")
                continue
            print("guest:", letter.decode())
            break
    finally:
        guest.close()
        shop.close()


if __name__ == "__main__":
    asyncio.run(main())

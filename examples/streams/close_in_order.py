# /// script
# [tool.example]
# needs = ["loopback"]
# ///

"""Take no more guests, serve those who are in, and then leave."""

import asyncio

HOST = "127.0.0.1"
inside: set[asyncio.Task[None]] = set()
ordered = asyncio.Event()


async def serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    task = asyncio.current_task()
    assert task is not None
    inside.add(task)
    try:
        order = await reader.readline()
        ordered.set()
        await asyncio.sleep(0.2)  # the oven
        writer.write(order.upper())
        await writer.drain()
    finally:
        writer.close()
        await writer.wait_closed()
        inside.discard(task)


async def main() -> None:
    server = await asyncio.start_server(
        serve,
        HOST,
        0,
        start_serving=False,
    )
    port = server.sockets[0].getsockname()[1]

    async def visit(name: str) -> None:
        try:
            reader, writer = await asyncio.open_connection(HOST, port)
        except ConnectionRefusedError:
            print(f"{name}: closed")
            return
        writer.write(b"bread\n")
        print(f"{name}:", (await reader.readline()).decode().strip())
        writer.close()
        print(f"{name}: am I leaving?", writer.is_closing())
        await writer.wait_closed()

    print("main: open?", server.is_serving())
    await server.start_serving()
    print("main: open?", server.is_serving())
    async with asyncio.TaskGroup() as guests:
        guests.create_task(visit("Ada"))
        await ordered.wait()
        server.close()
        print("main: closed, with guests inside:", len(inside))
        await visit("Grace")
        await asyncio.gather(*inside, return_exceptions=True)
    await server.wait_closed()
    print("main: guests inside:", len(inside))


if __name__ == "__main__":
    asyncio.run(main())

"""First in, first out; last in, first out; or the smallest first."""

import asyncio


async def main() -> None:
    arrivals = [(2, "Grace"), (3, "Alan"), (1, "Ada")]
    queues: list[asyncio.Queue[tuple[int, str]]] = [
        asyncio.Queue(),
        asyncio.LifoQueue(),
        asyncio.PriorityQueue(),
    ]
    for queue in queues:
        for guest in arrivals:
            queue.put_nowait(guest)
        print(f"{type(queue).__name__}:")
        while not queue.empty():
            number, name = await queue.get()
            print(f"  {number} {name}")


if __name__ == "__main__":
    asyncio.run(main())

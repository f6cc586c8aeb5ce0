"""A semaphore lets two in at a time; a barrier waits for all three."""

import asyncio


class Path:
    def __init__(self) -> None:
        self.bridge = asyncio.BoundedSemaphore(2)
        self.summit = asyncio.Barrier(3)


async def hike(name: str, path: Path) -> None:
    async with path.bridge:  # waits while two are on it
        print(f"{name}: on the bridge")
        await asyncio.sleep(0.1)
    print(f"{name}: over the bridge")
    await path.summit.wait()  # waits until three have come
    print(f"{name}: opens the lunch box")


async def main() -> None:
    path = Path()
    async with asyncio.TaskGroup() as group:
        for name in ("Ada", "Grace", "Alan"):
            group.create_task(hike(name, path), name=name)
    try:
        path.bridge.release()  # nobody is on the bridge
    except ValueError as error:
        print("main:", error)


if __name__ == "__main__":
    asyncio.run(main())

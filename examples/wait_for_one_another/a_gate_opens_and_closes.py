"""An event is a gate: set opens it for all, clear closes it."""

import asyncio


async def visit(guest: str, gate: asyncio.Event) -> None:
    print(f"{guest}: is it open? {gate.is_set()}")
    await gate.wait()  # no wait at all, if it is open
    print(f"{guest}: in")


async def main() -> None:
    gate = asyncio.Event()
    async with asyncio.TaskGroup() as guests:
        guests.create_task(visit("Ada", gate))
        guests.create_task(visit("Grace", gate))
        await asyncio.sleep(0.1)
        print("main: open")
        gate.set()
        await asyncio.sleep(0.1)
        guests.create_task(visit("Alan", gate))
        await asyncio.sleep(0.1)
        print("main: closed for lunch")
        gate.clear()
        guests.create_task(visit("Edsger", gate))
        await asyncio.sleep(0.1)
        print("main: open")
        gate.set()


if __name__ == "__main__":
    asyncio.run(main())

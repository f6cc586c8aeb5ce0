"""Two wait for the same event."""

import asyncio


class Race:
    def __init__(self):
        self.start = asyncio.Event()

    async def run(self, name):
        await self.start.wait()
        print(name)


async def main():
    race = Race()
    async with asyncio.TaskGroup() as group:
        group.create_task(race.run("a"))
        group.create_task(race.run("b"))
        await asyncio.sleep(0.02)
        race.start.set()


asyncio.run(main())

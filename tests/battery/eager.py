"""Eager tasks make their first step at once (Python 3.12)."""

import asyncio

cache = {"home": "<h1>home</h1>"}


async def page(name):
    print("wants", name)
    if name in cache:
        return cache[name]
    await asyncio.sleep(0.02)
    cache[name] = f"<h1>{name}</h1>"
    return cache[name]


async def main():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    async with asyncio.TaskGroup() as group:
        group.create_task(page("home"), name="home")
        group.create_task(page("news"), name="news")
    print(list(cache))


asyncio.run(main())

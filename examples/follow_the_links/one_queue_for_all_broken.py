"""Workers that fill the queue that they empty may all wait for room."""

import asyncio


async def links_on(page: str) -> list[str]:
    await asyncio.sleep(0.1)  # stands for the request
    if page.count("/") == 3:
        return []  # no page is deeper than that
    return [f"{page}{n}/" for n in range(3)]


async def work(name: str, todo: asyncio.Queue[str]) -> None:
    while True:
        page = await todo.get()
        print(f"{name}: checking {page}")
        for link in await links_on(page):
            if todo.full():
                print(f"{name}: waits for room for {link}")
            await todo.put(link)
        todo.task_done()


async def main() -> None:
    todo = asyncio.Queue[str](maxsize=3)
    todo.put_nowait("/")
    async with asyncio.TaskGroup() as group:
        ada = group.create_task(work("Ada", todo), name="Ada")
        bob = group.create_task(work("Bob", todo), name="Bob")
        try:
            async with asyncio.timeout(1):
                await todo.join()  # until all that was put is done
        except TimeoutError:
            print("main: a second later, both still wait")
        ada.cancel()
        bob.cancel()


if __name__ == "__main__":
    asyncio.run(main())

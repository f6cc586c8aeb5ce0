"""A block ends when the last task in it has, whoever made that task."""

import asyncio

FOLDERS = {"home": ["music", "letters"], "music": ["jazz"]}


async def read(folder: str, search: asyncio.TaskGroup) -> None:
    await asyncio.sleep(0.2)  # a slow disk; others run meanwhile
    print("read:", folder)
    for inner in FOLDERS.get(folder, []):
        search.create_task(read(inner, search), name=inner)


async def main() -> None:
    async with asyncio.TaskGroup() as search:
        search.create_task(read("home", search), name="home")
        print("main: at the end of the block")
        # main made one task, and pauses until all four have ended
    print("main: the search is over")


if __name__ == "__main__":
    asyncio.run(main())

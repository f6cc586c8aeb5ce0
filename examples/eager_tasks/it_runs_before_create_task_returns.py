# /// script
# requires-python = ">=3.12"
# ///

"""An eager task runs up to its first wait before you have it."""

import asyncio


async def look_up(word: str, known: dict[str, str]) -> str:
    print(f"{word}: looking")
    if word in known:
        return known[word]  # no wait on this way
    await asyncio.sleep(0.1)
    return "from the library"


async def main() -> None:
    loop = asyncio.get_running_loop()
    known = {"tea": "a drink"}
    print("factory:", loop.get_task_factory())
    loop.set_task_factory(asyncio.eager_task_factory)
    tea = asyncio.create_task(look_up("tea", known))
    print("tea: done already?", tea.done())
    chai = asyncio.create_task(look_up("chai", known))
    print("chai: done already?", chai.done())
    print(await tea, "and", await chai)


if __name__ == "__main__":
    asyncio.run(main())
